import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopTurns } from './loop-turns.ts';

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('turns are granted at once until those of a round are used up', async () => {
  const turns = new LoopTurns(2);
  assert.equal(turns.take(), undefined);
  assert.equal(turns.take(), undefined);
  assert.notEqual(turns.take(), undefined);
  await nextRound();
  // One of the new round's went to who waited.
  assert.equal(turns.take(), undefined);
  assert.notEqual(turns.take(), undefined);
});

test('those who wait are served in their order, no more of them in a round than it has turns', async () => {
  const turns = new LoopTurns(3);
  const served: number[] = [];
  const take = async (index: number): Promise<void> => {
    await turns.take();
    served.push(index);
  };
  const all = Array.from({ length: 11 }, (_, index) => take(index));
  const seen: number[] = [];
  while (served.length < all.length) {
    await nextRound();
    seen.push(served.length);
  }
  await Promise.all(all);
  assert.deepEqual(
    served,
    Array.from({ length: 11 }, (_, index) => index),
  );
  let before = 0;
  for (const count of seen) {
    // The first look comes after the turns that were granted at once.
    assert.ok(count - before <= 6, seen.join());
    before = count;
  }
});

test('work that asks for one turn after the other lets short work pass between them', async () => {
  const turns = new LoopTurns(1);
  const order: string[] = [];
  const long = (async () => {
    for (let turn = 0; turn < 5; turn++) {
      await turns.take();
      order.push('long');
    }
  })();
  for (let request = 0; request < 3; request++) {
    await nextRound();
    order.push('short');
  }
  await long;
  assert.ok(order.indexOf('short') < 3, order.join());
});
