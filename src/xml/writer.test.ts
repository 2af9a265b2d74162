import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Token, XmlScanner } from './scanner.ts';
import { escapeAttribute } from './text.ts';
import { XmlWriter } from './writer.ts';

describe('XmlWriter', () => {
  test('escapes what element content needs and nothing more', () => {
    assert.equal(
      new XmlWriter().markup('<a>').text(`<&>"'`).markup('</a>').toBuffer().toString(),
      `<a>&lt;&amp;&gt;"'</a>`,
    );
  });

  test('writes empty elements in the style asked for', () => {
    assert.equal(new XmlWriter().empty('a').toBuffer().toString(), '<a/>');
    assert.equal(new XmlWriter(' />').empty('a').toBuffer().toString(), '<a />');
  });

  test('keeps encoded pieces as they are', () => {
    const fragment = Buffer.from('&lt;x /&gt;');
    const writer = new XmlWriter().markup('<a>').encoded(fragment).markup('</a>');
    assert.equal(writer.pieces()[1], fragment);
    assert.equal(writer.toBuffer().toString(), '<a>&lt;x /&gt;</a>');
  });

  test('any text comes back from a scanner, except what XML cannot carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = new XmlWriter()
          .markup(`<a k="${escapeAttribute(text)}">`)
          .text(text)
          .markup('</a>')
          .toBuffer();
        const scanner = new XmlScanner(bytes);
        scanner.next();
        const expected = text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
        assert.equal(scanner.attribute('k'), expected);
        assert.equal(scanner.readText(), expected);
        assert.equal(scanner.next(), Token.EndOfDocument);
      }),
    );
  });

  test('a lone surrogate becomes the replacement character', () => {
    assert.equal(new XmlWriter().text('a\uD800b\uDC00').toBuffer().toString(), 'a\uFFFDb\uFFFD');
  });
});
