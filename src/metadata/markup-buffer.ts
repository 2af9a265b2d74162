import { Buffer } from 'node:buffer';
import { QUOTE } from '../xml/characters.ts';

const QUOT = '&quot;';

/** Up to so many bytes a loop is faster than a call of Buffer. */
const SHORT = 32;

/**
 * Markup that grows at its end, in bytes: a fragment of tens of megabytes is copied out of its document piece by
 * piece and never becomes a string, which would take two to four times as much memory.
 */
export class MarkupBuffer {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity bytes that are likely to suffice; memory that is not written to is not taken */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Appends text. */
  text(text: string): void {
    // A character takes three bytes at most: what takes four is two of them.
    this.#reserve(text.length * 3);
    const bytes = this.#bytes;
    let at = this.#length;
    if (text.length <= SHORT) {
      let index = 0;
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        bytes[at++] = code;
      }
      if (index === text.length) {
        this.#length = at;
        return;
      }
    }
    this.#length += bytes.write(text, this.#length);
  }

  /** Appends `source[start, end)`. */
  copy(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start <= SHORT)
      for (let from = start; from < end; from++) this.#bytes[this.#length++] = source[from];
    else this.#length += source.copy(this.#bytes, this.#length, start, end);
  }

  /** Appends `source[start, end)` as what stands between double quotes. */
  copyQuoted(source: Buffer, start: number, end: number): void {
    let from = start;
    for (let at = start; at < end; at++) {
      if (source[at] !== QUOTE) continue;
      this.copy(source, from, at);
      this.text(QUOT);
      from = at + 1;
    }
    this.copy(source, from, end);
  }

  /** Takes back everything from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** The byte at a place that was written. */
  at(index: number): number {
    return this.#bytes[index];
  }

  /** What was written from `start` on to `end`, not to be written to any more. */
  slice(start = 0, end = this.#length): Buffer {
    return this.#bytes.subarray(start, end);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
