import { userInfo } from 'node:os';
import type { Caller } from '../admin/caller.ts';

/** Whoever runs the command on this machine. */
export function localCaller(): Caller {
  return { name: `${userName()}@localhost` };
}

/** In a container, a process may run as a number that no account has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
