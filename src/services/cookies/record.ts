import { Buffer } from 'node:buffer';

/**
 * Fixed-order binary records, the plain text of cookies: no names, no types, nothing that could be
 * interpreted. What is read back has been authenticated, so a short record is a mistake of ours.
 */
export class RecordWriter {
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;

  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.#reserve(2 + length);
    this.#length = this.#bytes.writeUInt16LE(length, this.#length);
    this.#length += this.#bytes.write(value, this.#length);
    return this;
  }

  /** An integer below 2^53: a time in milliseconds, a counter. */
  number(value: number): this {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
    return this;
  }

  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + more));
    this.#bytes.copy(larger);
    this.#bytes = larger;
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
