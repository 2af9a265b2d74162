import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbsent } from '../../content/store-error.ts';
import { OakumError } from '../../errors/oakum-error.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface CopiedFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly digest: string;
}

/** Copies a file so that only its owner may read the copy, and synchronises it. What is read is what is hashed. */
export async function copyFile(from: string, to: string): Promise<CopiedFile> {
  await using source = await opened(from);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await using target = await open(to, 'w', 0o600);
  const copied = await eachChunk(source, 'sha256', async (chunk) => {
    for (let at = 0; at < chunk.length;) at += (await target.write(chunk, at)).bytesWritten;
  });
  await target.sync();
  return copied;
}

/** Reads a file to its end. */
export async function digestFile(path: string, algorithm: 'sha1' | 'sha256'): Promise<CopiedFile> {
  await using source = await opened(path);
  return await eachChunk(source, algorithm, async () => {});
}

async function eachChunk(
  source: FileHandle,
  algorithm: string,
  take: (chunk: Buffer) => Promise<void>,
): Promise<CopiedFile> {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES);
    if (bytesRead === 0) return { bytes, digest: hash.digest('hex') };
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await take(chunk);
    bytes += bytesRead;
  }
}

/** Absence is an answer; whatever else keeps a file from being read is for the administrator. */
async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (isAbsent(cause)) throw cause;
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${(cause as Error).message}.`, cause });
  }
}
