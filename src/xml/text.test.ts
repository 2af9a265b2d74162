import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, it } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { escapeAttribute, escapeBytes, escapeText, resolveReferences } from './text.ts';

const awkward = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '&',
      '<',
      '>',
      '"',
      "'",
      '\r',
      '\n',
      '\t',
      ']',
      '&amp;',
      '\u0000',
      '\uFFFE',
      '\uD800',
      '\uDC00',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** The text without what no document can hold. */
const carried = (text: string): string =>
  text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');

/** What another parser reads. */
function read(xml: string): { readonly text: string; readonly attribute: string } {
  let [text, attribute] = ['', ''];
  const parser = new SaxesParser();
  parser.on('text', (piece) => (text += piece));
  parser.on('opentag', (tag) => (attribute = String(tag.attributes.a)));
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return { text, attribute };
}

describe('escaped text', () => {
  it('has only <, > and & escaped, and carriage returns', () => {
    assert.equal(escapeText(`a<b>&amp; "c" 'd'\r\n\t`), `a&lt;b&gt;&amp;amp; "c" 'd'&#xD;\n\t`);
    assert.equal(escapeText('\u0001\uFFFF\uD800x\u{1F600}\uDE00'), '\uFFFD\uFFFD\uFFFDx\u{1F600}\uFFFD');
  });

  it('comes out of any parser as it went in', () => {
    fc.assert(
      fc.property(awkward, (text) => {
        const { text: element, attribute } = read(`<r a="${escapeAttribute(text)}">${escapeText(text)}</r>`);
        assert.equal(element, carried(text));
        assert.equal(attribute, carried(text));
      }),
    );
  });

  it('is resolved to what it was', () => {
    fc.assert(
      fc.property(awkward, (text) => {
        assert.equal(resolveReferences(escapeText(text)), carried(text));
        assert.equal(resolveReferences(escapeAttribute(text)), carried(text));
      }),
    );
  });

  it('is the same made from bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const markup = carried(text).replaceAll('\r', '');
        assert.equal(escapeBytes(Buffer.from(markup)).toString(), escapeText(markup));
      }),
    );
    assert.equal(
      escapeBytes(Buffer.from('<a b="&lt;">\r\n</a>')).toString(),
      '&lt;a b="&amp;lt;"&gt;\r\n&lt;/a&gt;',
    );
    assert.equal(escapeBytes(Buffer.of()).length, 0);
  });
});

describe('references', () => {
  it('are the five entities and characters by number', () => {
    assert.equal(resolveReferences('&lt;&gt;&amp;&quot;&apos;'), `<>&"'`);
    assert.equal(resolveReferences('&#65;&#x42;&#x1f600;&#9;&#xD;'), 'AB\u{1F600}\t\r');
    assert.equal(resolveReferences('&amp;lt;'), '&lt;');
  });

  it('of anything else are refused', () => {
    const others = [
      '&',
      '& ',
      '&nbsp;',
      '&LT;',
      '&#;',
      '&#x;',
      '&#0;',
      '&#x1F;',
      '&#xD800;',
      '&#xFFFE;',
      '&#x110000;',
    ];
    for (const text of [...others, '&lt', '&#65', '&#-1;', '&#x11000000;']) {
      assert.equal(
        raised(() => resolveReferences(text)),
        'OAK_XML_MALFORMED',
        text,
      );
    }
  });
});
