import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import {
  escaped,
  inCdata,
  packageXml,
  recordsOf,
  sampleUpdate,
  UPDATE_NAMESPACE,
  type SampleUpdate,
} from '../../../test/support/export-text.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { ExportTextReader } from './export-text-reader.ts';

const LIMITS = { maxDocumentBytes: 10_000 };
const updates = [1, 2, 3].map((index) => sampleUpdate(index));

/** Every way to put the same updates into a text. */
const FORMS: Readonly<Record<string, string>> = {
  records: recordsOf(updates),
  'package.xml and then records': `\uFEFF${packageXml(updates)}\r\n\uFEFF${recordsOf(updates)}`,
  'elements among others': packageXml(updates, (document) => `<Xml>${document}</Xml>`),
  'escaped text': packageXml(updates, escaped),
  'CDATA sections': packageXml(updates, inCdata),
  'one document after the other': updates.map(({ document }) => document).join('\r\n'),
};

function read(
  chunks: readonly Uint8Array[],
  limits = LIMITS,
): { reader: ExportTextReader; found: SampleUpdate[] } {
  const reader = new ExportTextReader(limits);
  const found = [...chunks.flatMap((chunk) => [...reader.push(chunk)]), ...reader.end()];
  const texts = found.map(({ updateId, revisionNumber, document }) => ({
    updateId,
    revisionNumber,
    document: document.toString(),
  }));
  return { reader, found: texts };
}
const readText = (text: string): ReturnType<typeof read> => read([Buffer.from(text)]);

for (const [form, text] of Object.entries(FORMS)) {
  describe(`the text of an export as ${form}`, () => {
    const bytes = Buffer.from(text);

    it('gives every update with exactly its document', () => {
      assert.deepEqual(read([bytes]).found, updates);
    });

    it('gives the same wherever it is cut into pieces', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
          const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
          const chunks = ends.slice(1).map((end, index) => bytes.subarray(ends[index], end));
          assert.deepEqual(read(chunks).found, updates);
        }),
      );
      assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte))).found, updates);
    });

    it('fails with an OakumError or not at all when bytes are changed', () => {
      const change = fc.tuple(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
      );
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          try {
            read([changed.subarray(0, 700), changed.subarray(700)]);
          } catch (error) {
            if (!(error instanceof OakumError)) throw error;
            assert.match(error.code, /^OAK_EXPORT_/);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('is refused when it ends too early', () => {
      const [, part] = [read([bytes]), bytes.subarray(0, bytes.length - 5)];
      assert.throws(() => read([part]), { code: 'OAK_EXPORT_INVALID' });
    });

    it('is held to the largest document', () => {
      assert.throws(() => read([bytes], { maxDocumentBytes: 100 }), { code: 'OAK_EXPORT_LIMIT' });
    });
  });
}

describe('the header of an export', () => {
  it('says server, time, versions, languages and the number of updates', () => {
    assert.deepEqual(readText(packageXml(updates)).reader.header, {
      serverId: 'a86cecaa-02ab-44a1-a09d-cac309aa7a3e',
      creationTime: '2024-06-19T17:11:14Z',
      formatVersion: '1.0',
      protocolVersion: '1.20',
      languages: [
        { id: 0, shortName: 'all', longName: 'all', enabled: true },
        { id: 1033, shortName: 'en', longName: 'English & more', enabled: false },
      ],
      updateCount: 3,
    });
  });

  it('knows no number of updates before all have passed', () => {
    const reader = new ExportTextReader(LIMITS);
    const text = Buffer.from(packageXml(updates, escaped));
    assert.equal(reader.push(text).next().done, false);
    assert.equal(reader.header?.languages.length, 2);
    assert.equal(reader.header?.updateCount, undefined);
  });

  it('is none where there is no element ExportPackage', () => {
    assert.equal(readText(recordsOf(updates)).reader.header, undefined);
    assert.equal(readText('<Other/>').reader.header, undefined);
  });

  it('is refused with more languages than can be', () => {
    const text = `<ExportPackage><Languages>${'<Language Id="1"/>'.repeat(5_000)}</Languages></ExportPackage>`;
    assert.throws(() => readText(text), { code: 'OAK_EXPORT_INVALID' });
  });
});

describe('XML with update documents in it', () => {
  const [{ updateId, revisionNumber }] = updates;
  const identity = `UpdateIdentity UpdateID="${updateId}" RevisionNumber="${revisionNumber}"`;

  it('gives documents the declarations that stand around them', () => {
    const text = `<r xmlns:u="${UPDATE_NAMESPACE}" xmlns:q="a&quot;b"><u:Update xmlns="x"><u:${identity}/></u:Update></r>`;
    assert.deepEqual(
      readText(text).found.map(({ document }) => document),
      [`<u:Update xmlns:u="${UPDATE_NAMESPACE}" xmlns:q="a&quot;b" xmlns="x"><u:${identity}/></u:Update>`],
    );
  });

  it('takes a document in the default namespace as it is', () => {
    const document = `<Update xmlns='${UPDATE_NAMESPACE}'><${identity}/></Update>`;
    assert.equal(readText(`<r>${document}</r>`).found[0].document, document);
  });

  it('passes over what is no update document', () => {
    const others =
      '<Update>no namespace</Update><Update xmlns="urn:x"/>&lt;Update>no namespace&lt;/Update>' +
      '<Text>&lt;3 &amp; more</Text><!-- <upd:Update> --><?x <upd:Update>?>';
    assert.deepEqual(readText(`<r>${others}</r>`).found, []);
  });

  const broken: Readonly<Record<string, string>> = {
    'a document without identity': `<r><Update xmlns="${UPDATE_NAMESPACE}"/></r>`,
    'a document with a broken identity': `<Update xmlns="${UPDATE_NAMESPACE}"><UpdateIdentity UpdateID="x"/></Update>`,
    'an escaped document without identity': `<r>&lt;Update xmlns="${UPDATE_NAMESPACE}"/&gt;</r>`,
    'an escaped document that is damaged': `<r>&lt;Update xmlns="${UPDATE_NAMESPACE}"&gt;&lt;</r>`,
    'tags that do not match': '<a><b></a></b>',
    'a closing tag too many': '</a>',
    'text after its declaration': '<?xml version="1.0"?>text<a/>',
    'a document type': '<!DOCTYPE a><a/>',
    'undefined entities in its tags': '<a b="&c;"/>',
    'nothing after its declaration': '<?xml version="1.0"?>',
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => readText(text), { code: 'OAK_EXPORT_INVALID' });
    });
  }

  it('is held to a depth and to short tags outside of documents', () => {
    assert.throws(() => readText('<a>'.repeat(1_000)), { code: 'OAK_EXPORT_LIMIT' });
    assert.throws(() => readText(`<a b="${'x'.repeat(70_000)}"/>`), { code: 'OAK_EXPORT_LIMIT' });
  });
});
