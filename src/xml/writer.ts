import { Buffer } from 'node:buffer';
import { escapeText } from './text.ts';

/**
 * Puts an XML document together from strings and from bytes that are already encoded, such as stored
 * fragments. Strings are joined and encoded once per gap between two byte pieces, so a page of 200
 * fragments costs 201 encodings and no copy until {@link toBuffer}.
 */
export class XmlWriter {
  /** How an empty element ends: `/>`, or ` />` as classic .NET services write it. */
  readonly emptyEnd: '/>' | ' />';
  readonly #pieces: Uint8Array[] = [];
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

  /** Appends bytes that already are well-formed, escaped UTF-8. The caller must not change them later. */
  encoded(bytes: Uint8Array): this {
    this.#flush();
    this.#pieces.push(bytes);
    return this;
  }

  /** Appends an element without content. */
  empty(name: string): this {
    this.#text += `<${name}${this.emptyEnd}`;
    return this;
  }

  /** The pieces in order; those given to {@link encoded} are the very same objects. */
  pieces(): readonly Uint8Array[] {
    this.#flush();
    return this.#pieces;
  }

  toBuffer(): Buffer {
    const pieces = this.pieces();
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
