import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MarkSet } from './mark-set.ts';

describe('a set of marks', () => {
  test('says whether a member is new', () => {
    const set = new MarkSet(3);
    assert.deepEqual(
      [set.has(1), set.add(1), set.add(1), set.has(1), set.has(0)],
      [false, true, false, true, false],
    );
  });

  test('is empty after it was cleared, as often as one likes', () => {
    const set = new MarkSet(2);
    for (let round = 0; round < 1000; round++) {
      assert.equal(set.add(1), true);
      set.clear();
      assert.equal(set.has(1), false);
    }
  });

  test('has no members outside its size', () => {
    const set = new MarkSet(2);
    assert.deepEqual([set.has(-1), set.has(2)], [false, false]);
  });
});
