import type { Buffer } from 'node:buffer';
import { sql } from 'kysely';
import type { UpdateId, UpdateIdentity } from '../metadata/update-identity.ts';
import { compiledOnce } from './compiled-once.ts';
import { recountUpdates } from './counted-updates.ts';
import { unpack } from './packing.ts';
import type { Db, DbOrTx, Tx } from './schema.ts';
import { advance } from './sequence.ts';
import { tellPublished } from './tell-published.ts';
import { indexUpdates } from './update-index.ts';

/**
 * Begins an import, or goes on with one of the same source that never finished. What an import has
 * stored stays invisible until it is published as a whole, so an interrupted one costs nothing but
 * the rest of the work.
 */
export async function beginImport(db: Db, source: string, nowMs: number): Promise<number> {
  const unfinished = await db
    .selectFrom('import')
    .select('id')
    .where('source', '=', source)
    .where('finished_ms', 'is', null)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (unfinished !== undefined) return unfinished.id;
  const row = await db
    .insertInto('import')
    .values({ source, started_ms: nowMs, finished_ms: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** What the store already holds of a revision. */
export interface KnownRevision {
  readonly revisionId: number;
  /** Visible to clients already, or stored by an import that has not finished. */
  readonly published: boolean;
}

const revisionByIdentity = compiledOnce(
  (db, identity: { readonly updateId: UpdateId; readonly revisionNumber: number }) =>
    db
      .selectFrom('revision')
      .innerJoin('update_entry', 'update_entry.number', 'revision.update_number')
      .select(['revision.id', 'revision.change'])
      .where('update_entry.update_id', '=', identity.updateId)
      .where('revision.revision_number', '=', identity.revisionNumber),
);

export async function findRevision(db: DbOrTx, identity: UpdateIdentity): Promise<KnownRevision | undefined> {
  const { updateId, revisionNumber } = identity;
  const [row] = await revisionByIdentity(db, { updateId, revisionNumber });
  return row && { revisionId: row.id, published: row.change !== null };
}

/** The original bytes of a stored document. */
export async function readDocument(db: DbOrTx, revisionId: number): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('document')
    .select('body')
    .where('revision_id', '=', revisionId)
    .executeTakeFirst();
  return row && unpack(row.body);
}

/**
 * The original documents of published revisions among many, in one query.
 *
 * @param identities by positions of the caller's
 * @returns by the same positions, packed (see unpack); without those that clients cannot see
 */
export async function publishedDocuments(
  db: DbOrTx,
  identities: ReadonlyMap<number, UpdateIdentity>,
): Promise<Map<number, Uint8Array>> {
  const listed = JSON.stringify(
    Array.from(identities, ([position, one]) => [position, one.updateId, one.revisionNumber]),
  );
  const { rows } = await sql<{ position: number; body: Uint8Array }>`
    SELECT listed.value ->> 0 AS position, document.body
    FROM json_each(${listed}) AS listed
    JOIN update_entry ON update_entry.update_id = listed.value ->> 1
    JOIN revision ON revision.update_number = update_entry.number
      AND revision.revision_number = listed.value ->> 2
    JOIN document ON document.revision_id = revision.id
    WHERE revision.change IS NOT NULL`.execute(db);
  return new Map(rows.map((row) => [row.position, row.body]));
}

/** Makes a revision that another, unfinished import left behind part of this one. */
export async function adoptRevision(tx: Tx, revisionId: number, importId: number): Promise<void> {
  await tx
    .updateTable('revision')
    .set({ import_id: importId })
    .where('id', '=', revisionId)
    .where('change', 'is', null)
    .execute();
}

/**
 * Shows clients everything an import stored, in one step. Each update gets a new deployment, so that
 * clients that know an older revision notice.
 *
 * @returns how many revisions became visible
 */
export async function publishImport(tx: Tx, importId: number, nowMs: number): Promise<number> {
  const updates = await tx
    .selectFrom('revision')
    .select('update_number')
    .distinct()
    .where('import_id', '=', importId)
    .where('change', 'is', null)
    .orderBy('update_number')
    .execute();
  await tx.updateTable('import').set({ finished_ms: nowMs }).where('id', '=', importId).execute();
  if (updates.length === 0) return 0;
  const change = await advance(tx, 'catalog_change');
  const firstDeployment = await advance(tx, 'deployment_id', updates.length);
  const numbers = JSON.stringify(updates.map((row) => row.update_number));
  await sql`
    UPDATE update_entry SET
      deployment_id = ${firstDeployment} + listed.key,
      deployment_ms = ${nowMs},
      deployment_change = ${change}
    FROM json_each(${numbers}) AS listed WHERE update_entry.number = listed.value`.execute(tx);
  const result = await tx
    .updateTable('revision')
    .set({ change })
    .where('import_id', '=', importId)
    .where('change', 'is', null)
    .executeTakeFirst();
  const published = updates.map((row) => row.update_number);
  await recountUpdates(tx, published, nowMs);
  await indexUpdates(tx, published);
  await tellPublished(tx, { importId, change, nowMs });
  return Number(result.numUpdatedRows);
}
