/**
 * A set of small integers that is emptied in no time: each member carries the number of the round it
 * was added in. One is kept per snapshot and used within one synchronous scan at a time.
 */
export class MarkSet {
  readonly #rounds: Uint32Array;
  #round = 1;

  constructor(size: number) {
    this.#rounds = new Uint32Array(size);
  }

  clear(): void {
    if (++this.#round < 0xffff_ffff) return;
    this.#rounds.fill(0);
    this.#round = 1;
  }

  has(member: number): boolean {
    return this.#rounds[member] === this.#round;
  }

  /** Returns false when it was in the set already. */
  add(member: number): boolean {
    if (this.#rounds[member] === this.#round) return false;
    this.#rounds[member] = this.#round;
    return true;
  }
}
