import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { SAMPLE, sampleDocuments, updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { deleteRevisions } from './housekeeping-revisions.ts';
import { searchExpression } from './search-query.ts';
import { indexUpdates } from './update-index.ts';
import { readUpdatesPage } from './updates-page.ts';

/** What lists and searches are read from is what the newest published revisions say. */

/** A document with numbers and supersedence, which the sample has none of. */
function numbered(
  parts: Parameters<typeof updateDocument>[0],
  said: { readonly children?: string; readonly superseded?: readonly UpdateId[] },
): Buffer {
  const superseded = (said.superseded ?? []).map((id) => `<UpdateIdentity UpdateID="${id}"/>`).join('');
  return Buffer.from(
    updateDocument(parts)
      .toString()
      .replace(/(<Properties [^>]*)\/>/, `$1>${said.children ?? ''}</Properties>`)
      .replace('</Relationships>', `<SupersededUpdates>${superseded}</SupersededUpdates></Relationships>`),
  );
}

const NUMBERS =
  '<KBArticleID>5066835</KBArticleID><SecurityBulletinID>MS26-014</SecurityBulletinID>' +
  '<CveID>CVE-2026-21345</CveID><CveID>CVE-2026-900</CveID>';

async function found(temp: TempStore, search: string): Promise<string[]> {
  const page = { sort: 'relevance', descending: true, limit: 1000 } as const;
  return (await readUpdatesPage(temp.db, { search }, page)).map((update) => update.title);
}

describe('a search', () => {
  test('finds updates by their numbers, however these are written', async () => {
    await using temp = await TempStore.open();
    const parts = { id: SAMPLE.standalone, type: 'Software', titles: { en: 'Déjà Vu fix' } } as const;
    await temp.import([
      numbered(parts, { children: NUMBERS }),
      updateDocument({
        id: SAMPLE.otherUpdate,
        type: 'Software',
        titles: { en: 'Monthly rollup (KB5070001)' },
      }),
    ]);
    for (const text of [
      ...['5066835', 'KB5066835', 'kb5066835', '(KB5066835)', 'KB50668', '5066', SAMPLE.standalone],
      ...['cve-2026-21345', 'CVE-2026-900', '2026-9', 'ms26-014', 'deja', 'DÉJÀ vu', 'fix kb5066835'],
    ]) {
      assert.deepEqual(await found(temp, text), ['Déjà Vu fix'], text);
    }
    for (const text of ['KB5070001', '5070001', 'month roll', 'rollup monthly'])
      assert.deepEqual(
        await found(temp, text),
        text === 'month roll' ? [] : ['Monthly rollup (KB5070001)'],
        text,
      );
    for (const text of ['CVE-2026-21345-900', '066835', 'kbx', '2026 ms27', '!!!', 'deja NOT vu'])
      assert.deepEqual(await found(temp, text), [], text);
  });

  test('finds updates by products, classifications and what drivers are for', async () => {
    await using temp = await TempStore.open();
    await temp.import(sampleDocuments());
    const drivers = await found(temp, 'PCI\\VEN_1234&DEV_0001');
    assert.equal(drivers.length, 1);
    assert.ok((await found(temp, 'example updates')).length > 1);
  });

  test('comes best first: titles before products', async () => {
    await using temp = await TempStore.open();
    const software = { type: 'Software' } as const;
    await temp.import([
      updateDocument({ id: SAMPLE.product, type: 'Category', titles: { en: 'Anchor' } }),
      updateDocument({
        ...software,
        id: SAMPLE.standalone,
        titles: { en: 'A fix' },
        categories: [SAMPLE.product],
      }),
      updateDocument({ ...software, id: SAMPLE.otherUpdate, titles: { en: 'A fix of Anchor' } }),
    ]);
    assert.deepEqual(await found(temp, 'anchor'), ['Anchor', 'A fix of Anchor', 'A fix']);
  });

  test('takes any text as words, and nothing as syntax', async () => {
    await using temp = await TempStore.open();
    await temp.import(sampleDocuments());
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom(...Array.from('"\'*^:()+-{}\\,. \0\u00adaKB1𝟘é\u0301\ud800')),
        maxLength: 30,
      }),
      fc
        .array(
          fc.constantFrom('AND', 'OR', 'NOT', 'NEAR(', 'title :', '"', 'KB123456', '*', 'update', '- {a b}:'),
        )
        .map((words) => words.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const titles = await found(temp, text);
        if (text.trim() !== '' && searchExpression(text) === undefined) assert.deepEqual(titles, []);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the index of updates', () => {
  test('follows a category that gets another title', async () => {
    await using temp = await TempStore.open();
    const product = (title: string, revisionNumber: number): Buffer =>
      updateDocument({ id: SAMPLE.product, revisionNumber, type: 'Category', titles: { en: title } });
    await temp.import([
      updateDocument({
        id: SAMPLE.standalone,
        type: 'Software',
        titles: { en: 'Fix' },
        categories: [SAMPLE.product],
      }),
    ]);
    assert.deepEqual(await found(temp, 'harbour'), []);
    await temp.import([product('Harbour', 1)], 'first');
    assert.deepEqual(await found(temp, 'harbour'), ['Harbour', 'Fix']);
    await temp.import([product('Quay', 2)], 'second');
    assert.deepEqual(await found(temp, 'harbour'), []);
    assert.deepEqual(await found(temp, 'quay'), ['Quay', 'Fix']);
  });

  test('is the same whether it was kept up or made anew', async () => {
    const ids = [SAMPLE.standalone, SAMPLE.otherUpdate, SAMPLE.product, SAMPLE.otherProduct, SAMPLE.driver];
    const words = ['anchor', 'harbour', 'quay', 'vault'];
    const document = fc
      .record({
        id: fc.constantFrom(...ids),
        revisionNumber: fc.integer({ min: 1, max: 9 }),
        title: fc.subarray(words, { minLength: 1 }),
        categories: fc.subarray([SAMPLE.product, SAMPLE.otherProduct]),
        superseded: fc.subarray(ids),
      })
      .map(({ id, revisionNumber, title, categories, superseded }) => {
        const isCategory = id === SAMPLE.product || id === SAMPLE.otherProduct;
        const type = isCategory ? 'Category' : 'Software';
        const titles = { en: title.join(' ') };
        return numbered({ id, revisionNumber, type, titles, categories }, { superseded, children: NUMBERS });
      });
    const step = fc.oneof(
      fc.array(document, { minLength: 1, maxLength: 4 }).map((documents) => ({ documents })),
      fc.record({ deleted: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        await using temp = await TempStore.open();
        for (const [index, one] of steps.entries()) {
          if ('documents' in one) await temp.import(one.documents, `import ${index}`);
          else await temp.db.transaction().execute((tx) => deleteRevisions(tx, one.deleted));
        }
        const kept = await everything(temp, words);
        await temp.db.transaction().execute((tx) => indexUpdates(tx, 'all'));
        assert.deepEqual(kept, await everything(temp, words));
        const newest = await sql`SELECT update_number, max(revision_number) AS revision FROM revision
          WHERE change IS NOT NULL GROUP BY update_number ORDER BY update_number`.execute(temp.db);
        const listed = await sql`SELECT number AS update_number, revision_number AS revision
          FROM listed_update JOIN revision ON id = revision_id ORDER BY number`.execute(temp.db);
        assert.deepEqual(listed.rows, newest.rows);
      }),
      { numRuns: 25 },
    );
  });

  test('does not tell of revisions whose import has not finished', async () => {
    await using temp = await TempStore.open();
    await temp.import([updateDocument({ id: SAMPLE.standalone, type: 'Software', titles: { en: 'Seen' } })]);
    await temp.db.updateTable('revision').set({ change: null }).execute();
    await temp.db.transaction().execute((tx) => indexUpdates(tx, 'all'));
    assert.deepEqual(await found(temp, 'seen'), []);
  });
});

async function everything(temp: TempStore, words: readonly string[]): Promise<unknown> {
  const listed = await sql`SELECT * FROM listed_update ORDER BY number`.execute(temp.db);
  const relations = await sql`SELECT * FROM update_relation ORDER BY target, kind, number`.execute(temp.db);
  const hits: Record<string, readonly unknown[]> = {};
  for (const word of [...words, '5066835']) {
    for (const column of ['title', 'numbers', 'categories']) {
      const { rows } = await sql`SELECT rowid FROM update_text
        WHERE update_text MATCH ${`${column} : "${word}"`} ORDER BY rowid`.execute(temp.db);
      hits[`${column} ${word}`] = rows;
    }
  }
  return [listed.rows, relations.rows, hits];
}
