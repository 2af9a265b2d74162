import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes what was created in, renamed in or removed from a folder survive a power cut. */
export function syncFolder(path: string): void {
  // Windows cannot open a folder for this and orders its metadata in a journal.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
