import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

test('a buffer given back is lent again, and none is lent twice', () => {
  const pool = new BufferPool(10, 64);
  const [a, b] = [pool.take(), pool.take()];
  assert.notEqual(a, b);
  assert.equal(a.length, 10);
  pool.give(a);
  assert.equal(pool.take(), a);
  assert.notEqual(pool.take(), a);
});

test('the pool keeps at most so many idle buffers', () => {
  const pool = new BufferPool(1, 64);
  const first = Array.from({ length: 100 }, () => pool.take());
  assert.equal(pool.lent, 100);
  for (const buffer of first) pool.give(buffer);
  assert.equal(pool.lent, 0);
  const second = Array.from({ length: 100 }, () => pool.take());
  assert.equal(second.filter((buffer) => first.includes(buffer)).length, 64);
});
