import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { packLzx, type LzxPackOptions } from '../../../test/support/lzx-packer.ts';
import { LzxDecoder } from './lzx.ts';

const FRAME = 32_768;
const code = (expected: string): { readonly code: string } => ({ code: expected });

function unpack(frames: readonly Uint8Array[], length: number, windowBits: number): Buffer {
  const decoder = new LzxDecoder(windowBits);
  return Buffer.concat(
    frames.map((frame, index) => decoder.decode(frame, Math.min(FRAME, length - index * FRAME))),
  );
}

function assertRoundTrip(data: Uint8Array, options: LzxPackOptions): void {
  assert.deepEqual(unpack(packLzx(data, options), data.length, options.windowBits), Buffer.from(data));
}

/** Data of every kind that matters: noise, repetitions near and far, runs, and x86 calls. */
function sample(length: number, seed = 1): Buffer {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
  const data = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const run = Math.min(2 + random(400), length - at);
    const kind = random(5);
    const offset = 1 + random(Math.max(1, Math.min(at, 1 << (3 + random(18)))));
    const value = random(256);
    for (let index = 0; index < run; index++, at++) {
      if (kind === 0 && at >= offset) data[at] = data[at - offset];
      else if (kind === 1) data[at] = value;
      else if (kind === 2) data[at] = 97 + random(4);
      else data[at] = random(256);
    }
    if (kind === 4 && at > 5) {
      data[at - 5] = 0xe8;
      data.writeInt32LE((random(2) === 0 ? 1 : -1) * random(2_000_000), at - 4);
    }
  }
  return data;
}

/** One frame of single bits, most significant bit of each word first. */
function frameOf(bits: string): Buffer {
  const words = bits.replaceAll(' ', '').match(/.{1,16}/g) ?? [];
  const frame = Buffer.alloc(words.length * 2);
  for (const [index, word] of words.entries()) {
    frame.writeUInt16LE(Number.parseInt(word.padEnd(16, '0'), 2), index * 2);
  }
  return frame;
}
const blockLength = (bytes: number): string => bytes.toString(2).padStart(24, '0');

describe('LZX', () => {
  for (const windowBits of [15, 16, 17, 18, 19, 20, 21]) {
    it(`unpacks blocks of every kind with a window of 2^${windowBits}`, () => {
      const blocks = [
        { kind: 'verbatim', length: 41_000, skew: 6 },
        { kind: 'aligned', length: 20_001, skew: 3 },
        { kind: 'uncompressed', length: 35_001 },
        { kind: 'uncompressed', length: 7_000 },
        { kind: 'aligned', length: 50_000 },
      ] as const;
      assertRoundTrip(sample(400_000), { windowBits, blocks });
    });
  }

  it('reaches back over the whole window', () => {
    const data = Buffer.concat([sample(32_000), Buffer.alloc(700), sample(32_000)]);
    assertRoundTrip(data, { windowBits: 15 });
    assertRoundTrip(Buffer.concat([data, data, data, data]), { windowBits: 16 });
  });

  it('turns the targets of x86 calls back, to either side of the file size', () => {
    for (const translation of [12_000_000, 300_000, 1]) {
      assertRoundTrip(sample(200_000, 7), { windowBits: 17, translation });
    }
  });

  it('leaves the last ten bytes of a frame and frames of ten bytes alone in translation', () => {
    for (const length of [9, 10, 11, 15, FRAME + 10, FRAME + 11]) {
      assertRoundTrip(Buffer.alloc(length, 0xe8), { windowBits: 15, translation: 12_000_000 });
    }
  });

  it('keeps a block going over frames, and frames over blocks', () => {
    const data = sample(100_000, 3);
    assertRoundTrip(data, { windowBits: 16, blocks: [{ kind: 'verbatim', length: 100_000 }] });
    assertRoundTrip(data, { windowBits: 16, blocks: [{ kind: 'verbatim', length: 7_001, skew: 1 }] });
    assertRoundTrip(data, { windowBits: 16, blocks: [{ kind: 'uncompressed', length: 7_001 }] });
  });

  it('finds the padding of an odd uncompressed block in this frame or the next', () => {
    const data = sample(2 * FRAME, 5);
    const blocks = [
      { kind: 'uncompressed', length: 1_001 },
      { kind: 'uncompressed', length: FRAME - 1_001 },
    ] as const;
    const [first, second] = packLzx(data, { windowBits: 15, blocks });
    assert.deepEqual(unpack([first, second], data.length, 15), data);
    const moved = [first.subarray(0, -1), Buffer.concat([first.subarray(-1), second])];
    assert.deepEqual(unpack(moved, data.length, 15), data);
  });

  it('gives back whatever was packed', () => {
    const kind = fc.constantFrom('verbatim' as const, 'aligned' as const, 'uncompressed' as const);
    const plan = fc.record({
      kind,
      length: fc.integer({ min: 6_000, max: 60_000 }),
      skew: fc.integer({ min: 0, max: 6 }),
    });
    const options = fc.record({
      windowBits: fc.integer({ min: 15, max: 21 }),
      blocks: fc.array(plan, { minLength: 1, maxLength: 4 }),
    });
    const size = fc.integer({ min: 1, max: 120_000 });
    fc.assert(
      fc.property(size, fc.nat(), options, fc.boolean(), (length, seed, plans, translated) => {
        const translation = translated ? { translation: 60_000 } : {};
        assertRoundTrip(sample(length, seed), { ...plans, ...translation });
      }),
      { numRuns: 40 },
    );
  });

  it('refuses blocks of an unknown type', () => {
    for (const type of ['000', '100', '111']) {
      const frame = frameOf(`0 ${type} ${blockLength(10)}`);
      assert.throws(() => new LzxDecoder(15).decode(frame, 10), code('OAK_CABINET_INVALID'));
    }
  });

  it('refuses trees that use bits twice', () => {
    const frame = frameOf(`0 001 ${blockLength(10)} ${'0001'.repeat(20)}`);
    assert.throws(() => new LzxDecoder(15).decode(frame, 10), code('OAK_CABINET_INVALID'));
  });

  it('refuses trees without the code that the data uses', () => {
    const frame = frameOf(`0 001 ${blockLength(10)} ${'0000'.repeat(60)}`);
    assert.throws(() => new LzxDecoder(15).decode(frame, 10), code('OAK_CABINET_INVALID'));
  });

  it('refuses matches that begin before the data', () => {
    const offsets = Buffer.from('ffffff7f0000000000000080', 'hex');
    const uncompressed = Buffer.concat([frameOf(`0 011 ${blockLength(2)}`), offsets, Buffer.from('ab')]);
    assert.equal(Buffer.from(new LzxDecoder(15).decode(uncompressed, 2)).toString(), 'ab');
    // A frame of repeated matches, whose offsets are those of the block before.
    const data = Buffer.alloc(FRAME, 0x61);
    const blocks = [
      { kind: 'uncompressed', length: 100 },
      { kind: 'verbatim', length: FRAME },
    ] as const;
    const [frame] = packLzx(data, { windowBits: 15, blocks });
    const broken = Buffer.from(frame);
    const at = broken.indexOf(Buffer.from('010000000100000001000000', 'hex'));
    for (const hex of [offsets.toString('hex'), '000000000000000000000000', 'ff0000000000000000000000']) {
      Buffer.from(hex, 'hex').copy(broken, at);
      assert.throws(() => new LzxDecoder(15).decode(broken, FRAME), code('OAK_CABINET_INVALID'));
    }
  });

  it('refuses a frame after a short one', () => {
    const [frame] = packLzx(Buffer.from('short'), { windowBits: 15 });
    const decoder = new LzxDecoder(15);
    decoder.decode(frame, 5);
    assert.throws(() => decoder.decode(frame, 5), code('OAK_CABINET_INVALID'));
  });

  it('refuses every frame that is cut off', () => {
    const blocks = [
      { kind: 'verbatim', length: 300 },
      { kind: 'uncompressed', length: 301 },
      { kind: 'aligned', length: 400 },
    ] as const;
    const [frame] = packLzx(sample(1_000, 9), { windowBits: 15, blocks });
    for (let cut = 0; cut < frame.length - 1; cut++) {
      const part = frame.subarray(0, cut);
      assert.throws(() => new LzxDecoder(15).decode(part, 1_000), code('OAK_CABINET_INVALID'));
    }
  });
});
