import { inFullBlocks, type Passage } from '../soap/passage.ts';

interface Entry {
  passage: Passage;
  asked: number;
}

/**
 * Parts of answers that were put together before, by what is in them. A fleet asks for few different ones: the
 * pages of a fresh scan, the details of this month's updates. What is asked for again is packed into full
 * blocks between two requests.
 */
export class PassageMemory {
  readonly #maxBytes: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /**
   * @param maxBytes how much may be kept, keys included
   * @param onFailure told when a passage cannot be read, because what is stored is damaged
   */
  constructor(maxBytes: number, onFailure: (error: unknown) => void) {
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
  }

  /** What is kept takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The passage with this key, made if it is not here.
   *
   * @param key names everything that its content depends on
   */
  async get(key: string, make: () => Promise<Passage>): Promise<Passage> {
    const known = this.#entries.get(key);
    if (known !== undefined) return this.#again(key, known);
    const passage = await make();
    this.#put(key, { passage, asked: 1 });
    return passage;
  }

  #again(key: string, entry: Entry): Passage {
    // A Map iterates in the order of insertion: putting it back makes it the youngest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.asked++;
    if (entry.asked === 2) void this.#repack(key, entry);
    return entry.passage;
  }

  async #repack(key: string, entry: Entry): Promise<void> {
    try {
      const passage = await inFullBlocks(entry.passage);
      if (this.#entries.get(key) !== entry) return;
      this.#bytes += passage.blocks.length - entry.passage.blocks.length;
      entry.passage = passage;
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #put(key: string, entry: Entry): void {
    const bytes = bytesOf(key, entry);
    // What alone would take a quarter of the room pushes out too much else; what is empty is quickly made.
    if (entry.passage.blocks.length === 0 || bytes > this.#maxBytes / 4) return;
    const replaced = this.#entries.get(key);
    this.#bytes += bytes - (replaced === undefined ? 0 : bytesOf(key, replaced));
    this.#entries.set(key, entry);
    for (const [oldest, one] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytesOf(oldest, one);
    }
  }
}

/** With the key, which may be as long as what a client lists, and a place in the map. */
function bytesOf(key: string, { passage }: Entry): number {
  return 200 + 2 * key.length + passage.blocks.length;
}
