import { Buffer } from 'node:buffer';
import { sql } from 'kysely';
import { NO_SINK } from './housekeeping-declines.ts';
import { tellRelations } from './relations-codec.ts';
import type { DbOrTx, Tx } from './schema.ts';

/** A stored file that nothing needs. */
export interface UnneededFile {
  readonly digest: Buffer;
  readonly sinceMs: number;
  /** Its removal has begun, and may have ended without being noted. */
  readonly doomed: boolean;
  /** Empty when no update names it. */
  readonly name: string;
}

/**
 * The digests, in hexadecimal, of files that are needed: of updates that are approved, or needed by a computer, or
 * that came or were decided about since `sinceMs`, with the members of bundles. A declined update needs none.
 */
export async function neededDigests(db: DbOrTx, sinceMs: number): Promise<Set<string>> {
  const { rows: roots } = await sql<RootRow>`
    SELECT revision.id, revision.relations FROM revision
    JOIN update_entry ON number = update_number
    WHERE declined = 0 AND (change IS NULL OR deployment_ms >= ${sinceMs}
      OR EXISTS (SELECT 1 FROM approval WHERE approval.update_number = number
        AND action IN ('Install', 'OptionalInstall', 'Uninstall'))
      OR EXISTS (SELECT 1 FROM status WHERE status.update_number = number AND state IN (2, 3, 5, 6)))`.execute(
    db,
  );
  return digestsOf(db, roots);
}

/** The digests, in hexadecimal, of files that clients are told to fetch: of approved updates and the members of bundles. */
export async function approvedDigests(db: DbOrTx): Promise<Set<string>> {
  const { rows: roots } = await sql<RootRow>`
    SELECT revision.id, revision.relations FROM revision
    JOIN update_entry ON number = update_number
    WHERE declined = 0 AND change IS NOT NULL AND EXISTS (
      SELECT 1 FROM approval WHERE approval.update_number = number
        AND action IN ('Install', 'OptionalInstall', 'Uninstall'))`.execute(db);
  return digestsOf(db, roots);
}

interface RootRow {
  readonly id: number;
  readonly relations: Uint8Array;
}

/** The digests of the files of revisions and of the members of bundles among them. */
async function digestsOf(db: DbOrTx, roots: readonly RootRow[]): Promise<Set<string>> {
  const ids = new Set(roots.map((root) => root.id));
  let relations = roots.map((root) => root.relations);
  while (relations.length > 0) {
    const members = await membersOf(db, relations);
    relations = members.filter(({ id }) => !ids.has(id)).map((member) => member.relations);
    for (const { id } of members) ids.add(id);
  }
  const { rows } = await sql<{ digest: string }>`
    SELECT DISTINCT hex(digest) AS digest FROM revision_file
    WHERE revision_id IN (SELECT value FROM json_each(${JSON.stringify([...ids])}))`.execute(db);
  return new Set(rows.map((row) => row.digest));
}

/** All revisions of the updates that are members of bundles with these relations. */
async function membersOf(
  db: DbOrTx,
  relations: readonly Uint8Array[],
): Promise<readonly { readonly id: number; readonly relations: Uint8Array }[]> {
  const numbers = new Set<number>();
  for (const one of relations)
    tellRelations(one, { ...NO_SINK, member: (number) => void numbers.add(number) });
  if (numbers.size === 0) return [];
  const { rows } = await sql<{ id: number; relations: Uint8Array }>`
    SELECT id, relations FROM revision
    WHERE update_number IN (SELECT value FROM json_each(${JSON.stringify([...numbers])}))`.execute(db);
  return rows;
}

/** What was noted of files that nothing needs. */
export async function listUnneeded(db: DbOrTx): Promise<UnneededFile[]> {
  const { rows } = await sql<{ digest: Uint8Array; since_ms: number; doomed: number; name: string | null }>`
    SELECT unneeded_file.digest, since_ms, doomed, name
    FROM unneeded_file LEFT JOIN file ON file.digest = unneeded_file.digest
    ORDER BY unneeded_file.digest`.execute(db);
  return rows.map((row) => ({
    digest: Buffer.from(row.digest),
    sinceMs: row.since_ms,
    doomed: row.doomed !== 0,
    name: row.name ?? '',
  }));
}

/** Notes which files nothing needs; whatever is not among them is needed again, or gone. */
export async function noteUnneeded(tx: Tx, digests: readonly Buffer[], nowMs: number): Promise<void> {
  const listed = JSON.stringify(digests.map((digest) => digest.toString('hex')));
  await sql`DELETE FROM unneeded_file WHERE doomed = 0
    AND lower(hex(digest)) NOT IN (SELECT value FROM json_each(${listed}))`.execute(tx);
  await sql`INSERT INTO unneeded_file (digest, since_ms)
    SELECT unhex(value), ${nowMs} FROM json_each(${listed}) WHERE 1 = 1
    ON CONFLICT (digest) DO NOTHING`.execute(tx);
}

/** Notes that the removal of files begins, or does not after all. */
export async function doomFiles(tx: Tx, digests: readonly Buffer[], doomed: boolean): Promise<void> {
  for (const digest of digests) {
    await tx
      .updateTable('unneeded_file')
      .set({ doomed: doomed ? 1 : 0 })
      .where('digest', '=', digest)
      .execute();
  }
}

export async function forgetUnneeded(tx: Tx, digests: readonly Buffer[]): Promise<void> {
  for (const digest of digests) await tx.deleteFrom('unneeded_file').where('digest', '=', digest).execute();
}
