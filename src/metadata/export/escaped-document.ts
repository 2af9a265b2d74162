import { OakumError } from '../../errors/oakum-error.ts';
import { resolveReferences } from '../../xml/text.ts';
import { exportOverLimit, invalidExport } from './export-error.ts';
import type { ExportLimits } from './exported-document.ts';

/** The end of a piece that may belong together with the next: half a reference, or CR before LF. */
const UNDECIDED = /(?:&[^;]{0,10}|\r)$/;

/** Escaped text that may be a document begins with an escaped "<". */
const ESCAPED_MARKUP = /^&(?:lt|#0{0,4}60|#x0{0,4}3c);/i;

const WHITE_SPACE = /^[\t\n\r ]+/;

/**
 * Collects the character data of one element, in case that it is a whole document: escaped, in CDATA
 * sections, or in both. Text that does not begin like markup is forgotten at once.
 */
export class EscapedDocument {
  readonly #limits: ExportLimits;
  #decoder = newDecoder();
  #parts: Buffer[] = [];
  #bytes = 0;
  #undecided = '';
  #ignored = false;

  constructor(limits: ExportLimits) {
    this.#limits = limits;
  }

  /**
   * Adds a piece of the text as it stands in the XML.
   *
   * @param kind whether references are to be resolved in it
   * @param offset where the piece stands, for messages
   * @throws OAK_EXPORT_INVALID, OAK_EXPORT_LIMIT
   */
  add(kind: 'text' | 'cdata', bytes: Uint8Array, offset: number): void {
    if (this.#ignored) return;
    const text = this.#takeUndecided() + this.#decode(bytes, offset);
    const undecided = kind === 'cdata' ? /\r$/ : UNDECIDED;
    this.#undecided = undecided.exec(text)?.[0] ?? '';
    this.#read(kind, text.slice(0, text.length - this.#undecided.length), offset);
  }

  /** Other markup stands here: what comes before it and after it does not belong together. */
  interrupt(): void {
    const rest = this.#takeUndecided();
    if (this.#bytes > 0) this.#append(withLineFeeds(rest));
    else if (rest.startsWith('&')) this.#ignored = true;
  }

  /**
   * The element has ended, or another begins.
   *
   * @param offset where that is, for messages
   * @returns what was collected, without white space around it, or nothing
   * @throws OAK_EXPORT_INVALID
   */
  take(offset: number): Buffer | undefined {
    this.interrupt();
    if (!this.#ignored) this.#decode(undefined, offset);
    else this.#decoder = newDecoder();
    const document = this.#bytes === 0 ? undefined : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#ignored = false;
    let end = document?.length ?? 0;
    while (end > 0 && isSpace(document?.[end - 1])) end--;
    return document?.subarray(0, end);
  }

  /** @param bytes nothing where the text must be complete */
  #decode(bytes: Uint8Array | undefined, offset: number): string {
    try {
      return this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw invalidExport(offset, 'The text is not UTF-8.', cause);
    }
  }

  #takeUndecided(): string {
    const undecided = this.#undecided;
    this.#undecided = '';
    return undecided;
  }

  #read(kind: 'text' | 'cdata', text: string, offset: number): void {
    const begun = this.#bytes === 0 ? text.replace(WHITE_SPACE, '') : text;
    if (this.#bytes === 0 && begun !== '') {
      this.#ignored = kind === 'cdata' ? !begun.startsWith('<') : !ESCAPED_MARKUP.test(begun);
    }
    if (this.#ignored) return;
    const lines = withLineFeeds(begun);
    try {
      this.#append(kind === 'cdata' ? lines : resolveReferences(lines));
    } catch (cause) {
      if (!(cause instanceof OakumError) || cause.code !== 'OAK_XML_MALFORMED') throw cause;
      throw invalidExport(offset, cause.message, cause);
    }
  }

  #append(text: string): void {
    if (text === '') return;
    const part = Buffer.from(text);
    this.#bytes += part.length;
    this.#parts.push(part);
    const most = this.#limits.maxDocumentBytes;
    if (this.#bytes > most)
      throw exportOverLimit(`An escaped document is longer than maxDocumentBytes, ${most}.`);
  }
}

const newDecoder = (): TextDecoder => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** XML 1.0, 2.11: a line end of the text is one LF; a CR that is meant is written as a reference. */
const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
