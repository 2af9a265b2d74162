import { sql } from 'kysely';
import type { UpdateId } from '../metadata/update-identity.ts';
import { NO_SINK } from './housekeeping-declines.ts';
import { tellRelations } from './relations-codec.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { indexUpdates } from './update-index.ts';

/** A revision that a newer one has replaced. */
export interface OldRevision {
  readonly id: number;
  readonly updateNumber: number;
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  readonly title: string;
}

const ROWS_AT_ONCE = 2_000;

/** Published revisions of which a newer one has been published before this time. */
export async function replacedRevisions(
  db: DbOrTx,
  beforeMs: number,
  among?: readonly number[],
): Promise<OldRevision[]> {
  const listed =
    among === undefined ? sql`1 = 1` : sql`id IN (SELECT value FROM json_each(${JSON.stringify(among)}))`;
  const { rows } = await sql<{
    id: number;
    update_number: number;
    update_id: UpdateId;
    revision_number: number;
    title: string;
  }>`
    SELECT id, update_number, update_id, revision_number, title
    FROM revision JOIN update_entry ON number = update_number
    WHERE change IS NOT NULL AND ${listed} AND EXISTS (
      SELECT 1 FROM revision AS newer WHERE newer.update_number = revision.update_number
        AND newer.revision_number > revision.revision_number
        AND newer.change IS NOT NULL AND newer.imported_ms < ${beforeMs})
    ORDER BY id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    updateNumber: row.update_number,
    updateId: row.update_id,
    revisionNumber: row.revision_number,
    title: row.title,
  }));
}

/**
 * What revisions refer to, published or on their way in: updates that are a prerequisite (clients may have any
 * revision of it installed), and revisions that are a member of a bundle. Read in small pieces; what came since
 * is read by reading on.
 */
export class References {
  readonly #prerequisites = new Set<number>();
  readonly #members = new Set<string>();
  #lastId = 0;

  /** Reads what it has not read. */
  async readOn(db: DbOrTx, afterEach?: () => Promise<void>): Promise<void> {
    for (;;) {
      const rows = await db
        .selectFrom('revision')
        .select(['id', 'relations'])
        .where('id', '>', this.#lastId)
        .orderBy('id')
        .limit(ROWS_AT_ONCE)
        .execute();
      for (const { id, relations } of rows) {
        this.#lastId = id;
        tellRelations(relations, {
          ...NO_SINK,
          alternative: (number) => void this.#prerequisites.add(number),
          member: (number, revisionNumber) => void this.#members.add(`${number} ${revisionNumber}`),
        });
      }
      if (rows.length < ROWS_AT_ONCE) return;
      await afterEach?.();
    }
  }

  has({ updateNumber, revisionNumber }: OldRevision): boolean {
    return this.#prerequisites.has(updateNumber) || this.#members.has(`${updateNumber} ${revisionNumber}`);
  }
}

/** Deletes revisions with everything derived from them, and what the store knows of files that nothing names any more. */
export async function deleteRevisions(tx: Tx, ids: readonly number[]): Promise<void> {
  const listed = JSON.stringify(ids);
  const { rows } = await sql<{ digest: Uint8Array }>`
    SELECT DISTINCT digest FROM revision_file
    WHERE revision_id IN (SELECT value FROM json_each(${listed}))`.execute(tx);
  const deleted = await sql<{ number: number }>`
    DELETE FROM revision WHERE id IN (SELECT value FROM json_each(${listed}))
    RETURNING update_number AS number`.execute(tx);
  await indexUpdates(
    tx,
    deleted.rows.map((row) => row.number),
  );
  for (const { digest } of rows) {
    await sql`DELETE FROM file WHERE digest = ${digest}
      AND NOT EXISTS (SELECT 1 FROM revision_file WHERE revision_file.digest = file.digest)`.execute(tx);
  }
}
