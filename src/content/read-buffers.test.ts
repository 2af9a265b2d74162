import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadBuffers } from './read-buffers.ts';

const KIB = 1024;

test('a large read gets a large buffer, a small one does not', () => {
  const buffers = new ReadBuffers();
  assert.equal(buffers.take(512 * KIB).length, 512 * KIB);
  assert.equal(buffers.take(257 * KIB).length, 512 * KIB);
  assert.equal(buffers.take(256 * KIB).length, 256 * KIB);
});

test('those who keep their buffers hold 256 KiB each and 4 MiB more, and leave small ones to others', () => {
  const buffers = new ReadBuffers();
  const kept = Array.from({ length: 1000 }, () => buffers.take(512 * KIB));
  const bytes = kept.reduce((sum, buffer) => sum + buffer.length, 0);
  assert.equal(bytes, 1000 * 256 * KIB + 4096 * KIB);
  assert.equal(new Set(kept.map((buffer) => buffer.buffer)).size, 1000);
  for (const buffer of kept) buffers.give(buffer);
  assert.equal(buffers.take(512 * KIB).length, 512 * KIB);
});
