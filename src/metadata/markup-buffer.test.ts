import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MarkupBuffer } from './markup-buffer.ts';

test('what is appended comes out, whatever the capacity was', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  const step = fc.record({ text, kind: fc.constantFrom('text', 'copy', 'quoted', 'truncate') });
  fc.assert(
    fc.property(fc.nat(20), fc.array(step), (capacity, steps) => {
      const markup = new MarkupBuffer(capacity);
      let expected = Buffer.alloc(0);
      for (const { text: piece, kind } of steps) {
        // Somewhere in other bytes, as in a document.
        const source = Buffer.from(`..${piece}....`);
        const [start, end] = [2, source.length - 4];
        if (kind === 'text') markup.text(piece);
        else if (kind === 'copy') markup.copy(source, start, end);
        else if (kind === 'quoted') markup.copyQuoted(source, start, end);
        else markup.truncate(expected.length);
        const written = kind === 'quoted' ? piece.replaceAll('"', '&quot;') : piece;
        if (kind !== 'truncate') expected = Buffer.concat([expected, Buffer.from(written)]);
        assert.equal(markup.length, expected.length);
      }
      assert.deepEqual(markup.slice(), expected);
      if (expected.length > 0) assert.equal(markup.at(expected.length - 1), expected.at(-1));
    }),
  );
});

test('what is taken back is written over', () => {
  const markup = new MarkupBuffer(4);
  markup.text('<a>');
  markup.truncate(2);
  markup.text(' />');
  assert.equal(markup.slice().toString(), '<a />');
  assert.equal(markup.slice(1, 2).toString(), 'a');
});
