/** Bytes of one block, and of the largest read. */
export const BLOCK_BYTES = 512 * 1024;

/** 8,192 blocks are 4 GiB of files; remembering them takes about 1 MB. */
const MAX_BLOCKS = 8192;

/** Milliseconds after which a block nobody read again may have left the memory of the system. */
const TRUSTED_FOR = 60_000;

/** A read from memory takes 0.1 ms. One of so many milliseconds has waited for the medium, or for a processor. */
const SLOW_READ = 5;

/** Milliseconds without reads on the event loop after a slow one. */
const SUSPENDED_FOR = 1000;

/**
 * Remembers which blocks of files were read a short while ago: the system still holds them in its page cache, and
 * reading them again is copying memory. That is done sooner on the event loop than by a thread of the pool, whose
 * waking alone costs as much (measured: 500 µs of CPU time for a range of 1 MiB by threads, 250 µs without).
 *
 * It is a guess, because Node.js cannot ask the system. A wrong one blocks the loop for one read of a block, which
 * {@link RecentBlocks.readTook} notices: then everything is forgotten, and nothing is guessed for a second.
 *
 * Blocks of files that every computer fetches are read again within seconds. One computer alone, reading a file from
 * its beginning to its end, finds none.
 */
export class RecentBlocks {
  readonly #now: () => number;
  readonly #readAt = new Map<string, number>();
  #suspendedUntil = -Infinity;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether all bytes from `start` to `end` (exclusive) were read a short while ago. */
  has(file: string, start: number, end: number): boolean {
    const now = this.#now();
    if (now < this.#suspendedUntil) return false;
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < end; block++) {
      const readAt = this.#readAt.get(`${file}:${block}`);
      if (readAt === undefined || now - readAt > TRUSTED_FOR) return false;
    }
    return true;
  }

  /**
   * Notes that the bytes from `start` to `end` (exclusive) were read. Only blocks that lie in between as a whole count.
   *
   * @param size of the file; its last block may be short.
   */
  note(file: string, start: number, end: number, size: number): void {
    const now = this.#now();
    for (let block = Math.ceil(start / BLOCK_BYTES); block * BLOCK_BYTES < end; block++) {
      if (end < Math.min((block + 1) * BLOCK_BYTES, size)) return;
      const key = `${file}:${block}`;
      // Behind all others in the order of the map: the first one is the one read longest ago.
      this.#readAt.delete(key);
      this.#readAt.set(key, now);
    }
    while (this.#readAt.size > MAX_BLOCKS) {
      const [oldest] = this.#readAt.keys();
      this.#readAt.delete(oldest);
    }
  }

  /** Told how many milliseconds a read on the event loop has taken. */
  readTook(milliseconds: number): void {
    if (milliseconds < SLOW_READ) return;
    this.#readAt.clear();
    this.#suspendedUntil = this.#now() + SUSPENDED_FOR;
  }
}
