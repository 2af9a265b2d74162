import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { BLOCK_BYTES, RecentBlocks } from './recent-blocks.ts';

const SIZE = 10 * BLOCK_BYTES + 5;

function blocks(): { readonly recent: RecentBlocks; readonly clock: { now: number } } {
  const clock = { now: 0 };
  return { recent: new RecentBlocks(() => clock.now), clock };
}

describe('blocks that were read', () => {
  test('are known from their first byte to their last', () => {
    const { recent } = blocks();
    assert.equal(recent.has('a', 0, 1), false);
    recent.note('a', BLOCK_BYTES, 3 * BLOCK_BYTES, SIZE);
    assert.equal(recent.has('a', BLOCK_BYTES, 3 * BLOCK_BYTES), true);
    assert.equal(recent.has('a', 2 * BLOCK_BYTES - 1, 2 * BLOCK_BYTES + 1), true);
    assert.equal(recent.has('a', BLOCK_BYTES - 1, BLOCK_BYTES), false);
    assert.equal(recent.has('a', 3 * BLOCK_BYTES - 1, 3 * BLOCK_BYTES + 1), false);
    assert.equal(recent.has('b', BLOCK_BYTES, 2 * BLOCK_BYTES), false);
  });

  test('count only as a whole, except for the last one of the file', () => {
    const { recent } = blocks();
    recent.note('a', 1, BLOCK_BYTES, SIZE);
    recent.note('a', BLOCK_BYTES, 2 * BLOCK_BYTES - 1, SIZE);
    assert.equal(recent.has('a', 1, BLOCK_BYTES), false);
    assert.equal(recent.has('a', BLOCK_BYTES, BLOCK_BYTES + 1), false);
    recent.note('a', 10 * BLOCK_BYTES, SIZE, SIZE);
    assert.equal(recent.has('a', 10 * BLOCK_BYTES, SIZE), true);
  });

  test('are forgotten a minute after the last reading', () => {
    const { recent, clock } = blocks();
    recent.note('a', 0, BLOCK_BYTES, SIZE);
    clock.now = 60_000;
    assert.equal(recent.has('a', 0, BLOCK_BYTES), true);
    recent.note('a', 0, BLOCK_BYTES, SIZE);
    clock.now = 120_000;
    assert.equal(recent.has('a', 0, BLOCK_BYTES), true);
    clock.now = 120_001;
    assert.equal(recent.has('a', 0, BLOCK_BYTES), false);
  });

  test('are all forgotten, and none believed for a second, when a reading of one was slow', () => {
    const { recent, clock } = blocks();
    recent.note('a', 0, BLOCK_BYTES, SIZE);
    recent.readTook(4);
    assert.equal(recent.has('a', 0, BLOCK_BYTES), true);
    recent.readTook(5);
    recent.note('b', 0, BLOCK_BYTES, SIZE);
    assert.equal(recent.has('b', 0, BLOCK_BYTES), false);
    clock.now = 1000;
    assert.equal(recent.has('b', 0, BLOCK_BYTES), true);
    assert.equal(recent.has('a', 0, BLOCK_BYTES), false);
  });

  test('of many files are remembered up to 4 GiB, those read last before others', () => {
    const { recent } = blocks();
    const size = 2 ** 30;
    recent.note('first', 0, size, size);
    for (const file of ['b', 'c', 'd']) recent.note(file, 0, size, size);
    recent.note('first', 0, BLOCK_BYTES, size);
    recent.note('e', 0, BLOCK_BYTES, size);
    assert.equal(recent.has('first', 0, BLOCK_BYTES), true);
    assert.equal(recent.has('first', BLOCK_BYTES, 2 * BLOCK_BYTES), false);
    assert.equal(recent.has('b', 0, size), true);
  });
});

test('no range is known of which a byte was never read', () => {
  const position = fc.nat(SIZE);
  const range = fc.tuple(position, position).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(fc.array(range), range, (noted, [start, end]) => {
      const { recent } = blocks();
      for (const [from, to] of noted) recent.note('a', from, to, SIZE);
      if (start === end || !recent.has('a', start, end)) return;
      // The noted ranges, put together from the left, leave no gap.
      let at = start;
      for (const [from, to] of noted.toSorted((a, b) => a[0] - b[0])) if (from <= at) at = Math.max(at, to);
      assert.ok(at >= end);
    }),
  );
});
