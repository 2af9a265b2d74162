import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { OWN_DOCUMENTS, ownDocument, ownDocumentsFolder } from '../../test/support/own-documents.ts';
import { updateDocument } from '../../test/support/sample-catalogue.ts';
import { sourcesOf, TempFolder, TempStore } from '../../test/support/temp-store.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { readCatalogChange } from '../store/catalog-change.ts';
import { readCatalogRows } from '../../test/support/stored-rows.ts';
import { findRevision, readDocument } from '../store/imports.ts';
import { importDocuments, type ImportReport } from './importer.ts';
import { importFiles, readSourceDocuments, type SourceDocument } from './source-document.ts';

const idOf = (index: number): UpdateId =>
  `40000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

const small = (index: number, title = `Small ${index}`, revisionNumber = 1): Buffer =>
  updateDocument({ id: idOf(index), type: 'Detectoid', titles: { en: title }, revisionNumber });

const many = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => small(index));

const summary = ({ documents, imported, known, rejected }: ImportReport): string =>
  `${documents} read, ${imported} imported, ${known} known, ${rejected.length} rejected`;

async function visible(temp: TempStore): Promise<number> {
  return [...(await readCatalogRows(temp.db)).revisions].length;
}

/** Documents that come to a bad end after the last one. */
async function* failing(documents: readonly Buffer[]): AsyncGenerator<SourceDocument> {
  yield* sourcesOf(documents);
  throw new Error('the power is gone');
}

const importing = (temp: TempStore, documents: AsyncIterable<SourceDocument>, source = 'test') =>
  importDocuments(temp.db, documents, { source, now: temp.now });

describe('an import', () => {
  it('takes a folder with one document of every kind', async () => {
    await using temp = await TempStore.open();
    const files = importFiles([fileURLToPath(ownDocumentsFolder)]);
    const report = await importing(temp, readSourceDocuments(files));
    assert.deepEqual(report, { documents: 17, imported: 17, known: 0, rejected: [] });
    assert.equal(await visible(temp), OWN_DOCUMENTS.length);
  });

  it('done again changes nothing', async () => {
    await using temp = await TempStore.open();
    const documents = OWN_DOCUMENTS.map(ownDocument);
    await temp.import(documents);
    const change = await readCatalogChange(temp.db);
    const before = await temp.db.selectFrom('update_entry').selectAll().execute();
    temp.nowMs += 1_000;
    for (const source of ['test', 'other']) {
      assert.equal(
        summary(await temp.import(documents, source)),
        '17 read, 0 imported, 17 known, 0 rejected',
      );
    }
    assert.equal(await readCatalogChange(temp.db), change);
    assert.deepEqual(await temp.db.selectFrom('update_entry').selectAll().execute(), before);
    assert.equal(await temp.count('revision'), 17);
  });

  it('reports what it refuses and takes the rest', async () => {
    await using temp = await TempStore.open();
    const report = await temp.import([
      small(1),
      Buffer.from('<Update/>'),
      Buffer.from('no document'),
      small(2),
      Buffer.from(small(3).toString().replace('Detectoid', 'Detective')),
    ]);
    assert.equal(summary(report), '5 read, 2 imported, 0 known, 3 rejected');
    assert.deepEqual(report.rejected, [
      {
        name: 'document 1',
        code: 'OAK_DOCUMENT_INVALID',
        reason: 'The document is not a valid update document. The root element is not an Update.',
      },
      {
        name: 'document 2',
        code: 'OAK_XML_MALFORMED',
        reason: 'The XML is not well-formed. At byte 0: text outside the root element.',
      },
      {
        name: 'document 4',
        code: 'OAK_DOCUMENT_INVALID',
        reason: 'The document is not a valid update document. UpdateType "Detective" is unknown.',
      },
    ]);
    assert.equal(await visible(temp), 2);
  });

  it('reports files it cannot read by their names', async () => {
    await using temp = await TempStore.open();
    using folder = new TempFolder();
    mkdirSync(join(folder.path, 'sub'));
    copyFileSync(new URL('company.xml', ownDocumentsFolder), join(folder.path, 'good.xml'));
    writeFileSync(join(folder.path, 'sub', 'bad.cab'), 'no cabinet');
    const report = await importing(temp, readSourceDocuments(importFiles([folder.path])));
    assert.equal(summary(report), '2 read, 1 imported, 0 known, 1 rejected');
    const [{ name, code }] = report.rejected;
    assert.deepEqual([name, code], [join(folder.path, 'sub', 'bad.cab'), 'OAK_CABINET_INVALID']);
  });

  it('keeps the stored document where another has its identity', async () => {
    await using temp = await TempStore.open();
    await temp.import([small(1, 'first')]);
    const report = await temp.import([small(1, 'second'), small(2)], 'other');
    assert.equal(summary(report), '2 read, 1 imported, 0 known, 1 rejected');
    const [{ name, code }] = report.rejected;
    assert.deepEqual([name, code], ['document 0', 'OAK_IMPORT_CONFLICT']);
    const found = await findRevision(temp.db, { updateId: idOf(1), revisionNumber: 1 });
    assert.deepEqual(await readDocument(temp.db, found?.revisionId ?? 0), small(1, 'first'));
  });

  it('meets the same twice within itself', async () => {
    await using temp = await TempStore.open();
    const report = await temp.import([small(1), small(1), small(1, 'other'), ...many(300), small(1)]);
    assert.equal(summary(report), '304 read, 300 imported, 3 known, 1 rejected');
    assert.equal(report.rejected[0].code, 'OAK_IMPORT_CONFLICT');
    assert.equal(await visible(temp), 300);
  });

  it('shows clients nothing before all of it is stored, and then all at once', async () => {
    await using temp = await TempStore.open();
    await temp.import([small(9_999)], 'earlier');
    const change = await readCatalogChange(temp.db);
    const seen: number[] = [];
    async function* watched(): AsyncGenerator<SourceDocument> {
      for await (const document of sourcesOf(many(700))) {
        yield document;
        if (!/ (260|520|699)$/.test(document.name)) continue;
        seen.push(await temp.count('revision'), await visible(temp), await readCatalogChange(temp.db));
      }
    }
    await importing(temp, watched());
    assert.deepEqual(seen, [251, 1, change, 501, 1, change, 626, 1, change]);
    assert.equal(await visible(temp), 701);
    assert.equal(await readCatalogChange(temp.db), change + 1);
  });

  it('gives each update that changed a new deployment, and no other', async () => {
    await using temp = await TempStore.open();
    await temp.import([small(1), small(2), small(3)]);
    const entries = (): Promise<{ update_id: string; deployment_id: number; deployment_ms: number }[]> =>
      temp.db.selectFrom('update_entry').select(['update_id', 'deployment_id', 'deployment_ms']).execute();
    const before = await entries();
    assert.equal(new Set(before.map((entry) => entry.deployment_id)).size, 3);
    temp.nowMs += 5_000;
    await temp.import([small(2, 'next', 2), small(4)], 'next');
    const after = await entries();
    const changed = after.filter((entry) => entry.deployment_ms === temp.nowMs);
    assert.deepEqual(
      changed.map((entry) => entry.update_id),
      [idOf(2), idOf(4)],
    );
    assert.equal(new Set([...before, ...changed].map((entry) => entry.deployment_id)).size, 5);
    assert.deepEqual(
      after.filter((entry) => entry.deployment_ms !== temp.nowMs),
      before.filter((entry) => entry.update_id !== idOf(2)),
    );
  });

  it('that came to a bad end goes on when it is done again', async () => {
    await using temp = await TempStore.open();
    await assert.rejects(importing(temp, failing(many(600))), /power/);
    assert.deepEqual([await temp.count('revision'), await visible(temp)], [500, 0]);
    const report = await temp.import(many(700));
    assert.equal(summary(report), '700 read, 700 imported, 0 known, 0 rejected');
    assert.deepEqual([await temp.count('revision'), await visible(temp)], [700, 700]);
    assert.equal(await temp.count('import'), 1);
  });

  it('takes over what another one left unfinished', async () => {
    await using temp = await TempStore.open();
    await assert.rejects(importing(temp, failing(many(600)), 'unfinished'), /power/);
    const report = await temp.import(many(300), 'other');
    assert.equal(summary(report), '300 read, 300 imported, 0 known, 0 rejected');
    assert.equal(await visible(temp), 300);
    const rest = await temp.import(many(600), 'unfinished');
    assert.equal(summary(rest), '600 read, 300 imported, 300 known, 0 rejected');
    assert.equal(await visible(temp), 600);
  });

  it('of nothing changes nothing', async () => {
    await using temp = await TempStore.open();
    const change = await readCatalogChange(temp.db);
    assert.equal(summary(await temp.import([])), '0 read, 0 imported, 0 known, 0 rejected');
    assert.equal(await readCatalogChange(temp.db), change);
    const unfinished = temp.db.selectFrom('import').select('id').where('finished_ms', 'is', null);
    assert.deepEqual(await unfinished.execute(), []);
  });

  it('says how far it is', async () => {
    await using temp = await TempStore.open();
    const said: string[] = [];
    await importDocuments(temp.db, sourcesOf(many(1_000)), {
      source: 'test',
      now: temp.now,
      onProgress: ({ share, documents }) => said.push(`${share} ${documents}`),
    });
    assert.deepEqual(
      said,
      Array.from({ length: 8 }, (_, batch) => `${(batch + 1) / 8} ${(batch + 1) * 125}`),
    );
  });

  it('may be of documents that relate to each other in any order', async () => {
    await using temp = await TempStore.open();
    const first = updateDocument({ id: idOf(1), type: 'Software', prerequisites: [idOf(2), idOf(77)] });
    await temp.import([first]);
    await temp.import([small(2)], 'later');
    const { revisions, updates } = await readCatalogRows(temp.db);
    const numbers = new Map(Array.from(updates, (update) => [update.updateId, update.number]));
    const [software, detectoid] = [...revisions];
    assert.equal(detectoid.update, numbers.get(idOf(2)));
    assert.deepEqual(
      software.relations.prerequisites.map((clause) => clause.updates),
      [[numbers.get(idOf(2))], [numbers.get(idOf(77))]],
    );
  });
});

describe('a whole real catalogue', { skip: skipWithoutFixtures }, () => {
  it('is imported from an export package', async () => {
    await using temp = await TempStore.open();
    const files = importFiles([fixture('wsus-export')]);
    const report = await importing(temp, readSourceDocuments(files));
    assert.deepEqual(report, { documents: 4125, imported: 4125, known: 0, rejected: [] });
    assert.equal(await visible(temp), 4125);
  });
});
