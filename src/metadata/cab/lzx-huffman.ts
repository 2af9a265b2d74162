import { invalidCabinet } from './cabinet-error.ts';

/** The longest code of any tree in LZX. */
const MAX_CODE_BITS = 16;

/**
 * A canonical Huffman code, most significant bit first, as a table over its first bits. Codes longer than
 * that are rare and found by comparing with the first code of each length.
 *
 * A table entry is `symbol << 5 | length`, so that one look-up gives both; 0 means "not in the table".
 */
export class HuffmanTable {
  /** How many bits index {@link root}. */
  readonly rootBits: number;
  readonly root: Uint16Array;
  readonly #count = new Uint16Array(MAX_CODE_BITS + 1);
  readonly #first = new Uint32Array(MAX_CODE_BITS + 1);
  /** Where the symbols of each length begin in {@link #sorted}. */
  readonly #start = new Uint16Array(MAX_CODE_BITS + 1);
  readonly #sorted: Uint16Array;

  constructor(symbols: number, rootBits: number) {
    this.rootBits = rootBits;
    this.root = new Uint16Array(1 << rootBits);
    this.#sorted = new Uint16Array(symbols);
  }

  /**
   * Takes the code over from its lengths, one per symbol, 0 for a symbol that does not occur.
   *
   * A code that leaves bits unused is accepted, as an empty or one-symbol tree must be; meeting such bits
   * fails in {@link long}. One that uses bits twice is refused.
   */
  build(lengths: Uint8Array): void {
    const [count, first, start, sorted] = [this.#count, this.#first, this.#start, this.#sorted];
    count.fill(0);
    for (const length of lengths) count[length]++;
    count[0] = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      first[length] = (first[length - 1] + count[length - 1]) << 1;
      start[length] = start[length - 1] + count[length - 1];
      if (first[length] + count[length] > 1 << length)
        throw invalidCabinet('An LZX tree is over-subscribed.');
    }

    const next = start.slice();
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== 0) sorted[next[lengths[symbol]]++] = symbol;
    }

    this.root.fill(0);
    for (let length = 1; length <= this.rootBits; length++) {
      const width = 1 << (this.rootBits - length);
      let at = first[length] * width;
      for (let index = start[length]; index < start[length] + count[length]; index++) {
        this.root.fill((sorted[index] << 5) | length, at, at + width);
        at += width;
      }
    }
  }

  /**
   * The entry for a code that is longer than {@link rootBits}.
   *
   * @param bits the next 16 bits
   */
  long(bits: number): number {
    for (let length = this.rootBits + 1; length <= MAX_CODE_BITS; length++) {
      const index = (bits >>> (MAX_CODE_BITS - length)) - this.#first[length];
      // A smaller code cannot occur here: its first bits would have been in the table.
      if (index < this.#count[length]) return (this.#sorted[this.#start[length] + index] << 5) | length;
    }
    throw invalidCabinet('LZX data uses a code that its tree does not have.');
  }
}
