import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { OakumError } from '../../errors/oakum-error.ts';
import { sourceFromFile } from '../cab/cabinet-source.ts';
import { openCabinet } from '../cab/cabinet.ts';
import { exportOverLimit, invalidExport } from './export-error.ts';

/** The text of an export package, or of one member of it, as a stream of bytes. */
export interface ExportSource {
  /** Opens the file when it is iterated, and closes it when the iteration ends, however it ends. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How much of it has been read, 0 to 1. */
  progress(): number;
}

/** Unpacking never yields to other work by itself: a turn for that after so many chunks of 32 KiB. */
const CHUNKS_PER_TURN = 16;

/** @returns which of the two forms the file has, by its first bytes */
export function exportForm(path: string): 'cabinet' | 'gzip' {
  using file = sourceFromFile(path);
  const magic = Buffer.from(file.read(0, 4)).toString('hex');
  if (magic === '4d534346') return 'cabinet';
  if (magic.startsWith('1f8b')) return 'gzip';
  throw invalidExport(0, 'The file is neither a cabinet nor compressed with gzip.');
}

/** @param names the member to read: the first of these that the cabinet holds */
export function cabinetMember(
  path: string,
  names: readonly string[],
  maxUnpackedBytes: number,
): ExportSource {
  let [read, size] = [0, 0];
  const chunks = async function* (): AsyncGenerator<Uint8Array, void> {
    using file = sourceFromFile(path);
    const cabinet = openCabinet(file, { maxUnpackedBytes });
    const entry = names.map((name) => cabinet.find(name)).find((found) => found !== undefined);
    if (entry === undefined) throw invalidExport(0, `The cabinet holds no ${names.join(' and no ')}.`);
    [read, size] = [0, entry.size];
    let turn = 0;
    for (const chunk of cabinet.read(entry)) {
      read += chunk.length;
      yield chunk;
      if (++turn % CHUNKS_PER_TURN === 0) await setImmediate();
    }
  };
  return { chunks: { [Symbol.asyncIterator]: chunks }, progress: () => (size === 0 ? 1 : read / size) };
}

/** @throws from the iteration OAK_EXPORT_LIMIT where more than `maxUnpackedBytes` come out */
export function gunzippedFile(path: string, maxUnpackedBytes: number): ExportSource {
  let [read, size] = [0, 0];
  const chunks = async function* (): AsyncGenerator<Uint8Array, void> {
    {
      using file = sourceFromFile(path);
      size = file.size;
    }
    const packed = createReadStream(path, { highWaterMark: 262_144 });
    // Errors of either come out of the last stream, where the iteration meets them.
    const unpacked = pipeline(packed, createGunzip({ chunkSize: 262_144 }), () => {});
    let total = 0;
    try {
      for await (const chunk of unpacked as AsyncIterable<Buffer>) {
        total += chunk.length;
        read = packed.bytesRead;
        if (total > maxUnpackedBytes) {
          throw exportOverLimit(`It unpacks to more than maxUnpackedBytes, ${maxUnpackedBytes}.`);
        }
        yield chunk;
      }
    } catch (cause) {
      throw asOakumError(cause, path, total);
    }
  };
  return { chunks: { [Symbol.asyncIterator]: chunks }, progress: () => (size === 0 ? 1 : read / size) };
}

function asOakumError(cause: unknown, path: string, offset: number): unknown {
  if (!(cause instanceof Error) || cause instanceof OakumError) return cause;
  // What zlib reports has a code such as Z_DATA_ERROR; the rest comes from the file system.
  if ('code' in cause && String(cause.code).startsWith('Z_')) {
    return invalidExport(offset, `The gzip data is damaged or cut off: ${cause.message}.`);
  }
  return new OakumError('OAK_FILE_UNREADABLE', { detail: `${path}: ${cause.message}`, cause });
}

/**
 * UTF-8 as it is; UTF-16LE, known by its byte order mark, as UTF-8.
 *
 * @throws OAK_EXPORT_INVALID for UTF-16 in the other order, and for halves of surrogate pairs
 */
export async function* asUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let decoder: TextDecoder | undefined;
  let head: Uint8Array | undefined = new Uint8Array(0);
  let offset = 0;
  for await (let chunk of chunks) {
    if (head !== undefined) {
      chunk = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (chunk.length < 2) {
        head = chunk;
        continue;
      }
      head = undefined;
      if (chunk[0] === 0xfe && chunk[1] === 0xff) throw invalidExport(0, 'The text is big-endian UTF-16.');
      if (chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder('utf-16le', { fatal: true });
    }
    yield decoder === undefined ? chunk : transcode(decoder, offset, chunk);
    offset += chunk.length;
  }
  if (head !== undefined && head.length > 0) yield head;
  if (decoder !== undefined) yield transcode(decoder, offset);
}

/** @param chunk nothing at the end of the text */
function transcode(decoder: TextDecoder, offset: number, chunk?: Uint8Array): Buffer {
  try {
    return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }));
  } catch {
    throw invalidExport(offset, 'The text is not valid UTF-16.');
  }
}
