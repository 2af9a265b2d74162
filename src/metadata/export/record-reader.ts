import { isUtf8 } from 'node:buffer';
import { parseUpdateId, type UpdateId } from '../update-identity.ts';
import { exportOverLimit, invalidExport } from './export-error.ts';
import type { ExportedDocument, ExportLimits } from './exported-document.ts';

const CR = 0x0d;
const LF = 0x0a;
const LESS_THAN = 0x3c;

/** `guid,revision,length,`: 36, 8 and 8 characters, each with a comma. */
const HEADER_BYTES = 55;
const HEADER = /^([^,]{36}),([0-7][0-9a-f]{7}),([0-9a-f]{8}),$/i;

/**
 * Reads metadata.txt, piece by piece. It is one record after the other:
 *
 * ```
 * <UpdateID>,<revision number, 8 hex digits>,<length, 8 hex digits>,<document>CR LF
 * ```
 *
 * The length counts UTF-16 code units (it is the length of a .NET string), while the text is UTF-8. It is
 * what ends a document: documents hold line breaks of their own. Only what is in the document now is kept
 * in memory.
 */
export class RecordReader {
  readonly #limits: ExportLimits;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  /** Where the next byte stands in the text. */
  #offset: number;
  #recordOffset = 0;
  #updateId: UpdateId | undefined;
  #revisionNumber = 0;
  #unitsLeft = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #inDocument = false;

  /** @param offset where the first byte stands in the text, for messages */
  constructor(limits: ExportLimits, offset = 0) {
    this.#limits = limits;
    this.#offset = offset;
  }

  /**
   * Takes the next piece of the text.
   *
   * @throws OAK_EXPORT_INVALID where a header is none, or a length does not lead to a line break
   * @throws OAK_EXPORT_LIMIT where a document is longer than allowed
   */
  *push(chunk: Uint8Array): Generator<ExportedDocument, void> {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inDocument) {
        at = this.#readHeader(chunk, at);
        continue;
      }
      const end = this.#documentEnd(chunk, at);
      this.#keep(chunk.subarray(at, end));
      at = end;
      if (at === chunk.length) return;
      if (chunk[at] !== CR && chunk[at] !== LF) {
        throw invalidExport(this.#offset, `The length of the record at byte ${this.#recordOffset} is wrong.`);
      }
      yield this.#finishDocument();
    }
  }

  /** Says that the text has ended. */
  *end(): Generator<ExportedDocument, void> {
    if (this.#inDocument && this.#unitsLeft === 0) yield this.#finishDocument();
    else if (this.#inDocument || this.#headerFilled > 0) {
      throw invalidExport(this.#offset, `The text ends inside the record at byte ${this.#recordOffset}.`);
    }
  }

  #readHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#headerFilled === 0) {
      while (at < chunk.length && (chunk[at] === CR || chunk[at] === LF)) at++;
      this.#recordOffset = this.#offset + at - from;
    }
    const taken = chunk.subarray(at, at + HEADER_BYTES - this.#headerFilled);
    this.#header.set(taken, this.#headerFilled);
    this.#headerFilled += taken.length;
    at += taken.length;
    this.#offset += at - from;
    if (this.#headerFilled < HEADER_BYTES) return at;

    const [, id, revision, length] = HEADER.exec(this.#header.toString('latin1')) ?? [];
    this.#updateId = parseUpdateId(id ?? '');
    if (this.#updateId === undefined) throw invalidExport(this.#recordOffset, 'There is no record header.');
    this.#revisionNumber = Number.parseInt(revision, 16);
    this.#unitsLeft = Number.parseInt(length, 16);
    // A code unit takes at least one byte.
    this.#checkSize(this.#unitsLeft);
    this.#headerFilled = 0;
    this.#inDocument = true;
    return at;
  }

  /**
   * Counts code units until none is left: one for a character of one to three bytes, two for one of four.
   * Stops before the first byte of the character after the last, which may only show in the next chunk.
   */
  #documentEnd(chunk: Uint8Array, from: number): number {
    let left = this.#unitsLeft;
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if ((byte & 0xc0) === 0x80) continue;
      const units = byte < 0xf0 ? 1 : 2;
      if (left < units) {
        if (left === 1)
          throw invalidExport(this.#offset + at - from, 'The length of the record ends inside a character.');
        break;
      }
      left -= units;
    }
    this.#unitsLeft = left;
    this.#offset += at - from;
    return at;
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#partBytes += part.length;
    this.#checkSize(this.#partBytes);
    this.#parts.push(part);
  }

  #checkSize(bytes: number): void {
    const most = this.#limits.maxDocumentBytes;
    if (bytes <= most) return;
    throw exportOverLimit(
      `The document at byte ${this.#recordOffset} is longer than maxDocumentBytes, ${most}.`,
    );
  }

  #finishDocument(): ExportedDocument {
    const document = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    this.#inDocument = false;
    const updateId = this.#updateId;
    if (updateId === undefined || document[0] !== LESS_THAN) {
      throw invalidExport(this.#recordOffset, 'The record holds no XML document.');
    }
    if (!isUtf8(document))
      throw invalidExport(this.#recordOffset, 'The document of the record is not UTF-8.');
    return { updateId, revisionNumber: this.#revisionNumber, document };
  }
}
