import { userInfo } from 'node:os';
import type { Caller } from '../admin/caller.ts';

/** Whoever runs the command on this machine. */
export function localCaller(): Caller {
  return { name: `${userInfo().username}@localhost` };
}
