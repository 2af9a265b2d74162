import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { OWN_DOCUMENTS, ownDocument } from '../../test/support/own-documents.ts';
import { updateDocument } from '../../test/support/sample-catalogue.ts';
import { readCatalogRows } from '../../test/support/stored-rows.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { escapeBytes } from '../xml/text.ts';
import { findRevision, readDocument } from './imports.ts';
import { Passage } from '../soap/passage.ts';
import { unpack } from './packing.ts';
import { FragmentKind, RevisionFlag } from './schema/catalogue-tables.ts';

const ownDocuments = OWN_DOCUMENTS.map(ownDocument);

const small = (index: number, revisionNumber = 1): Buffer =>
  updateDocument({
    id: `20000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId,
    revisionNumber,
    type: 'Detectoid',
  });

async function revisionIds(temp: TempStore): Promise<number[]> {
  const rows = await temp.db.selectFrom('revision').select('id').orderBy('id').execute();
  return rows.map((row) => row.id);
}

const revisionOf = (temp: TempStore, name: string) => {
  const { updateId } = parseUpdateDocument(ownDocument(name));
  return temp.db
    .selectFrom('revision')
    .innerJoin('update_entry', 'update_entry.number', 'revision.update_number')
    .selectAll('revision')
    .where('update_entry.update_id', '=', updateId)
    .executeTakeFirstOrThrow();
};

describe('revision ids', () => {
  it('ascend in the order of the import and stay what they are', async () => {
    await using temp = await TempStore.open();
    await temp.import([small(3), small(1), small(2), small(1, 2)]);
    const before = await temp.db
      .selectFrom('revision')
      .select(['id', 'update_number', 'revision_number'])
      .execute();
    assert.deepEqual(await revisionIds(temp), [1, 2, 3, 4]);
    await temp.import([small(1, 2), small(4), small(3)], 'other');
    await temp.reopen();
    const after = await temp.db
      .selectFrom('revision')
      .select(['id', 'update_number', 'revision_number'])
      .execute();
    assert.deepEqual(after.slice(0, 4), before);
    assert.deepEqual(await revisionIds(temp), [1, 2, 3, 4, 5]);
  });

  it('are never given again after a deletion', async () => {
    await using temp = await TempStore.open();
    await temp.import([small(1), small(2)]);
    await temp.db.deleteFrom('revision').where('id', '=', 2).execute();
    await temp.reopen();
    await temp.import([small(2)], 'again');
    assert.deepEqual(await revisionIds(temp), [1, 3]);
    await temp.db.deleteFrom('revision').execute();
    await temp.import([small(5)], 'third');
    assert.deepEqual(await revisionIds(temp), [4]);
  });
});

describe('a stored revision', () => {
  it('keeps its document byte for byte', async () => {
    await using temp = await TempStore.open();
    await temp.import(ownDocuments);
    for (const bytes of ownDocuments) {
      const found = await findRevision(temp.db, parseUpdateDocument(bytes));
      assert.ok(found?.published);
      assert.deepEqual(await readDocument(temp.db, found.revisionId), bytes);
    }
    assert.equal(await readDocument(temp.db, 999), undefined);
  });

  it('keeps its fragments, escaped for SOAP', async () => {
    await using temp = await TempStore.open();
    await temp.import(ownDocuments);
    const { id, core_bytes } = await revisionOf(temp, 'eula');
    const rows = await temp.db
      .selectFrom('fragment')
      .selectAll()
      .where('revision_id', '=', id)
      .orderBy(sql.ref('rowid'))
      .execute();
    const { core, extended, localized, eulas } = deriveFragments(ownDocument('eula'));
    const expected = [
      [FragmentKind.Core, '', '', core],
      [FragmentKind.Extended, '', '', extended],
      ...localized.map((one) => [FragmentKind.LocalizedProperties, one.language, '', one.xml] as const),
      ...eulas.map((one) => [FragmentKind.Eula, one.language, one.geoId, one.xml] as const),
    ] as const;
    assert.deepEqual(
      rows.map((row) => [row.kind, row.language, row.geo_id, new Passage(row.body).plain().toString()]),
      expected.map(([kind, language, geoId, xml]) => [kind, language, geoId, escapeBytes(xml).toString()]),
    );
    assert.equal(rows.length, 7);
    assert.equal(core_bytes, core.length);
  });

  it('has facts for administrators', async () => {
    await using temp = await TempStore.open();
    await temp.import(ownDocuments);
    const bundle = await revisionOf(temp, 'bundle');
    assert.deepEqual(
      [bundle.title, bundle.kb_articles, bundle.security_bulletins, bundle.cves, bundle.msrc_severity],
      ['Bench Console 4.2 (KB4000417)', '4000417 4000418', 'FH24-003', 'CVE-2024-900417', 'Important'],
    );
    assert.deepEqual([bundle.handler, bundle.category_type, bundle.eula_id], [null, null, null]);
    assert.deepEqual([bundle.imported_ms, bundle.created_ms], [temp.nowMs, Date.UTC(2024, 4, 14, 17)]);
    const flags: Record<string, number> = {};
    for (const name of ['bundle', 'member-msi', 'cbs', 'expired', 'local', 'eula']) {
      flags[name] = (await revisionOf(temp, name)).flags;
    }
    const { ExplicitlyDeployable, Expired, LocallyPublished, Uninstallable, RequiresEula } = RevisionFlag;
    assert.deepEqual(flags, {
      bundle: ExplicitlyDeployable,
      'member-msi': 0,
      cbs: ExplicitlyDeployable | Uninstallable,
      expired: ExplicitlyDeployable | Expired,
      local: ExplicitlyDeployable | LocallyPublished,
      eula: ExplicitlyDeployable | RequiresEula,
    });
    assert.equal((await revisionOf(temp, 'eula')).eula_id, 'e1045acb-51e3-42e4-a2fa-53343b82b90a');
    assert.equal((await revisionOf(temp, 'classification')).default_language, 'de');
  });

  it('takes everything derived from it along when it is deleted', async () => {
    await using temp = await TempStore.open();
    await temp.import(ownDocuments);
    await temp.db.deleteFrom('revision').execute();
    for (const table of ['document', 'fragment', 'revision_file', 'driver'] as const) {
      assert.equal(await temp.count(table), 0, table);
    }
    assert.ok((await temp.count('file')) > 0);
  });

  it('means the first of two texts in one language, whatever its case', async () => {
    await using temp = await TempStore.open();
    const text = (language: string, title: string): string =>
      `<LocalizedProperties><Language>${language}</Language><Title>${title}</Title></LocalizedProperties>`;
    const twice = small(1)
      .toString()
      .replace(/<LocalizedProperties>.*<\/LocalizedProperties>/, '');
    const texts = text('pt-BR', 'first') + text('pt-br', 'second');
    await temp.import([
      Buffer.from(
        twice.replace('<LocalizedPropertiesCollection>', `<LocalizedPropertiesCollection>${texts}`),
      ),
    ]);
    const rows = await temp.db.selectFrom('fragment').selectAll().where('kind', '=', 3).execute();
    assert.equal(rows.length, 1);
    assert.equal(rows[0].language, 'pt-br');
    assert.match(unpack(rows[0].body).toString(), /first/);
  });
});

describe('a file', () => {
  const file = (attributes: string, content: string): string =>
    `<Files><File Digest="Ccq7/4NtvPdX4AAzV/O4n/dhQ4w=" ${attributes}>${content}</File></Files>`;
  const SHA256 = 'cTLOQPikThcK4l9a6hATohZ/OplHxG6Tg5huLPCTV2o=';
  const withFile = (index: number, files: string): Buffer =>
    updateDocument({
      id: `30000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId,
      type: 'Software',
      files,
    });

  it('is what the first document says, and gets a missing SHA-256 from a later one', async () => {
    await using temp = await TempStore.open();
    const digest = `<AdditionalDigest Algorithm="SHA256">${SHA256}</AdditionalDigest>`;
    await temp.import([
      withFile(1, file('FileName="first.exe" Size="1"', '')),
      withFile(2, file('FileName="second.exe" Size="2"', digest)),
      withFile(3, file('FileName="third.exe" Size="3"', '')),
    ]);
    const rows = await temp.db.selectFrom('file').selectAll().execute();
    assert.deepEqual(
      rows.map((row) => [row.name, row.size, Buffer.from(row.sha256 ?? []).toString('base64')]),
      [['first.exe', 1, SHA256]],
    );
    assert.equal(await temp.count('revision_file'), 3);
  });
});

describe('the rows a snapshot is built from', () => {
  it('hold numbers where documents hold ids', async () => {
    await using temp = await TempStore.open();
    await temp.import(ownDocuments);
    const { updates, revisions, groups, change } = await readCatalogRows(temp.db);
    const idOf = new Map(Array.from(updates, (update) => [update.number, update.updateId]));
    const all = [...revisions];
    assert.equal(all.length, OWN_DOCUMENTS.length);
    assert.ok(all.every((revision, index) => revision.change === change && revision.id === index + 1));
    const { updateId, relations } = parseUpdateDocument(ownDocument('bundle'));
    const bundle = all.find((revision) => idOf.get(revision.update) === updateId);
    assert.ok(bundle !== undefined);
    assert.deepEqual(
      bundle.relations.prerequisites.map((clause) => clause.updates.map((number) => idOf.get(number))),
      relations.prerequisites.map((clause) => clause.updateIds),
    );
    assert.deepEqual(
      bundle.relations.bundled.map((clause) =>
        clause.map((member) => [idOf.get(member.update), member.revisionNumber]),
      ),
      relations.bundled.map((clause) =>
        clause.map((member) => [member.updateId, member.revisionNumber ?? -1]),
      ),
    );
    assert.deepEqual(
      bundle.relations.superseded.map((number) => idOf.get(number)),
      relations.superseded,
    );
    assert.equal([...groups].length, 2);
  });

  it('hold drivers as their documents do', async () => {
    await using temp = await TempStore.open();
    await temp.import([ownDocument('driver')]);
    const { drivers } = await readCatalogRows(temp.db);
    const expected = parseUpdateDocument(ownDocument('driver')).drivers;
    assert.deepEqual(
      Array.from(drivers),
      // A snapshot has no use for the company that signed it.
      expected.map((driver) => ({ ...driver, company: '', revisionId: 1 })),
    );
  });
});
