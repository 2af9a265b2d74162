import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { OakumError } from '../../errors/oakum-error.ts';
import { MarkupScanner } from './markup-scanner.ts';

/** Pieces as `kind:text`, neighbours of one kind joined where the scanner may have parted them. */
function scan(...chunks: (string | Uint8Array)[]): string[] {
  const scanner = new MarkupScanner();
  const found: string[] = [];
  let [kind, text] = ['', ''];
  for (const chunk of chunks) {
    for (const markup of scanner.push(Buffer.from(chunk as string))) {
      const piece = scanner.bytes.toString('latin1', markup.start, markup.end);
      if (markup.kind === kind && ['text', 'cdata', 'other'].includes(kind)) text += piece;
      else {
        if (kind !== '') found.push(`${kind}:${text}`);
        [kind, text] = [markup.kind, piece];
      }
    }
  }
  scanner.end();
  if (kind !== '') found.push(`${kind}:${text}`);
  return found;
}

describe('the markup scanner', () => {
  const text = `<?xml version="1.0"?><a x='>' y="'>">t<!-- > <b> - -- --x\n--><b/><![CDATA[<c>]] >]]></a ><d\n/>`;
  const markup = [
    'other:<?xml version="1.0"?>',
    `open:<a x='>' y="'>">`,
    'text:t',
    'other:<!-- > <b> - -- --x\n-->',
    'empty:<b/>',
    'other:<![CDATA[',
    'cdata:<c>]] >',
    'other:]]>',
    'close:</a >',
    'empty:<d\n/>',
  ];

  it('cuts XML into tags and what is between them', () => {
    assert.deepEqual(scan(text), markup);
  });

  it('finds the same wherever the text is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        assert.deepEqual(scan(...ends.slice(1).map((end, index) => text.slice(ends[index], end))), markup);
      }),
    );
    assert.deepEqual(scan(...text.split('')), markup);
  });

  it('leaves nothing out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '!', '-', '"', '/', 'a', '?', ']', '[CDATA[')),
        (parts) => {
          const source = parts.join('');
          try {
            assert.equal(
              scan(...parts)
                .map((piece) => piece.slice(piece.indexOf(':') + 1))
                .join(''),
              source,
            );
          } catch (error) {
            if (!(error instanceof OakumError)) throw error;
            assert.equal(error.code, 'OAK_EXPORT_INVALID');
          }
        },
      ),
    );
  });

  it('says where a piece stands in the text', () => {
    const scanner = new MarkupScanner(100);
    const offsets: number[] = [];
    for (const chunk of ['<a>x<', 'b>', '</b></a', '>']) {
      for (const { start } of scanner.push(Buffer.from(chunk))) offsets.push(scanner.offsetOf(start));
    }
    assert.deepEqual(offsets, [100, 103, 104, 107, 111]);
  });

  it('refuses document type declarations', () => {
    assert.throws(() => scan('<!DOCTYPE a>'), { code: 'OAK_EXPORT_INVALID' });
    assert.throws(() => scan('<a><!', 'ENTITY b>'), { code: 'OAK_EXPORT_INVALID' });
  });

  it('refuses to end inside a tag or comment', () => {
    for (const unfinished of [
      '<',
      '<a',
      '<a b="',
      '</a',
      '<!-',
      '<!--',
      '<!-- --',
      '<![CDATA[ ]]',
      '<?x ?',
    ]) {
      assert.throws(() => scan(unfinished), { code: 'OAK_EXPORT_INVALID' });
    }
  });

  it('refuses tags of more than 1 MiB', () => {
    const long = 'x'.repeat(2 ** 20);
    assert.throws(() => scan(`<a b="${long}`, '">'), { code: 'OAK_EXPORT_LIMIT' });
  });
});
