/**
 * A set of small integers that is emptied at the cost of what was put in: one bit each, and a note of which
 * words have any. One is kept per snapshot and used within one synchronous scan at a time.
 */
export class MarkSet {
  readonly #words: Int32Array;
  #touched = new Int32Array(64);
  #count = 0;

  constructor(size: number) {
    this.#words = new Int32Array((size + 31) >>> 5);
  }

  clear(): void {
    const words = this.#words;
    const touched = this.#touched;
    for (let at = 0; at < this.#count; at++) words[touched[at]] = 0;
    this.#count = 0;
  }

  has(member: number): boolean {
    return (this.#words[member >>> 5] & (1 << (member & 31))) !== 0;
  }

  /** Returns false when it was in the set already. Members outside the size are never in it. */
  add(member: number): boolean {
    const at = member >>> 5;
    const word = this.#words[at];
    const bit = 1 << (member & 31);
    if ((word & bit) !== 0) return false;
    if (word === 0) this.#touch(at);
    this.#words[at] = word | bit;
    return true;
  }

  #touch(word: number): void {
    if (this.#count === this.#touched.length) {
      const larger = new Int32Array(this.#count * 2);
      larger.set(this.#touched);
      this.#touched = larger;
    }
    this.#touched[this.#count++] = word;
  }
}
