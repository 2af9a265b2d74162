import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Piece } from '../xml/writer.ts';
import { ownBytes } from './own-bytes.ts';
import { BLOCK_BYTES, xpressBlocks, xpressDecode, xpressEncode, xpressPlainBytes } from './xpress.ts';

/**
 * The content of an element that is written once and sent many times, kept as the xpress blocks it goes out
 * in: blocks know nothing of each other, so an answer is put together from them without compressing them
 * again, and they take a fifth of the memory.
 */
export class Passage {
  /** Whole xpress blocks ([MS-WUSP] 2.1.1). */
  readonly blocks: Uint8Array;
  #plainBytes: number | undefined;

  /** @param blocks whole xpress blocks, made by this server */
  constructor(blocks: Uint8Array) {
    this.blocks = blocks;
  }

  /** Keeps bytes that are well-formed, escaped UTF-8. */
  static of(plain: Uint8Array): Passage {
    return new Passage(ownBytes(xpressEncode(plain)));
  }

  get plainBytes(): number {
    this.#plainBytes ??= xpressPlainBytes(this.blocks);
    return this.#plainBytes;
  }

  /** The bytes as they are without a coding. Decoded anew each time: few clients need them. */
  plain(): Buffer {
    return xpressDecode(this.blocks, Number.MAX_SAFE_INTEGER);
  }
}

/** Blocks that are compressed before others get their turn: about a millisecond. */
const BLOCKS_AT_ONCE = 8;

/**
 * The same passage in full blocks: a third of the bytes, where it was spliced from many short pieces that are
 * much alike. Works in short slices, because a page of a megabyte takes ten milliseconds.
 */
export async function inFullBlocks(passage: Passage): Promise<Passage> {
  const full: Uint8Array[] = [];
  let pending: Buffer = Buffer.alloc(0);
  let sinceTurn = 0;
  for (const block of xpressBlocks(passage.blocks)) {
    pending = Buffer.concat([pending, xpressDecode(block, Number.MAX_SAFE_INTEGER)]);
    while (pending.length >= BLOCK_BYTES) {
      full.push(xpressEncode(pending.subarray(0, BLOCK_BYTES)));
      pending = pending.subarray(BLOCK_BYTES);
      sinceTurn += BLOCKS_AT_ONCE;
    }
    // Short blocks are quickly decoded, and many.
    if (++sinceTurn < BLOCKS_AT_ONCE * BLOCKS_AT_ONCE) continue;
    sinceTurn = 0;
    await setImmediate();
  }
  full.push(xpressEncode(pending));
  return new Passage(ownBytes(...full));
}

/** The blocks of a piece of an answer, compressed now unless it is kept that way. */
export function blocksOf(piece: Piece): Uint8Array {
  if (piece instanceof Passage) return piece.blocks;
  return xpressEncode(piece instanceof Uint8Array ? piece : piece.plain());
}
