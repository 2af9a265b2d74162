import { OakumError } from '../errors/oakum-error.ts';

/** What {@link Direct2Reader.next} returns when the element is not a data byte. */
export const MATCH = -1;
export const END = -2;

const FIRST_BIT = 0x80000000 | 0;
const NONE = -1;

/**
 * Reads back what a Direct2Writer has written ([MS-WUSP] 2.1.1.1.2, [MS-XCA] 2.4.4), never beyond the end of
 * the payload. Whether a match stays inside the output is for the caller to check.
 */
export class Direct2Reader {
  readonly #input: Uint8Array;
  readonly #end: number;
  #at: number;
  #mask = 0;
  #bit = 0;
  /** The shared byte whose high nibble is still unread, if any. */
  #sharedAt = NONE;

  /** The match that {@link next} has read last, in bytes. */
  length = 0;
  distance = 0;

  /** Reads the payload from `start` up to, not including, `end`. */
  constructor(input: Uint8Array, start: number, end: number) {
    this.#input = input;
    this.#at = start;
    this.#end = end;
  }

  /**
   * Returns a data byte, {@link MATCH} or {@link END}. The end is a "1" bit with nothing behind the mask.
   *
   * @throws OakumError OAK_XPRESS_INVALID: the payload breaks off, or a length contradicts itself
   */
  next(): number {
    this.#bit >>>= 1;
    if (this.#bit === 0) {
      this.#mask = this.#uint16() | (this.#uint16() << 16);
      this.#bit = FIRST_BIT;
    }
    if ((this.#mask & this.#bit) === 0) return this.#uint8();
    if (this.#at === this.#end) return END;
    const metadata = this.#uint16();
    this.distance = (metadata >>> 3) + 1;
    this.length = (metadata & 0b111) + 3;
    if (this.length === 10) this.length += this.#extendLength();
    return MATCH;
  }

  /** [MS-WUSP] 2.1.1.1.2, Match Length: what comes on top of 10 bytes. */
  #extendLength(): number {
    const nibble = this.#nibble();
    if (nibble < 15) return nibble;
    const byte = this.#uint8();
    if (byte < 255) return 15 + byte;
    // All of the length, less three. A zero announces 32 bits ([MS-XCA] 2.4.4); blocks of up to 64 KiB never do.
    const whole = this.#uint16() || this.#uint32();
    if (whole < 7 + 15) throw this.#invalid('length is too small for its field');
    return whole - 7;
  }

  #nibble(): number {
    if (this.#sharedAt === NONE) {
      this.#sharedAt = this.#at;
      return this.#uint8() & 0b1111;
    }
    const shared = this.#input[this.#sharedAt];
    this.#sharedAt = NONE;
    return shared >>> 4;
  }

  #uint8(): number {
    if (this.#at === this.#end) throw this.#invalid('block breaks off');
    return this.#input[this.#at++];
  }

  #uint16(): number {
    return this.#uint8() | (this.#uint8() << 8);
  }

  #uint32(): number {
    return this.#uint16() + this.#uint16() * 0x10000;
  }

  #invalid(what: string): OakumError {
    return new OakumError('OAK_XPRESS_INVALID', { detail: `At byte ${this.#at} the ${what}.` });
  }
}
