import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blocksOf, inFullBlocks, Passage } from './passage.ts';

const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(40_000).map((length) => new Uint8Array(length).fill(7)),
  ),
  { maxLength: 30 },
);

function spliced(list: readonly Uint8Array[]): Passage {
  return new Passage(Buffer.concat(list.map(blocksOf)));
}

test('a passage gives back the bytes it was made of', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40_000 }), (bytes) => {
      assert.deepEqual(Passage.of(bytes).plain(), Buffer.from(bytes));
    }),
  );
});

test('passages that are put together are one passage', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      assert.deepEqual(spliced(list).plain(), Buffer.concat(list));
    }),
  );
});

test('in full blocks it is the same passage', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const full = await inFullBlocks(spliced(list));
      assert.deepEqual(full.plain(), Buffer.concat(list));
    }),
    { numRuns: 30 },
  );
});

test('in full blocks, what is alike in many short pieces takes less', async () => {
  const short = Array.from({ length: 500 }, (_, index) => Buffer.from(`<Update><ID>${index}</ID></Update>`));
  const loose = spliced(short);
  assert.ok((await inFullBlocks(loose)).blocks.length < loose.blocks.length / 3);
});
