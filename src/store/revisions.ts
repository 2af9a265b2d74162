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
import { type Database, type Tx } from './schema.ts';
import { FragmentKind, RevisionFlag } from './schema/catalogue-tables.ts';

/** A document that was read and is ready to be stored. */
export interface PreparedRevision {
  readonly document: UpdateDocument;
  /** The original bytes. */
  readonly source: Buffer;
  /** The original bytes as they are stored. */
  readonly body: Buffer;
  readonly coreBytes: number;
  readonly fragments: readonly PreparedFragment[];
}

/** A fragment as it is stored. */
interface PreparedFragment {
  readonly kind: FragmentKind;
  readonly language: string;
  readonly geo_id: string;
  readonly body: Buffer;
}

/** Does everything that takes time and no store, so that the store is locked for the rest only. */
export function prepareRevision(
  document: UpdateDocument,
  fragments: Fragments,
  source: Buffer,
): PreparedRevision {
  const prepared = (kind: FragmentKind, xml: Buffer, language = '', geoId = ''): PreparedFragment => ({
    kind,
    language: language.toLowerCase(),
    geo_id: geoId.toUpperCase(),
    body: xpressEncode(escapeBytes(xml)),
  });
  return {
    document,
    source,
    body: pack(source),
    coreBytes: fragments.core.length,
    fragments: [
      prepared(FragmentKind.Core, fragments.core),
      prepared(FragmentKind.Extended, fragments.extended),
      ...fragments.localized.map((text) =>
        prepared(FragmentKind.LocalizedProperties, text.xml, text.language),
      ),
      ...fragments.eulas.map((eula) => prepared(FragmentKind.Eula, eula.xml, eula.language, eula.geoId)),
    ],
  };
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
  const { document } = prepared;
  const [{ id }] = await insertRow.revision(tx, {
    update_number: staged.numberOf(document.updateId),
    revision_number: document.revisionNumber,
    type: UPDATE_TYPES.indexOf(document.updateType),
    flags: flagsOf(document),
    relations: encodeRelations(document.relations, staged.numberOf),
    core_bytes: prepared.coreBytes,
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
  await insertRow.document(tx, { revision_id: id, body: prepared.body });
  for (const fragment of prepared.fragments) await insertRow.fragment(tx, { revision_id: id, ...fragment });
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
