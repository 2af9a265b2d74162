import { Buffer } from 'node:buffer';

/**
 * Fixed-order binary records, the plain text of cookies: no names, no types, nothing that could be
 * interpreted. What is read back has been authenticated, so a short record is a mistake of ours.
 */
export class RecordWriter {
  readonly #parts: Buffer[] = [];

  text(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16LE(bytes.length, 0);
    this.#parts.push(length, bytes);
    return this;
  }

  /** An integer below 2^53: a time in milliseconds, a counter. */
  number(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value, 0);
    this.#parts.push(bytes);
    return this;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export class RecordReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  text(): string {
    const length = this.#bytes.readUInt16LE(this.#at);
    const start = this.#at + 2;
    this.#at = start + length;
    return this.#bytes.toString('utf8', start, this.#at);
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }
}
