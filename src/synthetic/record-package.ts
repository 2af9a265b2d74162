import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OakumError } from '../errors/oakum-error.ts';
import type { SyntheticDocument } from './synthetic-catalogue.ts';

/**
 * Writes documents into one file that `oakum import` reads: the records of an export package, compressed
 * with gzip. One file, because a million of them would take a file system longer than anything else.
 *
 * @param path ends in `.xml.gz`, by which packages are found in folders
 * @throws OakumError OAK_FILE_UNWRITABLE
 */
export async function writeRecordPackage(
  path: string,
  documents: Iterable<SyntheticDocument>,
): Promise<void> {
  try {
    await pipeline(Readable.from(records(documents)), createGzip({ level: 1 }), createWriteStream(path));
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new OakumError('OAK_FILE_UNWRITABLE', { detail: `${cause.message}.`, cause });
  }
}

/** `<UpdateID>,<revision number>,<length in UTF-16 units>,<document>CR LF`, numbers in eight hex digits. */
function* records(documents: Iterable<SyntheticDocument>): Generator<Buffer> {
  for (const { spec, bytes } of documents) {
    const length = bytes.toString('utf8').length;
    yield Buffer.from(`${spec.updateId},${hex(spec.revisionNumber)},${hex(length)},`);
    yield bytes;
    yield Buffer.from('\r\n');
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
