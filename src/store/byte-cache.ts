/** Keeps the most recently used byte strings up to a total size. */
export class ByteCache<K> {
  readonly #entries = new Map<K, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is kept takes, keys aside. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: K): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      // A Map iterates in the order of insertion: putting it back makes it the youngest.
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Remembers an entry, unless it alone would take more than a quarter of the room. */
  set(key: K, value: Uint8Array): void {
    this.#bytes -= this.#entries.get(key)?.length ?? 0;
    this.#entries.delete(key);
    if (value.length > this.#maxBytes / 4) return;
    this.#bytes += value.length;
    this.#entries.set(key, value);
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.length;
    }
  }
}
