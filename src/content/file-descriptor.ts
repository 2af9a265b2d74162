import { close, fstat, fsync, futimes, open, read, write } from 'node:fs';
import { promisify } from 'node:util';

/**
 * The descriptor functions of node:fs as promises. Not `FileHandle`, because one that is collected before it was
 * closed ends the process (an uncaught exception since Node.js 25): a caller who forgets a reader or writer would
 * then stop the server, instead of costing one descriptor. Both read equally fast.
 */
export const descriptor = {
  open: promisify(open),
  /** Size and times. */
  stat: promisify(fstat),
  /** Resolves to an object with `bytesRead`, which may be less than asked for. */
  read: promisify(read),
  /** Resolves to an object with `bytesWritten`, which may be less than given. */
  write: promisify(write<Uint8Array>),
  setTimes: promisify(futimes),
  /** To the medium. */
  sync: promisify(fsync),
  close: promisify(close),
} as const;
