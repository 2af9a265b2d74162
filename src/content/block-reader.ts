import { readSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';
import { descriptor } from './file-descriptor.ts';
import { LoopTurns } from './loop-turns.ts';
import type { FileLease } from './open-files.ts';
import { ReadBuffers } from './read-buffers.ts';
import { BLOCK_BYTES, RecentBlocks } from './recent-blocks.ts';
import { Slots } from './slots.ts';
import { storeError } from './store-error.ts';

/** Bytes of a chunk that the consumer may keep. */
const KEPT_BYTES = 256 * 1024;

/**
 * Blocks read and sent on the event loop between two looks at its sockets: 1 MiB, about 0.5 ms.
 * Less does not shorten the wait of other requests noticeably, because parsing the requests of downloads takes its
 * time too.
 */
const BLOCKS_PER_ROUND = 2;

/** The pool has four threads; a few more keep them busy. The others would only wait there, each with its buffer. */
const READS_AT_ONCE = 12;

export interface BlockReaderOptions {
  /** Whether blocks that the system holds in memory may be read on the event loop. */
  readonly direct: boolean;
}

/**
 * Reads parts of open files in chunks. Blocks that many clients fetch come from the page cache of the system without a
 * trip to the thread pool (see {@link RecentBlocks}), everything else is read by its threads.
 */
export class BlockReader {
  readonly #direct: boolean;
  readonly #recent = new RecentBlocks();
  readonly #turns = new LoopTurns(BLOCKS_PER_ROUND);
  readonly #threads = new Slots(READS_AT_ONCE);
  readonly #buffers = new ReadBuffers();

  constructor(options: BlockReaderOptions) {
    this.#direct = options.direct;
  }

  /**
   * Chunks of at most 512 KiB that end where blocks end, each valid until the next one is asked for. A buffer is held
   * only while the consumer has a chunk.
   *
   * @throws OakumError OAK_CONTENT_STORE
   */
  async *lent(file: FileLease, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let position = start; position < end;) {
      const length = Math.min(BLOCK_BYTES - (position % BLOCK_BYTES), end - position);
      const isDirect = this.#direct && this.#recent.has(file.identity, position, position + length);
      // Whoever waits does so without a buffer.
      if (isDirect) await this.#turns.take();
      const { buffer, bytesRead } = isDirect
        ? this.#readNow(file, length, position)
        : await this.#threads.run(() => this.#readByThread(file, length, position));
      try {
        const chunkEnd = position + bytesRead;
        if (this.#direct) this.#recent.note(file.identity, position, chunkEnd, file.stored.size);
        position = chunkEnd;
        yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
      } finally {
        this.#buffers.give(buffer);
      }
    }
  }

  /**
   * Chunks of at most 256 KiB that belong to the consumer.
   *
   * @throws OakumError OAK_CONTENT_STORE
   */
  async *kept(file: FileLease, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let position = start; position < end;) {
      const length = Math.min(KEPT_BYTES, end - position);
      const buffer = Buffer.allocUnsafe(length);
      const bytesRead = await read(file, buffer, length, position);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  #readNow(file: FileLease, length: number, position: number): FilledBuffer {
    const buffer = this.#buffers.take(length);
    const began = performance.now();
    try {
      const wanted = Math.min(length, buffer.length);
      return { buffer, bytesRead: checked(readSync(file.fd, buffer, 0, wanted, position)) };
    } catch (error) {
      this.#buffers.give(buffer);
      throw storeError(error);
    } finally {
      this.#recent.readTook(performance.now() - began);
    }
  }

  async #readByThread(file: FileLease, length: number, position: number): Promise<FilledBuffer> {
    const buffer = this.#buffers.take(length);
    try {
      const wanted = Math.min(length, buffer.length);
      return { buffer, bytesRead: await read(file, buffer, wanted, position) };
    } catch (error) {
      this.#buffers.give(buffer);
      throw error;
    }
  }
}

interface FilledBuffer {
  readonly buffer: Buffer;
  readonly bytesRead: number;
}

async function read(file: FileLease, buffer: Buffer, length: number, position: number): Promise<number> {
  try {
    const { bytesRead } = await descriptor.read(file.fd, buffer, 0, length, position);
    return checked(bytesRead);
  } catch (error) {
    throw storeError(error);
  }
}

function checked(bytesRead: number): number {
  if (bytesRead === 0) throw new OakumError('OAK_CONTENT_STORE', { detail: 'The file has shrunk.' });
  return bytesRead;
}
