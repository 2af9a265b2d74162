import { Buffer } from 'node:buffer';

/**
 * Bytes put together in memory of their own, for what is kept. Node.js cuts short buffers out of slabs of 64 KiB,
 * and one that is kept keeps its whole slab: ten thousand short ones would take fifty times what they say.
 */
export function ownBytes(...pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const own = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const piece of pieces) {
    own.set(piece, at);
    at += piece.length;
  }
  return own;
}
