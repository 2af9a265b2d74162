/** A match costs two bytes or more, so that a shorter one would not pay ([MS-WUSP] 2.1.1.1.1). */
export const MIN_MATCH = 3;

/** How far back a match can reach: its offset has 13 bits and no extension ([MS-WUSP] 2.1.1.1.2). */
export const WINDOW = 8192;

/** Room that one element can take: the longest match and the mask reserved behind it. */
export const ELEMENT_BYTES = 2 + 1 + 1 + 2 + 4;

/** The length fields. Each, filled with ones, says that the length goes on in the next. */
const INLINE_FULL = 0b111;
const NIBBLE_FULL = 0b1111;
const BYTE_FULL = 0xff;

const FIRST_BIT = 0x80000000 | 0;
const NONE = -1;

/**
 * Serialises data bytes and matches with the DIRECT2 encoding algorithm ([MS-WUSP] 2.1.1.1.2; [MS-XCA]
 * calls it plain LZ77). Nothing is checked, because this runs for every element of every answer: the caller
 * keeps {@link ELEMENT_BYTES} of room ahead.
 *
 * One writer serves any number of blocks, one after the other.
 */
export class Direct2Writer {
  #output: Uint8Array = new Uint8Array();
  #at = 0;
  #maskAt = 0;
  #mask = 0;
  #bit = FIRST_BIT;
  /** The shared byte whose high nibble is still free, if any. */
  #sharedAt = NONE;

  /** Starts a block at offset `at` of `output`. */
  begin(output: Uint8Array, at: number): void {
    this.#output = output;
    this.#at = at;
    this.#sharedAt = NONE;
    this.#reserveMask();
  }

  /** Offset behind what is written so far. */
  get position(): number {
    return this.#at;
  }

  literal(byte: number): void {
    this.#output[this.#at++] = byte;
    this.#mask ^= this.#bit;
    this.#nextBit();
  }

  /**
   * @param length {@link MIN_MATCH} to 65,538 bytes
   * @param distance 1 to {@link WINDOW} bytes back, written as its first complement
   */
  match(length: number, distance: number): void {
    const rest = length - MIN_MATCH;
    this.#uint16(((distance - 1) << 3) | Math.min(rest, INLINE_FULL));
    if (rest >= INLINE_FULL) this.#extendLength(rest);
    this.#nextBit();
  }

  /** Completes the block and returns the offset behind it. */
  end(): number {
    this.#writeMask();
    return this.#at;
  }

  /** [MS-WUSP] 2.1.1.1.2, Match Length. */
  #extendLength(rest: number): void {
    const inNibble = rest - INLINE_FULL;
    this.#nibble(Math.min(inNibble, NIBBLE_FULL));
    if (inNibble < NIBBLE_FULL) return;
    const inByte = inNibble - NIBBLE_FULL;
    this.#output[this.#at++] = Math.min(inByte, BYTE_FULL);
    // The last field is not additive: it holds all of the length, less three.
    if (inByte >= BYTE_FULL) this.#uint16(rest);
  }

  /** Every other long match finds its nibble in the byte that the long match before it has added. */
  #nibble(value: number): void {
    if (this.#sharedAt === NONE) {
      this.#sharedAt = this.#at;
      this.#output[this.#at++] = value;
    } else {
      this.#output[this.#sharedAt] |= value << 4;
      this.#sharedAt = NONE;
    }
  }

  #uint16(value: number): void {
    this.#output[this.#at++] = value;
    this.#output[this.#at++] = value >>> 8;
  }

  /** A full mask reserves the next one at once: there is always a bit left to mark the end. */
  #nextBit(): void {
    this.#bit >>>= 1;
    if (this.#bit !== 0) return;
    this.#writeMask();
    this.#reserveMask();
  }

  /**
   * Masks start as ones, and data bytes clear theirs. So the end mark, and the ones that [MS-XCA] 2.3.4 wants
   * behind it, need no code.
   */
  #reserveMask(): void {
    this.#maskAt = this.#at;
    this.#at += 4;
    this.#mask = -1;
    this.#bit = FIRST_BIT;
  }

  #writeMask(): void {
    const output = this.#output;
    output[this.#maskAt] = this.#mask;
    output[this.#maskAt + 1] = this.#mask >>> 8;
    output[this.#maskAt + 2] = this.#mask >>> 16;
    output[this.#maskAt + 3] = this.#mask >>> 24;
  }
}
