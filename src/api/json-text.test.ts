import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText } from './json-text.ts';

test('nothing in it is live on a terminal, and the same value comes out', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = jsonText(value);
      assert.doesNotMatch(text, /(?!\n)\p{Cc}|\p{Cf}|[\u2028\u2029]/u);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.equal(jsonText('\u009B\u{E0041}'), '"\\u009b\\udb40\\udc41"');
});
