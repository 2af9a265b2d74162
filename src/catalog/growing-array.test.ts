import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrowingArray } from './growing-array.ts';

test('a view of a growing array stays as it was', () => {
  const array = new GrowingArray(Int32Array, 2);
  const views: Int32Array[] = [];
  for (let value = 0; value < 100; value++) {
    views.push(array.view());
    array.push(value);
  }
  for (const [length, view] of views.entries())
    assert.deepEqual(
      [...view],
      Array.from({ length }, (_, value) => value),
    );
});

test('room that was made in advance is used', () => {
  const array = new GrowingArray(Uint8Array, 1);
  array.push(7);
  array.reserve(1000);
  const { array: roomy } = array;
  for (let count = 0; count < 1000; count++) array.push(1);
  assert.equal(array.array, roomy);
  assert.equal(array.view()[0], 7);
});
