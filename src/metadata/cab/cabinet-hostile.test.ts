import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { buildCabinet, lzx, mszip, stored, type Packing } from '../../../test/support/cabinet-builder.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { sourceFromBytes } from './cabinet-source.ts';
import { openCabinet } from './cabinet.ts';

const data = Buffer.from(Array.from({ length: 3_000 }, (_, line) => `line ${line} ${line * 7}\n`).join(''));

const PACKINGS: Readonly<Record<string, Packing>> = {
  stored,
  MSZIP: mszip,
  LZX: lzx({
    windowBits: 15,
    blocks: [
      { kind: 'verbatim', length: 9_000, skew: 4 },
      { kind: 'aligned', length: 8_001 },
      { kind: 'uncompressed', length: 3_001 },
    ],
    translation: 20_000,
  }),
};

/** Reads all there is; whatever goes wrong must be an OakumError. */
function readAll(bytes: Uint8Array): void {
  try {
    const cabinet = openCabinet(sourceFromBytes(bytes), { maxUnpackedBytes: 2 ** 20 });
    for (const entry of cabinet.entries) for (const chunk of cabinet.read(entry)) assert.ok(chunk.length > 0);
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    assert.match(error.code, /^OAK_CABINET_/);
  }
}

for (const [name, packing] of Object.entries(PACKINGS)) {
  describe(`a hostile cabinet packed with ${name}`, () => {
    const files = [
      { name: 'first', data },
      { name: 'second', data: data.subarray(5_000) },
    ];
    // Without checksums, so that damage reaches the decoders.
    const whole = buildCabinet(
      [
        { packing, files },
        { packing, files: files.slice(1) },
      ],
      {
        checksums: 'none',
        headerReserve: 4,
      },
    );

    it('fails with an OakumError or not at all when bytes are changed', () => {
      const change = fc.tuple(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
      );
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          readAll(bytes);
        }),
        { numRuns: 300 },
      );
    });

    it('fails with an OakumError or not at all when its tables are changed', () => {
      const change = fc.tuple(fc.integer({ min: 8, max: 140 }), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          readAll(bytes);
        }),
        { numRuns: 500 },
      );
    });

    it('fails with an OakumError when it is cut off', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
          const cut = Buffer.from(whole.subarray(0, length));
          if (length >= 12) cut.writeUInt32LE(length, 8);
          readAll(cut);
        }),
        { numRuns: 200 },
      );
    });
  });
}

describe('arbitrary bytes', () => {
  it('are no cabinet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readAll(bytes);
        readAll(Buffer.concat([Buffer.from('MSCF'), bytes]));
      }),
      { numRuns: 300 },
    );
  });
});
