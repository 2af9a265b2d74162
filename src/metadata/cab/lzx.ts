import { BLOCK_BYTES, MAX_PACKED_BYTES, type BlockDecoder } from './block-decoder.ts';
import { invalidCabinet } from './cabinet-error.ts';
import { HuffmanTable } from './lzx-huffman.ts';

// [MS-PATCH] calls the 32 KiB behind one CFDATA a chunk; here it is a frame, because "block" is a run of
// data with its own trees, which may begin and end anywhere and be as long as 16 MiB.

const VERBATIM = 1;
const ALIGNED = 2;
const UNCOMPRESSED = 3;

const LITERALS = 256;
/** Lengths that a main symbol can say by itself: 2 to 8. A seventh header means "see the length tree". */
const PRIMARY_LENGTHS = 7;
const MIN_MATCH = 2;
const LENGTH_SYMBOLS = 249;
const ALIGNED_SYMBOLS = 8;
const PRETREE_SYMBOLS = 20;

/** Position slots for windows of 2^15 to 2^21 bytes. */
const POSITION_SLOTS = [30, 32, 34, 36, 38, 42, 50];

/** Bits that follow a position slot, and the offset they are added to (two less than the formatted one). */
const EXTRA_BITS = new Uint8Array(50);
const BASE_OFFSET = new Int32Array(50);
for (let slot = 0, formatted = 0; slot < 50; slot++) {
  EXTRA_BITS[slot] = slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1);
  BASE_OFFSET[slot] = formatted - 2;
  formatted += 1 << EXTRA_BITS[slot];
}

const MAIN_ROOT_BITS = 12;
const LENGTH_ROOT_BITS = 10;
const ALIGNED_ROOT_BITS = 7;
const PRETREE_ROOT_BITS = 7;

/** E8 translation stops after the first 32,768 frames, and spares the last ten bytes of each. */
const TRANSLATED_BYTES = 32_768 * BLOCK_BYTES;
const UNTRANSLATED_TAIL = 10;
const CALL_OPCODE = 0xe8;

/**
 * LZX as cabinets use it ([MS-PATCH], without delta compression): one frame of 32 KiB per CFDATA, window
 * and trees kept from frame to frame, bits aligned to 16 at each of them.
 *
 * Bits come in little-endian 16-bit words, highest bit first. `#bits` holds the next `#bitCount` of them
 * at its low end; what is above was used. Up to one word is read beyond the end of a frame, as zeros, so
 * that a table look-up need not know how long the code will be; using any of it is an error.
 */
export class LzxDecoder implements BlockDecoder {
  readonly #window: Uint8Array;
  #position = 0;
  /** Bytes unpacked before the current frame. */
  #produced = 0;
  #ended = false;

  /** The packed frame, and zeros behind it. */
  readonly #input = new Uint8Array(MAX_PACKED_BYTES + 4);
  #inputLength = 0;
  #at = 0;
  #bits = 0;
  #bitCount = 0;

  #blockType = 0;
  #blockLeft = 0;
  #blockIsOdd = false;
  /** An odd uncompressed block ended with a frame; its padding byte may open the next one. */
  #padPending = false;
  #repeat0 = 1;
  #repeat1 = 1;
  #repeat2 = 1;
  /** The file size that E8 translation wraps around at; 0 for none. */
  #translation: number | undefined;

  readonly #mainLengths: Uint8Array;
  readonly #lengthLengths = new Uint8Array(LENGTH_SYMBOLS);
  readonly #main: HuffmanTable;
  readonly #length = new HuffmanTable(LENGTH_SYMBOLS, LENGTH_ROOT_BITS);
  readonly #aligned = new HuffmanTable(ALIGNED_SYMBOLS, ALIGNED_ROOT_BITS);
  readonly #pretree = new HuffmanTable(PRETREE_SYMBOLS, PRETREE_ROOT_BITS);

  /** @param windowBits 15 to 21 */
  constructor(windowBits: number) {
    const symbols = LITERALS + 8 * POSITION_SLOTS[windowBits - 15];
    this.#window = new Uint8Array(2 ** windowBits);
    this.#mainLengths = new Uint8Array(symbols);
    this.#main = new HuffmanTable(symbols, MAIN_ROOT_BITS);
  }

  decode(packed: Uint8Array, size: number): Uint8Array {
    if (this.#ended) throw invalidCabinet('An LZX frame follows a short one.');
    this.#ended = size < BLOCK_BYTES;
    this.#load(packed);
    this.#translation ??= this.#readBits(1) === 0 ? 0 : this.#readWord32() | 0;

    // Frames never wrap, because all but the last have 32 KiB and the window is a multiple of that.
    const start = this.#position;
    const end = start + size;
    while (this.#position < end) {
      if (this.#blockLeft === 0) this.#readBlockHeader();
      const run = Math.min(this.#blockLeft, end - this.#position);
      if (this.#blockType === UNCOMPRESSED) this.#copyUncompressed(run);
      else this.#decodeRun(run);
      this.#blockLeft -= run;
      if (this.#blockLeft === 0) this.#skipPadding();
    }
    if (this.#at * 8 - this.#bitCount > this.#inputLength * 8) throw cutOff();

    const frame = this.#window.slice(start, end);
    if (this.#translation !== 0 && this.#produced < TRANSLATED_BYTES) {
      undoTranslation(frame, this.#produced, this.#translation);
    }
    this.#position = end & (this.#window.length - 1);
    this.#produced += size;
    return frame;
  }

  #load(packed: Uint8Array): void {
    this.#input.set(packed);
    this.#input.fill(0, packed.length, packed.length + 4);
    this.#inputLength = packed.length;
    this.#at = 0;
    this.#bits = 0;
    this.#bitCount = 0;
    if (this.#padPending) {
      this.#at = 1;
      this.#padPending = false;
    }
  }

  /** @param count 1 to 17 */
  #readBits(count: number): number {
    while (this.#bitCount < count) {
      if (this.#at >= this.#inputLength + 2) throw cutOff();
      this.#bits = (this.#bits << 16) | this.#input[this.#at] | (this.#input[this.#at + 1] << 8);
      this.#at += 2;
      this.#bitCount += 16;
    }
    this.#bitCount -= count;
    return (this.#bits >>> this.#bitCount) & ((1 << count) - 1);
  }

  #readWord32(): number {
    const high = this.#readBits(16);
    return high * 0x10000 + this.#readBits(16);
  }

  #readBlockHeader(): void {
    this.#blockType = this.#readBits(3);
    this.#blockLeft = this.#readBits(16) * 256 + this.#readBits(8);
    this.#blockIsOdd = this.#blockType === UNCOMPRESSED && (this.#blockLeft & 1) === 1;
    switch (this.#blockType) {
      case UNCOMPRESSED:
        this.#readUncompressedHeader();
        break;
      case ALIGNED: {
        const lengths = new Uint8Array(ALIGNED_SYMBOLS);
        for (let symbol = 0; symbol < ALIGNED_SYMBOLS; symbol++) lengths[symbol] = this.#readBits(3);
        this.#aligned.build(lengths);
        this.#readTrees();
        break;
      }
      case VERBATIM:
        this.#readTrees();
        break;
      default:
        throw invalidCabinet(`An LZX block has type ${this.#blockType}.`);
    }
  }

  /** 1 to 16 bits up to the next word, then the three repeated offsets as they are. */
  #readUncompressedHeader(): void {
    // Counted from the word that was read last: words may begin at odd bytes after an uncompressed block.
    const at = this.#at - (this.#bitCount >> 4) * 2 + (this.#bitCount % 16 === 0 ? 2 : 0);
    if (at + 12 > this.#inputLength) throw cutOff();
    const offsets = new DataView(this.#input.buffer, at, 12);
    this.#repeat0 = offsets.getInt32(0, true);
    this.#repeat1 = offsets.getInt32(4, true);
    this.#repeat2 = offsets.getInt32(8, true);
    this.#at = at + 12;
    this.#bits = 0;
    this.#bitCount = 0;
  }

  #readTrees(): void {
    this.#readLengths(this.#mainLengths, 0, LITERALS);
    this.#readLengths(this.#mainLengths, LITERALS, this.#mainLengths.length);
    this.#main.build(this.#mainLengths);
    this.#readLengths(this.#lengthLengths, 0, LENGTH_SYMBOLS);
    this.#length.build(this.#lengthLengths);
  }

  /**
   * Code lengths are said as differences to those of the block before, modulo 17, through a tree of their
   * own.
   */
  #readLengths(lengths: Uint8Array, from: number, to: number): void {
    const pretree = new Uint8Array(PRETREE_SYMBOLS);
    for (let symbol = 0; symbol < PRETREE_SYMBOLS; symbol++) pretree[symbol] = this.#readBits(4);
    this.#pretree.build(pretree);

    let at = from;
    while (at < to) {
      const code = this.#readPretree();
      let run = 1;
      let length = 0;
      if (code === 17) run = 4 + this.#readBits(4);
      else if (code === 18) run = 20 + this.#readBits(5);
      else if (code === 19) {
        run = 4 + this.#readBits(1);
        length = lengthAfter(lengths[at], this.#readPretree());
      } else length = lengthAfter(lengths[at], code);
      if (at + run > to) throw invalidCabinet('A run of LZX code lengths is too long.');
      lengths.fill(length, at, at + run);
      at += run;
    }
  }

  #readPretree(): number {
    const bits = this.#readBits(16);
    const entry = this.#pretree.root[bits >>> (16 - PRETREE_ROOT_BITS)] || this.#pretree.long(bits);
    this.#bitCount += 16 - (entry & 31);
    return entry >> 5;
  }

  #copyUncompressed(run: number): void {
    if (this.#at + run > this.#inputLength) throw cutOff();
    this.#window.set(this.#input.subarray(this.#at, this.#at + run), this.#position);
    this.#at += run;
    this.#position += run;
  }

  /** An odd uncompressed block is followed by one byte that brings the stream back to whole words. */
  #skipPadding(): void {
    if (!this.#blockIsOdd) return;
    this.#blockIsOdd = false;
    if (this.#at < this.#inputLength) this.#at++;
    else this.#padPending = true;
  }

  /**
   * The inner loop: literals and matches until exactly `run` bytes are written. Everything it touches is in
   * local variables, and fetching the next word is spelt out each time: a private field would be loaded and
   * stored for every symbol.
   */
  #decodeRun(run: number): void {
    const [window, input] = [this.#window, this.#input];
    const [main, length, aligned] = [this.#main, this.#length, this.#aligned];
    const [mainRoot, lengthRoot, alignedRoot] = [main.root, length.root, aligned.root];
    const isAligned = this.#blockType === ALIGNED;
    const inputEnd = this.#inputLength + 2;
    const end = this.#position + run;
    const mask = window.length - 1;
    const reachable = Math.min(this.#produced, window.length);
    const frameStart = this.#position & ~(BLOCK_BYTES - 1);
    let [at, bits, bitCount] = [this.#at, this.#bits, this.#bitCount];
    let [repeat0, repeat1, repeat2] = [this.#repeat0, this.#repeat1, this.#repeat2];
    let position = this.#position;

    while (position < end) {
      if (bitCount < 16) {
        if (at >= inputEnd) throw cutOff();
        bits = (bits << 16) | input[at] | (input[at + 1] << 8);
        at += 2;
        bitCount += 16;
      }
      let entry = mainRoot[(bits >>> (bitCount - MAIN_ROOT_BITS)) & ((1 << MAIN_ROOT_BITS) - 1)];
      if (entry === 0) entry = main.long((bits >>> (bitCount - 16)) & 0xffff);
      bitCount -= entry & 31;
      const symbol = entry >> 5;
      if (symbol < LITERALS) {
        window[position++] = symbol;
        continue;
      }

      let matchLength = symbol & 7;
      if (matchLength === PRIMARY_LENGTHS) {
        if (bitCount < 16) {
          if (at >= inputEnd) throw cutOff();
          bits = (bits << 16) | input[at] | (input[at + 1] << 8);
          at += 2;
          bitCount += 16;
        }
        entry = lengthRoot[(bits >>> (bitCount - LENGTH_ROOT_BITS)) & ((1 << LENGTH_ROOT_BITS) - 1)];
        if (entry === 0) entry = length.long((bits >>> (bitCount - 16)) & 0xffff);
        bitCount -= entry & 31;
        matchLength += entry >> 5;
      }
      matchLength += MIN_MATCH;

      const slot = (symbol - LITERALS) >> 3;
      let offset = repeat0;
      if (slot === 1) {
        offset = repeat1;
        repeat1 = repeat0;
        repeat0 = offset;
      } else if (slot === 2) {
        offset = repeat2;
        repeat2 = repeat0;
        repeat0 = offset;
      } else if (slot > 2) {
        offset = BASE_OFFSET[slot];
        let extra = EXTRA_BITS[slot];
        // In an aligned block the lowest three bits have a tree of their own.
        const throughTree = isAligned && extra >= 3;
        if (throughTree) extra -= 3;
        if (extra > 0) {
          while (bitCount < extra) {
            if (at >= inputEnd) throw cutOff();
            bits = (bits << 16) | input[at] | (input[at + 1] << 8);
            at += 2;
            bitCount += 16;
          }
          bitCount -= extra;
          const value = (bits >>> bitCount) & ((1 << extra) - 1);
          offset += throughTree ? value << 3 : value;
        }
        if (throughTree) {
          if (bitCount < 16) {
            if (at >= inputEnd) throw cutOff();
            bits = (bits << 16) | input[at] | (input[at + 1] << 8);
            at += 2;
            bitCount += 16;
          }
          entry = alignedRoot[(bits >>> (bitCount - ALIGNED_ROOT_BITS)) & ((1 << ALIGNED_ROOT_BITS) - 1)];
          if (entry === 0) entry = aligned.long((bits >>> (bitCount - 16)) & 0xffff);
          bitCount -= entry & 31;
          offset += entry >> 5;
        }
        repeat2 = repeat1;
        repeat1 = repeat0;
        repeat0 = offset;
      }

      const matchEnd = position + matchLength;
      if (matchEnd > end) throw invalidCabinet('An LZX match reaches over the end of its frame or block.');
      if (offset < 1 || offset > window.length || offset > reachable + position - frameStart) {
        throw invalidCabinet('An LZX match begins before the data.');
      }
      let from = position - offset;
      if (from >= 0) {
        while (position < matchEnd) window[position++] = window[from++];
      } else {
        while (position < matchEnd) window[position++] = window[from++ & mask];
      }
    }

    this.#at = at;
    this.#bits = bits;
    this.#bitCount = bitCount;
    this.#repeat0 = repeat0;
    this.#repeat1 = repeat1;
    this.#repeat2 = repeat2;
    this.#position = position;
  }
}

const lengthAfter = (previous: number, code: number): number => {
  if (code > 16) throw invalidCabinet('An LZX code length is none.');
  return (previous - code + 17) % 17;
};

const cutOff = (): Error => invalidCabinet('An LZX frame is cut off.');

/**
 * E8 translation turned the relative targets of x86 calls into absolute ones, which repeat more often.
 * The history keeps the absolute form; only what is handed out is turned back.
 */
function undoTranslation(frame: Uint8Array, frameOffset: number, fileSize: number): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const end = frame.length - UNTRANSLATED_TAIL;
  let at = frame.indexOf(CALL_OPCODE);
  while (at >= 0 && at < end) {
    const position = frameOffset + at;
    const absolute = view.getInt32(at + 1, true);
    if (absolute >= -position && absolute < fileSize) {
      view.setInt32(at + 1, absolute >= 0 ? absolute - position : absolute + fileSize, true);
    }
    at = frame.indexOf(CALL_OPCODE, at + 5);
  }
}
