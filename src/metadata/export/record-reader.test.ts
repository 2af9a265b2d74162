import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { recordsOf, sampleUpdate } from '../../../test/support/export-text.ts';
import type { ExportedDocument } from './exported-document.ts';
import { RecordReader } from './record-reader.ts';

const LIMITS = { maxDocumentBytes: 100_000 };
const ID = '00000000-0000-4000-8000-00000000000a';

function read(chunks: readonly Uint8Array[], limits = LIMITS): ExportedDocument[] {
  const reader = new RecordReader(limits);
  return [...chunks.flatMap((chunk) => [...reader.push(chunk)]), ...reader.end()];
}

const readText = (text: string, limits = LIMITS): ExportedDocument[] => read([Buffer.from(text)], limits);

describe('the records of metadata.txt', () => {
  const updates = [1, 2, 3].map((index) => sampleUpdate(index));
  const text = recordsOf(updates);

  it('give id, revision number and exactly the document', () => {
    assert.deepEqual(
      readText(text).map(({ updateId, revisionNumber, document }) => ({
        updateId,
        revisionNumber,
        document: document.toString(),
      })),
      updates,
    );
  });

  it('count length in UTF-16 code units', () => {
    const document = '<a>é€𝄞</a>';
    const [record] = readText(`${ID},00000001,0000000b,${document}\r\n`);
    assert.deepEqual(record.document, Buffer.from(document));
  });

  it('may come in pieces that end anywhere', () => {
    const bytes = Buffer.from(text);
    const whole = read([bytes]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
        assert.deepEqual(read(chunks), whole);
      }),
    );
    assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte))), whole);
  });

  it('have ids in lower case whatever the record says', () => {
    const [record] = readText(`${ID.toUpperCase()},0000000A,00000004,<a/>\r\n`);
    assert.deepEqual([record.updateId, record.revisionNumber], [ID, 10]);
  });

  it('may end with LF, blank lines or nothing', () => {
    for (const end of ['', '\n', '\r\n', '\r\n\r\n']) {
      assert.equal(readText(`${ID},00000001,00000004,<a/>${end}`).length, 1);
    }
    assert.deepEqual(readText(''), []);
  });

  const broken: Readonly<Record<string, [offset: number, text: string]>> = {
    'has no header': [0, 'this is not a record, however long it is: really no record'],
    'has an id that is none': [0, `${ID.replace('4', 'x')},00000001,00000004,<a/>\r\n`],
    'has a revision that is none': [0, `${ID},0000000g,00000004,<a/>\r\n`],
    'has a negative revision': [0, `${ID},ffffffff,00000004,<a/>\r\n`],
    'is too short': [58, `${ID},00000001,00000003,<a/>\r\n`],
    'is too long': [61, `${ID},00000001,00000008,<a/>\r\n`],
    'is longer than the text': [61, `${ID},00000001,00000009,<a/>\r\n`],
    'ends inside a character': [58, `${ID},00000001,00000004,<a>𝄞</a>\r\n`],
    'holds no XML': [0, `${ID},00000001,00000004,text\r\n`],
    'holds nothing': [0, `${ID},00000001,00000000,\r\n`],
    'ends in its header': [20, ID.slice(0, 20)],
    'has no line break after it': [59, `${ID},00000001,00000004,<a/>${ID}`],
  };
  for (const [which, [offset, bad]] of Object.entries(broken)) {
    it(`end with an error where one ${which}`, () => {
      const good = recordsOf([sampleUpdate(1)]);
      const reader = new RecordReader(LIMITS);
      const found: string[] = [];
      assert.throws(
        () => {
          for (const { updateId } of reader.push(Buffer.from(good + bad))) found.push(updateId);
          for (const { updateId } of reader.end()) found.push(updateId);
        },
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'OAK_EXPORT_INVALID');
          assert.match(error.message, new RegExp(`At byte ${Buffer.byteLength(good) + offset} `));
          return true;
        },
      );
      assert.deepEqual(found, [sampleUpdate(1).updateId]);
    });
  }

  it('end with an error where a document is not UTF-8', () => {
    const bytes = Buffer.from(`${ID},00000001,00000008,<a>x</a>\r\n`);
    for (const byte of [0xff, 0xe9, 0xc0]) {
      bytes[58] = byte;
      assert.throws(() => read([bytes]), { code: 'OAK_EXPORT_INVALID' });
    }
  });

  it('are held to the largest document, in code units and in bytes', () => {
    const limit = { maxDocumentBytes: 10 };
    assert.equal(readText(`${ID},00000001,00000008,<a>€</a>\r\n`, limit).length, 1);
    assert.throws(() => readText(`${ID},00000001,00000009,<a>€€</a>\r\n`, limit), {
      code: 'OAK_EXPORT_LIMIT',
    });
    assert.throws(() => readText(`${ID},00000001,7fffffff,`, limit), { code: 'OAK_EXPORT_LIMIT' });
  });
});
