import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { mutate, mutations } from '../../test/support/mutations.ts';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { rewrite, rewritings } from '../../test/support/rewritten-document.ts';
import { assertWellFormedFragment } from '../../test/support/well-formed.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { deriveFragments } from './fragments.ts';
import { parseUpdateDocument } from './update-document.ts';

const documents = new Map(OWN_DOCUMENTS.map((name) => [name, ownDocument(name)]));
const documentNames = fc.constantFrom(...OWN_DOCUMENTS);
const bytesOf = (name: string): Buffer => documents.get(name) ?? Buffer.of();

describe('the way a document is written', () => {
  it('does not show in its fragments: prefixes, and places of declarations and Core attributes', () => {
    fc.assert(
      fc.property(documentNames, rewritings, (name, rewriting) => {
        const rewritten = rewrite(bytesOf(name), rewriting);
        assert.deepEqual(deriveFragments(rewritten), deriveFragments(bytesOf(name)));
      }),
      { numRuns: 300 },
    );
  });

  it('does not show in what is read of it', () => {
    fc.assert(
      fc.property(documentNames, rewritings, (name, rewriting) => {
        const rewritten = rewrite(bytesOf(name), rewriting);
        assert.deepEqual(parseUpdateDocument(rewritten), parseUpdateDocument(bytesOf(name)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a hostile document', () => {
  const take = (document: Buffer): string => {
    try {
      parseUpdateDocument(document);
      const { core, extended, localized, eulas } = deriveFragments(document);
      for (const one of [core, extended, ...[...localized, ...eulas].map((text) => text.xml)])
        assertWellFormedFragment(one);
      return 'taken';
    } catch (error) {
      if (!(error instanceof OakumError)) throw error;
      return error.code;
    }
  };

  it('is refused with a code, or its fragments are well-formed', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(documentNames, mutations, (name, changes) => {
        codes.add(take(mutate(bytesOf(name), changes)));
      }),
      { numRuns: 1_000 },
    );
    assert.ok(codes.has('taken') && codes.has('OAK_XML_MALFORMED') && codes.size > 2, [...codes].join());
  });

  it('may be huge in any direction', () => {
    const text = bytesOf('bundle').toString();
    const insert = (before: string, what: string): Buffer =>
      Buffer.from(text.replace(before, `${what}${before}`));
    const identity = '<upd:UpdateIdentity UpdateID="1495acf1-e850-4294-85ca-3aa706c86d58"/>';
    const huge = {
      'superseded updates': insert('</upd:SupersededUpdates>', identity.repeat(150_000)),
      'members of a clause': insert('</upd:AtLeastOne>', identity.repeat(150_000)),
      clauses: insert('</upd:Prerequisites>', '<upd:AtLeastOne/>'.repeat(150_000)),
      declarations: insert(
        'PublicationState',
        Array.from({ length: 200 }, (_, index) => `xmlns:p${index}="urn:p"`).join(' ') + ' ',
      ),
    };
    for (const [what, document] of Object.entries(huge)) assert.equal(take(document), 'taken', what);
    const depth = insert('</upd:Relationships>', '<upd:a>'.repeat(100_000));
    assert.equal(take(depth), 'OAK_XML_LIMIT');
    const attributes = Array.from({ length: 300 }, (_, index) => `a${index}="1"`).join(' ');
    assert.equal(take(insert('PublicationState', `${attributes} `)), 'OAK_XML_LIMIT');
  });

  it('is refused where its fragments would be much larger than itself', () => {
    const quotes = Buffer.alloc(33 * 2 ** 20, '"');
    assert.throws(() => deriveFragments(quotes), {
      code: 'OAK_DOCUMENT_INVALID',
      message: /may have 207618048 bytes/,
    });
    const plain = Buffer.alloc(33 * 2 ** 20, ' ');
    assert.equal(
      raised(() => deriveFragments(plain)),
      'OAK_XML_MALFORMED',
    );
  });
});
