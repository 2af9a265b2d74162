import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownBytes } from './own-bytes.ts';

test('bytes that are kept share their memory with nothing', () => {
  const own = ownBytes(Buffer.from('ab'), new Uint8Array(0), Buffer.from('c'));
  assert.equal(own.toString(), 'abc');
  assert.equal(own.buffer.byteLength, 3);
});
