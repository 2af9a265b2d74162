import { BLOCK_BYTES, MAX_PACKED_BYTES, type BlockDecoder } from './block-decoder.ts';
import { invalidCabinet } from './cabinet-error.ts';
import type { CabinetCompression, CabinetFolder } from './cabinet-header.ts';
import type { CabinetSource } from './cabinet-source.ts';
import { LzxDecoder } from './lzx.ts';
import { MszipDecoder } from './mszip.ts';

/**
 * Reads one folder from front to back. Asked for ranges in ascending order it unpacks every block once;
 * it never goes back.
 */
export class FolderReader {
  readonly #blocks: Generator<Uint8Array, void>;
  #chunk: Uint8Array = new Uint8Array(0);
  /** Where {@link #chunk} begins in the unpacked folder. */
  #chunkOffset = 0;
  #position = 0;

  constructor(source: CabinetSource, folder: CabinetFolder, end: number, blockReserve: number) {
    this.#blocks = unpackedBlocks(source, folder, end, blockReserve);
  }

  /** First byte of the unpacked folder that has not been handed out. */
  get position(): number {
    return this.#position;
  }

  /** @param offset not less than {@link position} */
  *read(offset: number, size: number): Generator<Uint8Array, void> {
    const end = offset + size;
    this.#position = offset;
    while (this.#position < end) {
      const chunkEnd = this.#chunkOffset + this.#chunk.length;
      if (this.#position >= chunkEnd) {
        const next = this.#blocks.next();
        if (next.done === true) throw invalidCabinet('A folder is shorter than the files in it.');
        this.#chunkOffset = chunkEnd;
        this.#chunk = next.value;
        continue;
      }
      const from = this.#position - this.#chunkOffset;
      const to = Math.min(this.#chunk.length, end - this.#chunkOffset);
      this.#position = this.#chunkOffset + to;
      yield this.#chunk.subarray(from, to);
    }
  }
}

/** [MS-CAB], CFDATA, one after the other: csum, cbData, cbUncomp, reserve, data. */
function* unpackedBlocks(
  source: CabinetSource,
  folder: CabinetFolder,
  end: number,
  blockReserve: number,
): Generator<Uint8Array, void> {
  const decoder = decoderFor(folder.compression);
  const headBytes = 8 + blockReserve;
  let at = folder.dataOffset;
  for (let block = 0; block < folder.blockCount; block++) {
    const head = at + headBytes <= end ? source.read(at, headBytes) : undefined;
    if (head?.length !== headBytes)
      throw invalidCabinet(`Block ${block} at byte ${at} lies outside the cabinet.`);
    const fields = new DataView(head.buffer, head.byteOffset, headBytes);
    const expected = fields.getUint32(0, true);
    const packedBytes = fields.getUint16(4, true);
    const size = fields.getUint16(6, true);
    const headSum = checksum(head.subarray(4, 8));
    const reserveSum = checksum(head.subarray(8));
    const dataEnd = at + headBytes + packedBytes;
    if (size === 0 || size > BLOCK_BYTES || packedBytes > MAX_PACKED_BYTES || dataEnd > end) {
      throw invalidCabinet(`The sizes of block ${block} at byte ${at} are impossible.`);
    }
    const packed = source.read(at + headBytes, packedBytes);
    if (packed.length !== packedBytes) throw invalidCabinet(`Block ${block} at byte ${at} is cut off.`);
    // [MS-CAB], csum: from cbData to the end of the data. Common writers leave the reserve out.
    const sum = checksum(packed) ^ headSum;
    if (expected !== 0 && sum >>> 0 !== expected && (sum ^ reserveSum) >>> 0 !== expected) {
      throw invalidCabinet(`The checksum of block ${block} at byte ${at} is wrong.`);
    }
    yield decoder.decode(packed, size);
    at = dataEnd;
  }
}

function decoderFor(compression: CabinetCompression): BlockDecoder {
  switch (compression.method) {
    case 'stored':
      return { decode: copyStored };
    case 'mszip':
      return new MszipDecoder();
    case 'lzx':
      return new LzxDecoder(compression.windowBits);
  }
}

function copyStored(packed: Uint8Array, size: number): Uint8Array {
  if (packed.length !== size) throw invalidCabinet('A stored block has two different sizes.');
  return new Uint8Array(packed);
}

/**
 * [MS-CAB], checksum method: the exclusive or of the data as little-endian words. One to three bytes are
 * left at the end; they count with the first of them highest.
 */
function checksum(bytes: Uint8Array): number {
  const whole = bytes.length & ~3;
  let sum = 0;
  for (let at = 0; at < whole; at += 4) {
    sum ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }
  let tail = 0;
  for (let at = whole; at < bytes.length; at++) tail = (tail << 8) | bytes[at];
  return sum ^ tail;
}
