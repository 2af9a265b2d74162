import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { MszipDecoder } from './mszip.ts';

const block = (data: Uint8Array, history?: Uint8Array): Buffer => {
  const deflated = deflateRawSync(data, history === undefined ? {} : { dictionary: history });
  return Buffer.concat([Buffer.from('CK'), deflated]);
};
const invalid = { code: 'OAK_CABINET_INVALID' };

describe('MSZIP', () => {
  it('continues the history over blocks, also over short ones', () => {
    const decoder = new MszipDecoder();
    const parts = [
      Buffer.alloc(32_768, 'abcdefg'),
      Buffer.from('short'),
      Buffer.from('abcdefg short abcdefg'),
    ];
    let history = Buffer.alloc(0);
    for (const part of parts) {
      const packed = block(part, history.length > 0 ? history : undefined);
      assert.deepEqual(Buffer.from(decoder.decode(packed, part.length)), part);
      history = Buffer.concat([history, part]).subarray(-32_768);
    }
  });

  it('refuses a block without CK', () => {
    const packed = block(Buffer.from('abc'));
    packed[1] = 0x4c;
    assert.throws(() => new MszipDecoder().decode(packed, 3), invalid);
    assert.throws(() => new MszipDecoder().decode(packed.subarray(0, 1), 3), invalid);
  });

  it('refuses a block that inflates to more or less than it says', () => {
    const packed = block(Buffer.alloc(1_000));
    assert.throws(() => new MszipDecoder().decode(packed, 999), invalid);
    assert.throws(() => new MszipDecoder().decode(packed, 1_001), invalid);
  });

  it('refuses a block that is cut off or no deflate stream', () => {
    const packed = block(Buffer.from('a text that takes a few bytes'));
    assert.throws(() => new MszipDecoder().decode(packed.subarray(0, -2), 29), invalid);
    assert.throws(() => new MszipDecoder().decode(Buffer.from('CK\xff\xff\xff', 'latin1'), 29), invalid);
  });
});
