import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('no more tasks run at a time than there are slots, in their order, and all of them do', async () => {
  const slots = new Slots(3);
  let [running, most] = [0, 0];
  const begun: number[] = [];
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      slots.run(async () => {
        begun.push(index);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (index % 4 === 1) throw new Error('one of many');
        return index;
      }),
    ),
  );
  assert.equal(most, 3);
  assert.deepEqual(
    begun,
    Array.from({ length: 20 }, (_, index) => index),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 5);
  assert.equal(await slots.run(async () => 'free again'), 'free again');
});
