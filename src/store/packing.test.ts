import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { pack, unpack } from './packing.ts';

describe('stored bytes', () => {
  it('come back as they were, whatever their length', () => {
    const texts = fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat({ max: 400 }));
    fc.assert(
      fc.property(texts, ([text, times]) => {
        const bytes = Buffer.from(text.repeat(times));
        assert.deepEqual(unpack(pack(bytes)), bytes);
      }),
    );
    for (const name of OWN_DOCUMENTS) assert.deepEqual(unpack(pack(ownDocument(name))), ownDocument(name));
  });

  it('are kept as they are when they are short or gain nothing', () => {
    const short = Buffer.from('<Update/>');
    assert.equal(pack(short), short);
    const noise = randomBytes(1_400).toString('base64').slice(0, 1_024);
    assert.deepEqual(unpack(pack(Buffer.from(noise))).toString(), noise);
    const incompressible = Buffer.concat([Buffer.from('<'), randomBytes(2_000)]);
    assert.equal(pack(incompressible), incompressible);
  });

  it('take less room when they are long', () => {
    const long = Buffer.from('<Rule Value="1" />'.repeat(1_000));
    assert.ok(pack(long).length < 200);
  });

  it('may stand in a larger buffer', () => {
    const packed = pack(Buffer.from('x'.repeat(5_000)));
    const larger = Buffer.concat([Buffer.from('ab'), packed, Buffer.from('cd')]);
    assert.equal(unpack(larger.subarray(2, 2 + packed.length)).toString(), 'x'.repeat(5_000));
    assert.deepEqual(unpack(new Uint8Array([60, 62])), Buffer.from('<>'));
    assert.equal(unpack(Buffer.of()).length, 0);
  });
});
