import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { updateDocument } from '../../test/support/sample-catalogue.ts';
import { sourcesOf, TempStore } from '../../test/support/temp-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { importDocuments, type ImportReport, type RejectedDocument } from './importer.ts';
import { markKnown } from './known-documents.ts';
import type { SourceDocument } from './source-document.ts';

const idOf = (index: number): UpdateId =>
  `60000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

const document = (index: number, revisionNumber = 1, title = 'a'): Buffer =>
  updateDocument({ id: idOf(index), type: 'Detectoid', titles: { en: title }, revisionNumber });

/** What importing means without any haste: every document is read whole, and then looked for. */
class PlainImporter {
  /** The published ones, and those that imports left behind by the name of their import. */
  readonly published = new Map<string, Buffer>();
  readonly staged = new Map<string, Buffer>();

  import(documents: readonly Buffer[]): ImportReport {
    const [refused, conflicts]: [RejectedDocument[], RejectedDocument[]] = [[], []];
    const [run, total] = [new Set<string>(), { imported: 0, known: 0 }];
    for (const [index, bytes] of documents.entries()) {
      const name = `document ${index}`;
      try {
        const { updateId, revisionNumber } = parseUpdateDocument(bytes);
        deriveFragments(bytes);
        const key = `${updateId} ${revisionNumber}`;
        const stored = this.published.get(key) ?? this.staged.get(key);
        if (stored?.equals(bytes) === false) {
          const { code, message } = new OakumError('OAK_IMPORT_CONFLICT');
          conflicts.push({ name, code, reason: message });
        } else if (this.published.has(key) || run.has(key)) total.known++;
        else {
          total.imported++;
          run.add(key);
          this.staged.set(key, bytes);
        }
      } catch (error) {
        assert.ok(error instanceof OakumError);
        refused.push({ name, code: error.code, reason: error.message });
      }
    }
    for (const key of run) {
      this.published.set(key, this.staged.get(key) ?? Buffer.alloc(0));
      this.staged.delete(key);
    }
    return { documents: documents.length, ...total, rejected: [...refused, ...conflicts] };
  }
}

/** Documents of few identities: the same, others with the same identity, and broken ones that begin like them. */
const anyDocument = fc
  .tuple(fc.nat(3), fc.integer({ min: 1, max: 2 }), fc.constantFrom('a', 'b'), fc.nat(9))
  .map(([index, revision, title, kind]) => {
    const bytes = document(index, revision, title);
    const text = bytes.toString();
    if (kind === 0) return bytes.subarray(0, bytes.length - 5);
    if (kind === 1) return Buffer.concat([bytes, Buffer.from('<!-- more -->')]);
    if (kind === 2) return Buffer.from(text.replace('Detectoid', 'Detective'));
    if (kind === 3) return Buffer.from(text.replace('RevisionNumber=', 'Number='));
    return bytes;
  });

describe('documents that are known', () => {
  it('are reported as if each were read whole, and so is everything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyDocument, { maxLength: 12 }), { maxLength: 4 }), async (runs) => {
        await using temp = await TempStore.open();
        const plain = new PlainImporter();
        for (const documents of runs) {
          assert.deepEqual(await temp.import(documents), plain.import(documents));
          assert.equal(await temp.count('revision'), plain.published.size);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are those whose bytes are stored and published', async () => {
    await using temp = await TempStore.open();
    await temp.import([document(1), document(2)]);
    async function* interrupted(): AsyncGenerator<SourceDocument> {
      yield* sourcesOf(Array.from({ length: 250 }, (_, index) => document(100 + index)));
      throw new Error('the power is gone');
    }
    const options = { source: 'interrupted', now: temp.now };
    await assert.rejects(importDocuments(temp.db, interrupted(), options), /power/);
    assert.equal(await temp.count('revision'), 252);
    const asked = [
      document(1),
      document(1, 1, 'other'),
      document(1, 2),
      Buffer.from('<Update'),
      document(2),
      document(2),
      document(100),
    ];
    const marked: boolean[] = [];
    for await (const { isKnown } of markKnown(temp.db, sourcesOf(asked))) marked.push(isKnown);
    assert.deepEqual(marked, [true, false, false, false, true, true, false]);
  });

  it('come out in the order they went in, however many there are', async () => {
    await using temp = await TempStore.open();
    const all = Array.from({ length: 333 }, (_, index) => document(index));
    await temp.import(all.filter((_, index) => index % 3 === 0));
    const seen: string[] = [];
    for await (const { source, isKnown } of markKnown(temp.db, sourcesOf(all)))
      seen.push(`${source.name} ${isKnown}`);
    assert.deepEqual(
      seen,
      all.map((_, index) => `document ${index} ${index % 3 === 0}`),
    );
  });
});
