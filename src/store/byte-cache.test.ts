import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { ByteCache } from './byte-cache.ts';

const keysOf = (cache: ByteCache<string>, keys: string): string =>
  keys
    .split('')
    .filter((key) => cache.get(key) !== undefined)
    .join('');

describe('the byte cache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new ByteCache<string>(40);
    for (const key of 'abcd') cache.set(key, Buffer.alloc(10));
    assert.notEqual(cache.get('a'), undefined);
    cache.set('e', Buffer.alloc(10));
    assert.equal(keysOf(cache, 'abcde'), 'acde');
  });

  it('forgets as many as it must', () => {
    const cache = new ByteCache<string>(40);
    for (const key of 'abcdefgh') cache.set(key, Buffer.alloc(5));
    cache.set('i', Buffer.alloc(10));
    assert.equal(keysOf(cache, 'abcdefghi'), 'cdefghi');
  });

  it('does not take what would push out a quarter of it', () => {
    const cache = new ByteCache<string>(40);
    cache.set('a', Buffer.alloc(11));
    cache.set('b', Buffer.alloc(10));
    assert.equal(keysOf(cache, 'ab'), 'b');
    const none = new ByteCache<string>(0);
    none.set('a', Buffer.alloc(1));
    assert.equal(none.get('a'), undefined);
  });

  it('never holds more than its room, and always what it took last', () => {
    const steps = fc.array(fc.record({ key: fc.nat(20), length: fc.nat(30) }), {
      maxLength: 200,
      size: 'max',
    });
    fc.assert(
      fc.property(steps, (all) => {
        const cache = new ByteCache<number>(100);
        for (const { key, length } of all) {
          cache.set(key, Buffer.alloc(length, key));
          if (length <= 25) assert.deepEqual(cache.get(key), Buffer.alloc(length, key));
          const held = Array.from({ length: 21 }, (_, other) => cache.get(other)?.length ?? 0);
          assert.ok(held.reduce((sum, bytes) => sum + bytes) <= 100);
        }
      }),
    );
  });
});
