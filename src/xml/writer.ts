import { Buffer } from 'node:buffer';
import { escapeText } from './text.ts';

/** Markup that is kept in another form than its bytes, such as compressed. */
export interface KeptMarkup {
  plain(): Uint8Array;
  /** How many bytes that would be, without making them. */
  readonly plainBytes: number;
}

/** A stretch of a document: well-formed, escaped UTF-8. */
export type Piece = Uint8Array | KeptMarkup;

/**
 * Puts an XML document together from strings and from pieces that are already encoded, such as stored
 * fragments. Strings are joined and encoded once per gap between two pieces, so a page of 200
 * fragments costs 201 encodings and no copy until {@link toBuffer}.
 */
export class XmlWriter {
  /** How an empty element ends: `/>`, or ` />` as classic .NET services write it. */
  readonly emptyEnd: '/>' | ' />';
  readonly #pieces: Piece[] = [];
  #text = '';

  constructor(emptyEnd: '/>' | ' />' = '/>') {
    this.emptyEnd = emptyEnd;
  }

  /** Appends markup that is trusted to be well-formed: constants of the program, never input. */
  markup(markup: string): this {
    this.#text += markup;
    return this;
  }

  /** Appends text, escaped. */
  text(text: string): this {
    this.#text += escapeText(text);
    return this;
  }

  /** Appends what is encoded already. The caller must not change it later. */
  encoded(piece: Piece): this {
    this.#flush();
    this.#pieces.push(piece);
    return this;
  }

  /** Appends an element without content. */
  empty(name: string): this {
    this.#text += `<${name}${this.emptyEnd}`;
    return this;
  }

  /** The pieces in order; those given to {@link encoded} are the very same objects. */
  pieces(): readonly Piece[] {
    this.#flush();
    return this.#pieces;
  }

  /** How many bytes {@link toBuffer} would return. */
  get plainBytes(): number {
    let bytes = 0;
    for (const piece of this.pieces()) bytes += piece instanceof Uint8Array ? piece.length : piece.plainBytes;
    return bytes;
  }

  toBuffer(): Buffer {
    const pieces = this.pieces().map((piece) => (piece instanceof Uint8Array ? piece : piece.plain()));
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined) {
      return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    }
    return Buffer.concat(pieces);
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#pieces.push(Buffer.from(this.#text, 'utf8'));
    this.#text = '';
  }
}
