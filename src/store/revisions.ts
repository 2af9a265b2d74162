import type { Buffer } from 'node:buffer';
import { sql, type Insertable } from 'kysely';
import type { Fragments } from '../metadata/fragments.ts';
import { titleOf, UPDATE_TYPES, type UpdateDocument } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { xpressEncode } from '../soap/xpress.ts';
import { escapeBytes } from '../xml/text.ts';
import { compiledOnce } from './compiled-once.ts';
import { pack } from './packing.ts';
import { encodeRelations } from './relations-codec.ts';
import { FragmentKind, RevisionFlag, type Database, type Tx } from './schema.ts';

/** A document that was read and is ready to be stored. */
export interface PreparedRevision {
  readonly document: UpdateDocument;
  readonly fragments: Fragments;
  /** The original bytes. */
  readonly source: Buffer;
}

export interface StagedRevisions {
  readonly importId: number;
  readonly nowMs: number;
  readonly numberOf: (updateId: UpdateId) => number;
}

type Row<Table extends keyof Database> = Readonly<Insertable<Database[Table]>>;

/** The statements of which an import runs many thousands. */
const insertRow = {
  revision: compiledOnce((db, row: Row<'revision'>) => db.insertInto('revision').values(row).returning('id')),
  document: compiledOnce((db, row: Row<'document'>) => db.insertInto('document').values(row)),
  // A document that gives a language twice means the first one.
  fragment: compiledOnce((db, row: Row<'fragment'>) =>
    db
      .insertInto('fragment')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  ),
  // The first document that names a file wins, but one that knows its SHA-256 adds it.
  file: compiledOnce((db, row: Row<'file'>) =>
    db
      .insertInto('file')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('digest').doUpdateSet({ sha256: sql`coalesce(file.sha256, excluded.sha256)` }),
      ),
  ),
  revisionFile: compiledOnce((db, row: Row<'revision_file'>) =>
    db
      .insertInto('revision_file')
      .values(row)
      .onConflict((conflict) => conflict.doNothing()),
  ),
};

/**
 * Stores one revision with everything derived from it. Clients do not see it before its import is
 * published (see publishImport).
 *
 * @returns its id
 */
export async function insertRevision(
  tx: Tx,
  prepared: PreparedRevision,
  staged: StagedRevisions,
): Promise<number> {
  const { document, fragments, source } = prepared;
  const [{ id }] = await insertRow.revision(tx, {
    update_number: staged.numberOf(document.updateId),
    revision_number: document.revisionNumber,
    type: UPDATE_TYPES.indexOf(document.updateType),
    flags: flagsOf(document),
    relations: encodeRelations(document.relations, staged.numberOf),
    core_bytes: fragments.core.length,
    imported_ms: staged.nowMs,
    change: null,
    import_id: staged.importId,
    created_ms: document.creationMs ?? null,
    title: titleOf(document),
    default_language: document.defaultLanguage.toLowerCase(),
    category_type: document.categoryType ?? null,
    handler: document.handler ?? null,
    msrc_severity: document.msrcSeverity ?? null,
    kb_articles: document.kbArticleIds.join(' '),
    security_bulletins: document.securityBulletinIds.join(' '),
    cves: document.cveIds.join(' '),
    eula_id: document.eulaId ?? null,
  });
  await insertRow.document(tx, { revision_id: id, body: pack(source) });
  await insertFragments(tx, id, fragments);
  await insertFiles(tx, id, document);
  await insertDrivers(tx, id, document);
  return id;
}

function flagsOf(document: UpdateDocument): number {
  return (
    (document.explicitlyDeployable ? RevisionFlag.ExplicitlyDeployable : 0) |
    (document.expired ? RevisionFlag.Expired : 0) |
    (document.locallyPublished ? RevisionFlag.LocallyPublished : 0) |
    (document.uninstallable ? RevisionFlag.Uninstallable : 0) |
    (document.requiresEulaAcceptance ? RevisionFlag.RequiresEula : 0)
  );
}

async function insertFragments(tx: Tx, revisionId: number, fragments: Fragments): Promise<void> {
  const row = (kind: FragmentKind, xml: Buffer, language = '', geoId = '') => ({
    revision_id: revisionId,
    kind,
    language,
    geo_id: geoId,
    body: xpressEncode(escapeBytes(xml)),
  });
  const rows = [row(FragmentKind.Core, fragments.core), row(FragmentKind.Extended, fragments.extended)];
  for (const text of fragments.localized) {
    rows.push(row(FragmentKind.LocalizedProperties, text.xml, text.language.toLowerCase()));
  }
  for (const eula of fragments.eulas) {
    rows.push(row(FragmentKind.Eula, eula.xml, eula.language.toLowerCase(), eula.geoId.toUpperCase()));
  }
  for (const one of rows) await insertRow.fragment(tx, one);
}

async function insertFiles(tx: Tx, revisionId: number, document: UpdateDocument): Promise<void> {
  for (const file of document.files) {
    await insertRow.file(tx, {
      digest: file.sha1,
      sha256: file.sha256 ?? null,
      name: file.name,
      size: file.size,
    });
    await insertRow.revisionFile(tx, { revision_id: revisionId, digest: file.sha1 });
  }
}

async function insertDrivers(tx: Tx, revisionId: number, document: UpdateDocument): Promise<void> {
  for (const driver of document.drivers) {
    await tx
      .insertInto('driver')
      .values({
        revision_id: revisionId,
        hardware_id: driver.hardwareId,
        ver_date_ms: driver.verDateMs,
        ver_version: driver.verVersion.toString(),
        whql_driver_id: driver.whqlDriverId,
        class: driver.driverClass,
        provider: driver.provider,
        manufacturer: driver.manufacturer,
        model: driver.model,
        feature_scores: JSON.stringify(driver.featureScores),
        distribution_ids: JSON.stringify(driver.distributionComputerHardwareIds),
        target_ids: JSON.stringify(driver.targetComputerHardwareIds),
      })
      .execute();
  }
}
