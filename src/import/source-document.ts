import { Buffer, isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OakumError } from '../errors/oakum-error.ts';
import { openCabinet } from '../metadata/cab/cabinet.ts';
import { sourceFromBytes } from '../metadata/cab/cabinet-source.ts';
import { DOCUMENT_MAX_BYTES } from '../metadata/document-limits.ts';
import { readExportPackage } from '../metadata/export/export-package.ts';

/** A document found under one of the paths of an import. */
export interface SourceDocument {
  /** Where it was found, for the report. */
  readonly name: string;
  /** UTF-8 bytes; undefined when it could not even be read, see `error`. */
  readonly bytes?: Buffer;
  readonly error?: OakumError;
  /** How much of the whole is done when this one comes out, 0 to 1. */
  readonly progress: number;
}

/** The files an import of these paths will read, in a stable order. */
export function importFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) throw new OakumError('OAK_IMPORT_PATH', { detail: `"${path}" does not exist.` });
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(xml|xml\.gz|cab)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * The update documents in files: single documents (`.xml`), cabinets as servers send them to each other,
 * and `wsusutil export` packages (`.cab`, `.xml.gz`). A file that cannot be read is reported as one
 * rejected document; what stands before the damage is still yielded.
 */
export async function* readSourceDocuments(files: readonly string[]): AsyncGenerator<SourceDocument> {
  const done = (count: number): number => count / files.length;
  for (const [index, file] of files.entries()) {
    try {
      for await (const document of documentsIn(file)) {
        yield { ...document, progress: done(index + document.progress) };
      }
    } catch (error) {
      if (!(error instanceof OakumError)) throw error;
      yield { name: file, error, progress: done(index + 1) };
    }
  }
}

async function* documentsIn(file: string): AsyncGenerator<SourceDocument> {
  if (/\.xml$/i.test(file)) {
    yield { name: file, bytes: asUtf8(readBounded(file)), progress: 1 };
    return;
  }
  const single = /\.cab$/i.test(file) ? singleDocument(file) : undefined;
  if (single !== undefined) {
    yield { name: file, bytes: single, progress: 1 };
    return;
  }
  for await (const { updateId, revisionNumber, document, progress } of readExportPackage(file)) {
    yield { name: `${basename(file)}: ${updateId} revision ${revisionNumber}`, bytes: document, progress };
  }
}

// Servers send a large document as a cabinet with one member named "blob", in UTF-16LE.
function singleDocument(file: string): Buffer | undefined {
  if (statSync(file).size > DOCUMENT_MAX_BYTES) return undefined;
  const cabinet = openCabinet(sourceFromBytes(readFileSync(file)));
  const entry = cabinet.entries.find((one) => one.name === 'blob');
  return entry && asUtf8(cabinet.readWhole(entry, 2 * DOCUMENT_MAX_BYTES));
}

function readBounded(file: string): Buffer {
  const { size } = statSync(file);
  if (size > DOCUMENT_MAX_BYTES) {
    throw new OakumError('OAK_DOCUMENT_INVALID', {
      detail: `It has ${size} bytes; at most ${DOCUMENT_MAX_BYTES} are read.`,
    });
  }
  return readFileSync(file);
}

/** UTF-16LE is what Microsoft's tools write besides UTF-8; the byte order mark is optional in blobs. */
function asUtf8(bytes: Buffer): Buffer {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x3c && bytes[1] === 0);
  if (!utf16) return isUtf8(bytes) && bytes[0] === 0xef ? bytes.subarray(3) : bytes;
  return Buffer.from(bytes.toString('utf16le', bytes[0] === 0xff ? 2 : 0));
}
