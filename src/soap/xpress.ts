import { OakumError } from '../errors/oakum-error.ts';
import { ELEMENT_BYTES } from './direct2-writer.ts';
import { decodeBlock, encodeBlock } from './xpress-block.ts';

/** Uncompressed bytes per block, as WSUS sends them. [MS-WUSP] <8> says 65,535; practice never shows it. */
export const BLOCK_BYTES = 16_352;

/** The most that a block may hold ([MS-WUSP] 2.1.1). */
export const MAX_BLOCK_BYTES = 65_535;

const HEADER_BYTES = 8;

export interface XpressEncodeOptions {
  /** Uncompressed bytes per block, 1 to {@link MAX_BLOCK_BYTES}; {@link BLOCK_BYTES} if absent. */
  readonly blockBytes?: number;
}

/**
 * Encodes a body for `Content-Encoding: xpress` ([MS-WUSP] 2.1.1). A block that does not shrink is stored:
 * practice, not in the text, marks it by equal lengths. Blocks know nothing of each other, so that results
 * may be concatenated.
 *
 * Costs 6 ns per byte of SOAP and a scratch buffer of the input's size.
 */
export function xpressEncode(input: Uint8Array, options: XpressEncodeOptions = {}): Buffer {
  const { blockBytes = BLOCK_BYTES } = options;
  if (!Number.isInteger(blockBytes) || blockBytes < 1 || blockBytes > MAX_BLOCK_BYTES) {
    throw new OakumError('OAK_INTERNAL', { detail: `xpress has no blocks of ${blockBytes} bytes.` });
  }
  const blocks = Math.ceil(input.length / blockBytes);
  const output = Buffer.allocUnsafe(input.length + blocks * HEADER_BYTES + ELEMENT_BYTES);
  let at = 0;
  for (let start = 0; start < input.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, input.length);
    const original = end - start;
    const compressed = encodeBlock(input, start, end, output, at + HEADER_BYTES);
    if (compressed === original) output.set(input.subarray(start, end), at + HEADER_BYTES);
    output.writeInt32LE(original, at);
    output.writeInt32LE(compressed, at + 4);
    at += HEADER_BYTES + compressed;
  }
  // A copy, because answers are cached and the scratch buffer is five times as large.
  return Buffer.from(output.subarray(0, at));
}

/**
 * The same without compressing anything: stored blocks, which cost eight bytes each and no time.
 */
export function xpressStore(input: Uint8Array): Buffer {
  const output = Buffer.allocUnsafe(input.length + Math.ceil(input.length / BLOCK_BYTES) * HEADER_BYTES);
  let at = 0;
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    const block = input.subarray(start, start + BLOCK_BYTES);
    output.writeInt32LE(block.length, at);
    output.writeInt32LE(block.length, at + 4);
    output.set(block, at + HEADER_BYTES);
    at += HEADER_BYTES + block.length;
  }
  return output;
}

/**
 * Decodes a body with `Content-Encoding: xpress` ([MS-WUSP] 2.1.1). Takes blocks of any size, stored blocks
 * and encoded blocks that have grown.
 *
 * @param maxBytes the most the body may decode to; nothing is allocated before this is known to hold
 * @throws OakumError OAK_XPRESS_INVALID if the body is not a sequence of whole blocks
 * @throws OakumError OAK_XPRESS_LIMIT if it declares more than `maxBytes`
 */
export function xpressDecode(input: Uint8Array, maxBytes: number): Buffer {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const output = Buffer.allocUnsafe(declaredBytes(view, maxBytes));
  let position = 0;
  for (let at = 0; at < input.length;) {
    const { original, compressed } = readHeader(view, at);
    const start = at + HEADER_BYTES;
    const end = start + compressed;
    const block = output.subarray(position, position + original);
    if (compressed === original) block.set(input.subarray(start, end));
    else decodeBlock(input, start, end, block);
    position += original;
    at = end;
  }
  return output;
}

/** How many bytes an encoded body declares to decode to. */
export function xpressPlainBytes(input: Uint8Array): number {
  return declaredBytes(
    new DataView(input.buffer, input.byteOffset, input.byteLength),
    Number.MAX_SAFE_INTEGER,
  );
}

/** The blocks of an encoded body, one after the other, each whole with its header. */
export function* xpressBlocks(input: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let at = 0; at < input.length;) {
    const end = at + HEADER_BYTES + readHeader(view, at).compressed;
    yield input.subarray(at, end);
    at = end;
  }
}

/** Adds up what the headers declare, so that the output is allocated once and a bomb not at all. */
function declaredBytes(view: DataView, maxBytes: number): number {
  let total = 0;
  for (let at = 0; at < view.byteLength;) {
    const { original, compressed } = readHeader(view, at);
    total += original;
    if (total > maxBytes) {
      throw new OakumError('OAK_XPRESS_LIMIT', { detail: `The limit is ${maxBytes} bytes.` });
    }
    at += HEADER_BYTES + compressed;
  }
  return total;
}

function readHeader(view: DataView, at: number): { original: number; compressed: number } {
  const room = view.byteLength - at - HEADER_BYTES;
  if (room < 0) throw invalid(at, 'breaks off in its header');
  const original = view.getInt32(at, true);
  const compressed = view.getInt32(at + 4, true);
  if (original < 0 || compressed < 0) throw invalid(at, 'declares a negative length');
  if (compressed > room) throw invalid(at, 'breaks off');
  return { original, compressed };
}

function invalid(at: number, what: string): OakumError {
  return new OakumError('OAK_XPRESS_INVALID', { detail: `The block at byte ${at} ${what}.` });
}
