import { Buffer } from 'node:buffer';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DOCUMENT_MAX_BYTES } from '../metadata/document-limits.ts';

// Below this size a frame's overhead and the time for it outweigh what it saves.
const SMALLEST_PACKED = 1024;

// The first bytes of a zstd frame. No XML and no escaped fragment can begin with them.
const ZSTD_MAGIC = 0xfd2fb528;

// Escaping multiplies a fragment by five at most (in CDATA an ampersand stands for itself), and a fragment may
// be somewhat larger than its document.
const MAX_UNPACKED_BYTES = 6 * DOCUMENT_MAX_BYTES;

/** Bytes as they are stored: as they are when short, else as a zstd frame. */
export function pack(bytes: Buffer): Buffer {
  if (bytes.length < SMALLEST_PACKED) return bytes;
  const packed = zstdCompressSync(bytes);
  return packed.length < bytes.length ? packed : bytes;
}

export function unpack(stored: Uint8Array): Buffer {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== ZSTD_MAGIC) return bytes;
  return zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
}
