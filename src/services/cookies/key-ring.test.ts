import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSealingKey, KeyRing } from './key-ring.ts';

const PURPOSE = 7;
const key = createSealingKey([], 1000);
const ring = new KeyRing([key]);
const plain = Buffer.from('who and until when');
const bytes = fc.uint8Array({ maxLength: 300 });

describe('a key ring', () => {
  test('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.nat(255), bytes, (purpose, content) => {
        const opened = ring.open(purpose, ring.seal(purpose, Buffer.from(content)));
        assert.deepEqual(opened, Buffer.from(content));
      }),
    );
  });

  test('seals the same bytes differently each time', () => {
    assert.notDeepEqual(ring.seal(PURPOSE, plain), ring.seal(PURPOSE, plain));
  });

  test('shows nothing of what it sealed', () => {
    assert.equal(ring.seal(PURPOSE, plain).includes(plain.subarray(0, 4)), false);
  });

  test('opens a view into a larger buffer', () => {
    const sealed = ring.seal(PURPOSE, plain);
    const larger = new Uint8Array(sealed.length + 20);
    larger.set(sealed, 10);
    assert.deepEqual(ring.open(PURPOSE, larger.subarray(10, 10 + sealed.length)), plain);
  });
});

describe('a key ring does not open', () => {
  test('anything in which a single bit was changed', () => {
    const sealed = ring.seal(PURPOSE, plain);
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(sealed);
        changed[at] ^= 1 << bit;
        assert.equal(ring.open(PURPOSE, changed), undefined, `byte ${at}, bit ${bit}`);
      }
    }
  });

  test('anything shorter or longer than it sealed', () => {
    const sealed = ring.seal(PURPOSE, plain);
    for (let length = 0; length < sealed.length; length++)
      assert.equal(ring.open(PURPOSE, sealed.subarray(0, length)), undefined, `${length} bytes`);
    assert.equal(ring.open(PURPOSE, Buffer.concat([sealed, Buffer.alloc(1)])), undefined);
    assert.equal(ring.open(PURPOSE, Buffer.concat([sealed, sealed])), undefined);
  });

  test('what it sealed for another purpose', () => {
    assert.equal(ring.open(PURPOSE + 1, ring.seal(PURPOSE, plain)), undefined);
  });

  test('what another ring sealed, not even under the same key id', () => {
    const foreign = new KeyRing([createSealingKey([key], 1000)]);
    const namesake = new KeyRing([{ ...createSealingKey([], 1000), id: key.id }]);
    for (const other of [foreign, namesake])
      assert.equal(ring.open(PURPOSE, other.seal(PURPOSE, plain)), undefined);
  });

  test('anything anybody makes up', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, rest) => {
        assert.equal(ring.open(PURPOSE, one), undefined);
        // With a head that looks right.
        const head = ring.seal(PURPOSE, plain).subarray(0, 6);
        assert.equal(ring.open(PURPOSE, Buffer.concat([head, rest])), undefined);
      }),
    );
  });
});

describe('rotation', () => {
  const newer = createSealingKey([key], 2000);

  test('the newest key seals, whatever its place in the ring', () => {
    for (const keys of [
      [key, newer],
      [newer, key],
    ])
      assert.deepEqual(new KeyRing([newer]).open(PURPOSE, new KeyRing(keys).seal(PURPOSE, plain)), plain);
  });

  test('older keys go on opening until they are forgotten', () => {
    const sealed = ring.seal(PURPOSE, plain);
    assert.deepEqual(new KeyRing([newer, key]).open(PURPOSE, sealed), plain);
    assert.equal(new KeyRing([newer]).open(PURPOSE, sealed), undefined);
  });

  test('no two keys share an id or a secret', () => {
    const keys = [key, newer];
    for (let count = 0; count < 100; count++) keys.push(createSealingKey(keys, count));
    assert.equal(new Set(keys.map((one) => one.id)).size, keys.length);
    assert.equal(new Set(keys.map((one) => one.secret.toString('hex'))).size, keys.length);
    assert.ok(keys.every((one) => one.secret.length === 32));
  });

  test('a ring without keys is a mistake', () => {
    assert.throws(() => new KeyRing([]), TypeError);
  });
});
