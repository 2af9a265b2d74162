import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

test('a buffer given back is lent again, and none is lent twice', () => {
  const pool = new BufferPool(10);
  const [a, b] = [pool.take(), pool.take()];
  assert.notEqual(a, b);
  assert.equal(a.length, 10);
  pool.give(a);
  assert.equal(pool.take(), a);
  assert.notEqual(pool.take(), a);
});

test('the pool keeps at most 64 idle buffers', () => {
  const pool = new BufferPool(1);
  const first = Array.from({ length: 100 }, () => pool.take());
  for (const buffer of first) pool.give(buffer);
  const second = Array.from({ length: 100 }, () => pool.take());
  assert.equal(second.filter((buffer) => first.includes(buffer)).length, 64);
});
