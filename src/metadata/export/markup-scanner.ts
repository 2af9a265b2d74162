import { exportOverLimit, invalidExport } from './export-error.ts';

/**
 * One piece of markup, as a range of {@link MarkupScanner.bytes}. Pieces follow each other without gaps.
 *
 * - `open`, `close`, `empty`: one whole tag
 * - `text`, `cdata`: character data, or a part of it
 * - `other`: comments, processing instructions and the brackets of CDATA sections, or a part of them
 */
export interface Markup {
  readonly kind: 'open' | 'close' | 'empty' | 'text' | 'cdata' | 'other';
  readonly start: number;
  readonly end: number;
}

/** Longest tag. The longest of a real export has 449 bytes. */
const MAX_TAG_BYTES = 2 ** 20;

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const SLASH = 0x2f;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const EXCLAMATION = 0x21;
const QUESTION = 0x3f;

const COMMENT = Buffer.from('<!--');
const CDATA = Buffer.from('<![CDATA[');

/** Constructs that may be longer than memory, what they end with, and what their inside is. */
const SPANS = {
  comment: { close: Buffer.from('-->'), kind: 'other' },
  cdata: { close: Buffer.from(']]>'), kind: 'cdata' },
  instruction: { close: Buffer.from('?>'), kind: 'other' },
} as const;

/**
 * Cuts UTF-8 XML into tags and text without decoding it, piece by piece: just enough to find where one
 * element begins and ends in a stream of gigabytes. It checks nothing about names, attributes and nesting.
 */
export class MarkupScanner {
  #bytes: Buffer = Buffer.alloc(0);
  /** What {@link push} has not handed out, for the next chunk. */
  #rest: Buffer = Buffer.alloc(0);
  /** Where {@link bytes} begins in the text. */
  #offset: number;
  #span: keyof typeof SPANS | undefined;

  /** @param offset where the first byte stands in the text, for messages */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** What the ranges of {@link push} are ranges of; another buffer after every push. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** @returns where the byte at `index` of {@link bytes} stands in the text */
  offsetOf(index: number): number {
    return this.#offset + index;
  }

  /**
   * Takes the next piece of the text, which must not be overwritten while ranges of it are in use.
   *
   * @throws OAK_EXPORT_INVALID for a document type declaration: none is ever read
   * @throws OAK_EXPORT_LIMIT for a tag of more than 1 MiB
   */
  *push(chunk: Uint8Array): Generator<Markup, void> {
    this.#offset += this.#bytes.length - this.#rest.length;
    this.#bytes = this.#rest.length === 0 ? bufferOver(chunk) : Buffer.concat([this.#rest, chunk]);
    this.#rest = this.#bytes.subarray(this.#bytes.length);
    let start = 0;
    while (start < this.#bytes.length) {
      const markup = this.#next(start);
      if (markup === undefined) {
        this.#rest = this.#bytes.subarray(start);
        return;
      }
      start = markup.end;
      yield markup;
    }
  }

  /** Says that the text has ended. @throws OAK_EXPORT_INVALID inside a tag, comment or the like */
  end(): void {
    if (this.#rest.length > 0 || this.#span !== undefined) {
      throw invalidExport(this.#offset + this.#bytes.length, 'The text ends inside a tag.');
    }
  }

  #next(start: number): Markup | undefined {
    if (this.#span !== undefined) return this.#inSpan(start, this.#span);
    const bytes = this.#bytes;
    if (bytes[start] !== LESS_THAN) {
      const tag = bytes.indexOf(LESS_THAN, start);
      return { kind: 'text', start, end: tag < 0 ? bytes.length : tag };
    }
    switch (bytes[start + 1]) {
      case undefined:
        return undefined;
      case QUESTION:
        return this.#openSpan('instruction', start, 2);
      case EXCLAMATION:
        return this.#declaration(start);
      case SLASH: {
        const close = bytes.indexOf(GREATER_THAN, start);
        return close < 0 ? this.#unfinishedTag(start) : { kind: 'close', start, end: close + 1 };
      }
      default:
        return this.#tag(start);
    }
  }

  #declaration(start: number): Markup | undefined {
    const head = this.#bytes.subarray(start, start + CDATA.length);
    if (head.subarray(0, COMMENT.length).equals(COMMENT))
      return this.#openSpan('comment', start, COMMENT.length);
    if (head.equals(CDATA)) return this.#openSpan('cdata', start, CDATA.length);
    if (CDATA.subarray(0, head.length).equals(head) || COMMENT.subarray(0, head.length).equals(head))
      return undefined;
    throw invalidExport(this.offsetOf(start), 'A document type declaration is not allowed.');
  }

  #openSpan(span: keyof typeof SPANS, start: number, length: number): Markup {
    this.#span = span;
    return { kind: 'other', start, end: start + length };
  }

  #inSpan(start: number, span: keyof typeof SPANS): Markup | undefined {
    const { close, kind } = SPANS[span];
    const at = this.#bytes.indexOf(close, start);
    if (at === start) {
      this.#span = undefined;
      return { kind: 'other', start, end: start + close.length };
    }
    // The last bytes may be the beginning of the end.
    const end = at < 0 ? this.#bytes.length - close.length + 1 : at;
    return end > start ? { kind, start, end } : undefined;
  }

  /** A ">" inside an attribute value does not end a tag. */
  #tag(start: number): Markup | undefined {
    const bytes = this.#bytes;
    let at = start + 1;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte === GREATER_THAN)
        return { kind: bytes[at - 1] === SLASH ? 'empty' : 'open', start, end: at + 1 };
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        at = bytes.indexOf(byte, at + 1);
        if (at < 0) break;
      }
      at++;
    }
    return this.#unfinishedTag(start);
  }

  #unfinishedTag(start: number): undefined {
    if (this.#bytes.length - start > MAX_TAG_BYTES) {
      throw exportOverLimit(`The tag at byte ${this.offsetOf(start)} is longer than ${MAX_TAG_BYTES} bytes.`);
    }
  }
}

const bufferOver = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
