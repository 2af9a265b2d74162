import { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OakumError } from '../errors/oakum-error.ts';
import { openCabinet } from '../metadata/cab/cabinet.ts';
import { sourceFromBytes } from '../metadata/cab/cabinet-source.ts';
import { DOCUMENT_MAX_BYTES } from '../metadata/document-limits.ts';
import { readExportPackage } from '../metadata/export/export-package.ts';
import { isSpace } from '../xml/characters.ts';

const UTF16_PIECE_BYTES = 1024 * 1024;

const XML_DECLARATION = Buffer.from('<?xml');

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

/**
 * The files an import of these paths will read, in a stable order.
 *
 * @throws OakumError OAK_IMPORT_PATH for a path that does not exist or a folder that cannot be read
 */
export function importFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) throw new OakumError('OAK_IMPORT_PATH', { detail: `"${path}" does not exist.` });
    try {
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OakumError('OAK_IMPORT_PATH', { detail: `${reason}.`, cause });
    }
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
      yield { name: file, error: asOakumError(error), progress: done(index + 1) };
    }
  }
}

function asOakumError(error: unknown): OakumError {
  if (error instanceof OakumError) return error;
  // What the file system says names the call; anything else is a fault of the program.
  if (!(error instanceof Error) || !('syscall' in error)) throw error;
  return new OakumError('OAK_FILE_UNREADABLE', { detail: `${error.message}.`, cause: error });
}

async function* documentsIn(file: string): AsyncGenerator<SourceDocument> {
  if (/\.xml$/i.test(file)) {
    yield { name: file, bytes: bareDocument(readBounded(file)), progress: 1 };
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
  return entry && bareDocument(cabinet.readWhole(entry, 2 * DOCUMENT_MAX_BYTES));
}

function readBounded(file: string): Buffer {
  checkSize(statSync(file).size);
  return readFileSync(file);
}

function checkSize(bytes: number): void {
  if (bytes <= DOCUMENT_MAX_BYTES) return;
  throw new OakumError('OAK_DOCUMENT_INVALID', {
    detail: `It has ${bytes} bytes; at most ${DOCUMENT_MAX_BYTES} are read.`,
  });
}

/**
 * The document alone, in UTF-8: what a file or a tool adds around it must not make it another one than the
 * same in an export package.
 */
function bareDocument(bytes: Buffer): Buffer {
  const utf8 = asUtf8(bytes);
  let end = utf8.length;
  while (end > 0 && isSpace(utf8[end - 1])) end--;
  return utf8.subarray(0, end);
}

/** UTF-16LE is what Microsoft's tools write besides UTF-8; the byte order mark is optional in blobs. */
function asUtf8(bytes: Buffer): Buffer {
  const mark = bytes.toString('hex', 0, 3);
  if (mark === 'efbbbf') return bytes.subarray(3);
  if (!mark.startsWith('fffe') && !mark.startsWith('3c00')) return bytes;
  const utf8 = withoutDeclaration(fromUtf16(bytes));
  checkSize(utf8.length);
  return utf8;
}

/**
 * Piece by piece: a whole document as a string takes another 200 MB where it is one of 47 MB.
 *
 * @throws OakumError OAK_XML_ENCODING
 */
function fromUtf16(bytes: Buffer): Buffer {
  const decoder = new TextDecoder('utf-16le', { fatal: true });
  const pieces: Buffer[] = [];
  try {
    for (let at = 0; at < bytes.length; at += UTF16_PIECE_BYTES) {
      const piece = bytes.subarray(at, at + UTF16_PIECE_BYTES);
      pieces.push(Buffer.from(decoder.decode(piece, { stream: true })));
    }
    pieces.push(Buffer.from(decoder.decode()));
  } catch (cause) {
    throw new OakumError('OAK_XML_ENCODING', { detail: 'Nor is it valid UTF-16.', cause });
  }
  return Buffer.concat(pieces);
}

/** What an XML declaration says of the encoding is no longer true. */
function withoutDeclaration(utf8: Buffer): Buffer {
  if (!utf8.subarray(0, 5).equals(XML_DECLARATION)) return utf8;
  const declaration = utf8.toString('utf8', 0, utf8.indexOf('>') + 1);
  return /^<\?xml\s[^>]*\?>$/.test(declaration) ? utf8.subarray(utf8.indexOf('>') + 1) : utf8;
}
