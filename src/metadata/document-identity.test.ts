import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { leadingIdentity } from './document-identity.ts';
import { parseUpdateDocument } from './update-document.ts';

const UPDATE = '<Update xmlns="http://schemas.microsoft.com/msus/2002/12/Update">';
const ID = '11111111-2222-3333-4444-55555555aaaa';
const IDENTITY = `<UpdateIdentity UpdateID="${ID}" RevisionNumber="7"/>`;

describe('the identity at the beginning of a document', () => {
  it('is the one that the whole document has', () => {
    const elsewhere = OWN_DOCUMENTS.filter((name) => {
      const { updateId, revisionNumber } = parseUpdateDocument(ownDocument(name));
      const found = leadingIdentity(ownDocument(name));
      if (found !== undefined) assert.deepEqual(found, { updateId, revisionNumber });
      return found === undefined;
    });
    // This one has its sections in no usual order.
    assert.deepEqual(elsewhere, ['irregular']);
  });

  it('is read whatever follows', () => {
    for (const rest of ['', '<', '<Properties>', '</Update>', '&']) {
      const text = `<?xml version="1.0"?><!-- a -->${UPDATE}\n <!-- b -->${IDENTITY}${rest}`;
      assert.deepEqual(leadingIdentity(Buffer.from(text)), { updateId: ID, revisionNumber: 7 });
    }
    const upper = IDENTITY.replace(ID, ID.toUpperCase());
    assert.equal(leadingIdentity(Buffer.from(`${UPDATE}${upper}`))?.updateId, ID);
  });

  it('is not looked for anywhere else', () => {
    for (const text of [
      '',
      'text',
      '<Update/>',
      `${UPDATE}</Update>`,
      `${UPDATE}<Properties/>${IDENTITY}</Update>`,
      `${UPDATE}<a xmlns="urn:a">${IDENTITY}</a></Update>`,
      `${UPDATE}<UpdateIdentity xmlns="urn:a" UpdateID="${ID}" RevisionNumber="7"/></Update>`,
      `${UPDATE}${IDENTITY.replace(ID, 'none')}</Update>`,
      `${UPDATE}${IDENTITY.replace('7', '-7')}</Update>`,
      `${UPDATE}${IDENTITY.replace('UpdateID', 'Id')}</Update>`,
      `<!DOCTYPE a>${UPDATE}${IDENTITY}</Update>`,
      `<Other>${IDENTITY}</Other>`,
    ]) {
      assert.equal(leadingIdentity(Buffer.from(text)), undefined, text);
    }
  });

  it('of damaged documents is none, or still the right one', () => {
    const names = fc.constantFrom(...OWN_DOCUMENTS);
    fc.assert(
      fc.property(names, fc.nat(), fc.uint8Array({ maxLength: 4 }), (name, at, bytes) => {
        const document = Buffer.from(ownDocument(name));
        document.set(bytes.subarray(0, document.length), at % (document.length - 4));
        const found = leadingIdentity(document);
        if (found === undefined) return;
        assert.match(found.updateId, /^[0-9a-f-]{36}$/);
        assert.ok(Number.isInteger(found.revisionNumber));
      }),
    );
  });
});
