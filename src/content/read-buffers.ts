import { BufferPool } from './buffer-pool.ts';
import { BLOCK_BYTES } from './recent-blocks.ts';

const SMALL_BYTES = 256 * 1024;

/** 8 MiB. */
const MAX_LARGE = 16;

/** 16 MiB. */
const MAX_IDLE_SMALL = 64;

/**
 * What files are read into on their way to clients: buffers of a block, as long as few are in use, else smaller ones.
 * A client that takes what it is given has one for a fraction of a millisecond, so there are always enough for those;
 * clients that stall hold 256 KiB each, and 4 MiB more all together.
 */
export class ReadBuffers {
  readonly #large = new BufferPool(BLOCK_BYTES, MAX_LARGE);
  readonly #small = new BufferPool(SMALL_BYTES, MAX_IDLE_SMALL);

  /** A buffer with undefined content; for so many bytes, but it may have more or fewer. */
  take(bytes: number): Buffer {
    const pool = bytes > SMALL_BYTES && this.#large.lent < MAX_LARGE ? this.#large : this.#small;
    return pool.take();
  }

  /** Takes back what {@link take} gave; nobody may read or write it afterwards. */
  give(buffer: Buffer): void {
    (buffer.length === BLOCK_BYTES ? this.#large : this.#small).give(buffer);
  }
}
