/**
 * A map that keeps what was used lately: at least half as many entries as it may hold, at most all of them.
 *
 * Two generations instead of a chain of uses: a Map whose oldest entry is deleted again and again looks at
 * every deleted one each time it is asked for the next.
 */
export class RecentMap<Value> {
  readonly #half: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** @param kept entries it may hold */
  constructor(kept: number) {
    this.#half = Math.ceil(kept / 2);
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
