/**
 * A small LZX compressor for tests: it compresses badly, but it can be told which kinds of block to use
 * and how long they are, which data of real compressors does not show.
 */

const FRAME = 32_768;
const POSITION_SLOTS = [30, 32, 34, 36, 38, 42, 50];
const extraBits = (slot: number): number => (slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1));

export interface LzxBlockPlan {
  readonly kind: 'verbatim' | 'aligned' | 'uncompressed';
  readonly length: number;
  /** 0 for codes of about equal length, up to 6 for codes of 1 to 16 bits. */
  readonly skew?: number;
}

export interface LzxPackOptions {
  /** 15 to 21. */
  readonly windowBits: number;
  /** Used over and over; by default verbatim blocks of 50,000 bytes. */
  readonly blocks?: readonly LzxBlockPlan[];
  /** File size for E8 translation; without it there is none. */
  readonly translation?: number;
}

/** One packed frame for each 32 KiB of the data. */
export function packLzx(data: Uint8Array, options: LzxPackOptions): Uint8Array[] {
  return new LzxPacker(data, options).pack();
}

interface Code {
  readonly lengths: readonly number[];
  readonly codes: readonly number[];
}

interface Token {
  readonly main: number;
  readonly length?: number;
  readonly extra?: number;
  readonly slot?: number;
}

class LzxPacker {
  readonly #data: Uint8Array;
  readonly #options: LzxPackOptions;
  readonly #frames: Uint8Array[] = [];
  readonly #symbols: number;
  #frame: number[] = [];
  #bits = 0;
  #bitCount = 0;
  #repeat = [1, 1, 1];
  #mainLengths: readonly number[];
  #lengthLengths: readonly number[] = zeros(249);
  readonly #seen = new Map<number, number>();

  constructor(data: Uint8Array, options: LzxPackOptions) {
    this.#data = options.translation === undefined ? data : translate(data, options.translation);
    this.#options = options;
    this.#symbols = 256 + 8 * POSITION_SLOTS[options.windowBits - 15];
    this.#mainLengths = zeros(this.#symbols);
  }

  pack(): Uint8Array[] {
    const { translation, blocks = [{ kind: 'verbatim', length: 50_000 }] } = this.#options;
    this.#put(translation === undefined ? 0 : 1, 1);
    if (translation !== undefined) {
      this.#put(translation >>> 16, 16);
      this.#put(translation & 0xffff, 16);
    }
    for (let at = 0, index = 0; at < this.#data.length; index++) {
      const plan = blocks[index % blocks.length];
      const length = Math.min(plan.length, this.#data.length - at);
      this.#put(['', 'verbatim', 'aligned', 'uncompressed'].indexOf(plan.kind), 3);
      this.#put(length >> 8, 16);
      this.#put(length & 0xff, 8);
      if (plan.kind === 'uncompressed') this.#uncompressed(at, at + length);
      else this.#compressed(at, at + length, plan);
      at += length;
    }
    if (this.#data.length % FRAME !== 0) this.#endFrame();
    return this.#frames;
  }

  #uncompressed(from: number, to: number): void {
    this.#put(0, 16 - (this.#bitCount % 16));
    this.#flush();
    for (const offset of this.#repeat) {
      for (let shift = 0; shift < 32; shift += 8) this.#frame.push((offset >>> shift) & 0xff);
    }
    for (let at = from; at < to; at++) {
      this.#frame.push(this.#data[at]);
      if (at + 1 === to && (to - from) % 2 === 1) this.#frame.push(0);
      if ((at + 1) % FRAME === 0) this.#endFrame();
    }
  }

  #compressed(from: number, to: number, plan: LzxBlockPlan): void {
    const tokens = this.#tokens(from, to);
    const skew = plan.skew ?? 0;
    const main = completeCode(this.#symbols, skew);
    const usesLengths = tokens.some((token) => token.length !== undefined);
    const length = usesLengths ? completeCode(249, skew) : { lengths: zeros(249), codes: [] };
    const aligned = completeCode(8, Math.min(skew, 3));
    if (plan.kind === 'aligned') for (const bits of aligned.lengths) this.#put(bits, 3);
    this.#lengths(this.#mainLengths.slice(0, 256), main.lengths.slice(0, 256));
    this.#lengths(this.#mainLengths.slice(256), main.lengths.slice(256));
    this.#lengths(this.#lengthLengths, length.lengths);
    this.#mainLengths = main.lengths;
    this.#lengthLengths = length.lengths;

    let at = from;
    for (const token of tokens) {
      this.#code(main, token.main);
      if (token.length !== undefined) this.#code(length, token.length);
      if (token.slot !== undefined && token.extra !== undefined) {
        const bits = extraBits(token.slot);
        if (plan.kind === 'aligned' && bits >= 3) {
          if (bits > 3) this.#put(token.extra >> 3, bits - 3);
          this.#code(aligned, token.extra & 7);
        } else if (bits > 0) this.#put(token.extra, bits);
      }
      at += token.main < 256 ? 1 : (token.main & 7) === 7 ? (token.length ?? 0) + 9 : (token.main & 7) + 2;
      if (at % FRAME === 0) this.#endFrame();
    }
  }

  #tokens(from: number, to: number): Token[] {
    const tokens: Token[] = [];
    const data = this.#data;
    let at = from;
    while (at < to) {
      const most = Math.min(257, to - at, FRAME - (at % FRAME));
      const key = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16);
      const found = this.#seen.get(key);
      const candidates = [
        ...this.#repeat.map((offset) => at - offset),
        ...(found === undefined ? [] : [found]),
      ];
      this.#seen.set(key, at);
      let [best, bestLength] = [0, 1];
      for (const start of candidates) {
        if (start < 0 || at - start > 2 ** this.#options.windowBits - 3) continue;
        let length = 0;
        while (length < most && data[start + length] === data[at + length]) length++;
        if (length > bestLength) [best, bestLength] = [start, length];
      }
      if (bestLength < 2) {
        tokens.push({ main: data[at++] });
        continue;
      }
      tokens.push(this.#match(at - best, bestLength));
      at += bestLength;
    }
    return tokens;
  }

  #match(offset: number, length: number): Token {
    const header = Math.min(length - 2, 7);
    const rest = header === 7 ? { length: length - 9 } : {};
    const repeat = this.#repeat.indexOf(offset);
    if (repeat >= 0) {
      this.#repeat[repeat] = this.#repeat[0];
      this.#repeat[0] = offset;
      return { main: 256 + repeat * 8 + header, ...rest };
    }
    this.#repeat = [offset, this.#repeat[0], this.#repeat[1]];
    let [slot, base] = [0, 0];
    while (offset + 2 >= base + 2 ** extraBits(slot)) base += 2 ** extraBits(slot++);
    return { main: 256 + slot * 8 + header, ...rest, slot, extra: offset + 2 - base };
  }

  /** Differences to the block before, with every kind of run. */
  #lengths(before: readonly number[], after: readonly number[]): void {
    const code = completeCode(20, 0);
    for (const bits of code.lengths) this.#put(bits, 4);
    for (let at = 0; at < after.length;) {
      let run = 1;
      while (at + run < after.length && after[at + run] === after[at]) run++;
      const delta = (before[at] - after[at] + 17) % 17;
      if (after[at] === 0 && run >= 20) {
        run = Math.min(run, 51);
        this.#code(code, 18);
        this.#put(run - 20, 5);
      } else if (after[at] === 0 && run >= 4) {
        run = Math.min(run, 19);
        this.#code(code, 17);
        this.#put(run - 4, 4);
      } else if (run >= 4) {
        run = Math.min(run, 5);
        this.#code(code, 19);
        this.#put(run - 4, 1);
        this.#code(code, delta);
      } else {
        run = 1;
        this.#code(code, delta);
      }
      at += run;
    }
  }

  #code(code: Code, symbol: number): void {
    this.#put(code.codes[symbol], code.lengths[symbol]);
  }

  #put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#bits = (this.#bits << 1) | ((value >>> bit) & 1);
      this.#bitCount++;
      if (this.#bitCount === 16) this.#flush();
    }
  }

  #flush(): void {
    if (this.#bitCount === 0) return;
    const word = this.#bits << (16 - this.#bitCount);
    this.#frame.push(word & 0xff, (word >> 8) & 0xff);
    this.#bits = 0;
    this.#bitCount = 0;
  }

  #endFrame(): void {
    this.#flush();
    this.#frames.push(Uint8Array.from(this.#frame));
    this.#frame = [];
  }
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** `skew` symbols with 1, 2, 3 … bits, and all others with about equally many. */
function completeCode(symbols: number, skew: number): Code {
  const rest = symbols - skew;
  const bits = Math.ceil(Math.log2(rest));
  const shorter = 2 ** bits - rest;
  const lengths = Array.from({ length: symbols }, (_, symbol) =>
    symbol < skew ? symbol + 1 : skew + bits - (symbol - skew < shorter ? 1 : 0),
  );
  const codes: number[] = [];
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    for (let symbol = 0; symbol < symbols; symbol++) if (lengths[symbol] === length) codes[symbol] = next++;
    next <<= 1;
  }
  return { lengths, codes };
}

/** What a compressor does with the targets of calls before it compresses. */
function translate(data: Uint8Array, fileSize: number): Uint8Array {
  const out = new Uint8Array(data);
  const view = new DataView(out.buffer);
  for (let frame = 0; frame < out.length; frame += FRAME) {
    const end = Math.min(frame + FRAME, out.length) - 10;
    for (let at = frame; at < end; at++) {
      if (out[at] !== 0xe8) continue;
      const relative = view.getInt32(at + 1, true);
      if (relative >= -at && relative < fileSize - at) view.setInt32(at + 1, relative + at, true);
      else if (relative >= fileSize - at && relative < fileSize)
        view.setInt32(at + 1, relative - fileSize, true);
      at += 4;
    }
  }
  return out;
}
