import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { EscapedDocument } from './escaped-document.ts';

const LIMITS = { maxDocumentBytes: 1_000 };

function collect(pieces: readonly (readonly ['text' | 'cdata', string | Uint8Array])[]): string | undefined {
  const document = new EscapedDocument(LIMITS);
  let before = pieces[0]?.[0];
  for (const [kind, piece] of pieces) {
    if (kind !== before) document.interrupt();
    before = kind;
    document.add(kind, Buffer.from(piece as string), 0);
  }
  return document.take(0)?.toString();
}

describe('an escaped document', () => {
  it('is what text and CDATA sections say together', () => {
    assert.equal(collect([['text', '\r\n &lt;a>&amp;amp;&#xE4;</a>\n']]), '<a>&amp;ä</a>');
    assert.equal(
      collect([
        ['cdata', ' <a>&amp;]]'],
        ['text', '&gt;'],
        ['cdata', '</a>'],
      ]),
      '<a>&amp;]]></a>',
    );
    assert.equal(collect([['text', '&#60;a/>']]), '<a/>');
  });

  it('has line ends of one LF, and CRs where they are written as references', () => {
    assert.equal(collect([['text', '&lt;a>\r\n\r&#xD;\n</a>']]), '<a>\n\n\r\n</a>');
    assert.equal(
      collect([
        ['cdata', '<a>\r'],
        ['cdata', '\n</a>'],
      ]),
      '<a>\n</a>',
    );
    assert.equal(
      collect([
        ['cdata', '<a>\r'],
        ['text', '\n&lt;/a>'],
      ]),
      '<a>\n\n</a>',
    );
  });

  it('is the same wherever its text is cut into pieces', () => {
    const bytes = Buffer.from('  &lt;a>ä€𝄞&amp;lt;\r\n&#x1D11E;&lt;/a>');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = ends.slice(1).map((end, index) => ['text', bytes.subarray(ends[index], end)] as const);
        assert.equal(collect(pieces), '<a>ä€𝄞&lt;\n𝄞</a>');
      }),
    );
  });

  it('is not any other text', () => {
    assert.equal(collect([]), undefined);
    assert.equal(collect([['text', ' \n ']]), undefined);
    assert.equal(collect([['text', '&amp;lt;a/>']]), undefined);
    assert.equal(collect([['text', 'a &lt; b &nbsp;']]), undefined);
    assert.equal(collect([['text', '&nbsp;']]), undefined);
    assert.equal(collect([['cdata', '&lt;a/>']]), undefined);
    assert.equal(
      collect([
        ['text', '&l'],
        ['cdata', '<a/>'],
      ]),
      undefined,
    );
  });

  it('does not remember the one before', () => {
    const document = new EscapedDocument(LIMITS);
    document.add('text', Buffer.from('something else &'), 0);
    assert.equal(document.take(0), undefined);
    document.add('text', Buffer.from('&lt;a/>'), 0);
    assert.equal(document.take(0)?.toString(), '<a/>');
    assert.equal(document.take(0), undefined);
  });

  it('is refused where it is not UTF-8 or uses undefined entities', () => {
    assert.throws(() => collect([['text', Buffer.from('&lt;a>\xff', 'latin1')]]), {
      code: 'OAK_EXPORT_INVALID',
    });
    assert.throws(() => collect([['text', Buffer.from('&lt;a>\xe2\x82', 'latin1')]]), {
      code: 'OAK_EXPORT_INVALID',
    });
    assert.throws(() => collect([['text', '&lt;a>&nbsp;']]), { code: 'OAK_EXPORT_INVALID' });
  });

  it('is held to the largest document', () => {
    assert.throws(() => collect([['text', `&lt;${'a'.repeat(1_000)}`]]), { code: 'OAK_EXPORT_LIMIT' });
    assert.throws(() => collect([['cdata', `<${'a'.repeat(1_000)}`]]), { code: 'OAK_EXPORT_LIMIT' });
  });
});
