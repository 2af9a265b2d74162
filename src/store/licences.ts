import { sql } from 'kysely';
import type { UpdateId } from '../metadata/update-identity.ts';
import { type DbOrTx, type Tx } from './schema.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';

/** The licence that the newest revision of an update asks to accept. */
export interface UpdateLicence {
  /** The document's EulaID; the UpdateID where it demands acceptance and names none. */
  readonly eulaId: string;
  readonly acceptedMs: number | null;
}

/** Undefined for an update without a licence. */
export async function licenceOf(db: DbOrTx, updateNumber: number): Promise<UpdateLicence | undefined> {
  const { rows } = await sql<{ flags: number; eula_id: string; accepted_ms: number | null }>`
    SELECT flags, coalesce(revision.eula_id, update_id) AS eula_id, accepted_ms
    FROM revision
    JOIN update_entry ON number = update_number
    LEFT JOIN licence ON licence.eula_id = coalesce(revision.eula_id, update_id)
    WHERE update_number = ${updateNumber} AND change IS NOT NULL
    ORDER BY revision_number DESC LIMIT 1`.execute(db);
  const [row] = rows;
  if (row === undefined || (row.flags & RevisionFlag.RequiresEula) === 0) return undefined;
  return { eulaId: row.eula_id, acceptedMs: row.accepted_ms };
}

/** Remembers that a licence was accepted, for every update that has it. Accepting again changes nothing. */
export async function acceptLicence(
  tx: Tx,
  accepted: { readonly eulaId: string; readonly nowMs: number; readonly caller: string },
): Promise<void> {
  await tx
    .insertInto('licence')
    .values({ eula_id: accepted.eulaId, accepted_ms: accepted.nowMs, caller: accepted.caller })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Updates with approvals whose newest revision has this licence: accepting it lets them take effect. */
export async function approvedUnderLicence(db: DbOrTx, eulaId: string): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    SELECT number FROM update_entry
    JOIN revision ON update_number = number AND change IS NOT NULL AND flags & 18 <> 0
    WHERE coalesce(eula_id, update_id) = ${eulaId}
      AND EXISTS (SELECT 1 FROM approval WHERE approval.update_number = number)
      AND revision_number = (SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = number AND newest.change IS NOT NULL)
    ORDER BY number`.execute(db);
  return rows.map((row) => row.number);
}

/** A licence with the updates whose newest revision has it. */
export interface StoredLicence {
  readonly eulaId: string;
  readonly acceptedMs: number | null;
  readonly acceptedBy: string | null;
  readonly updates: readonly { readonly updateId: UpdateId; readonly title: string }[];
}

/** Licences of updates that are not declined; those nobody has accepted first. */
export async function listLicences(db: DbOrTx): Promise<StoredLicence[]> {
  const { rows } = await sql<{
    readonly eula_id: string;
    readonly update_id: UpdateId;
    readonly title: string;
    readonly accepted_ms: number | null;
    readonly caller: string | null;
  }>`
    SELECT coalesce(revision.eula_id, update_id) AS eula_id, update_id, title, accepted_ms, caller
    FROM revision INDEXED BY revision_withheld
    JOIN update_entry ON number = update_number
    LEFT JOIN licence ON licence.eula_id = coalesce(revision.eula_id, update_id)
    WHERE flags & 18 <> 0 AND flags & ${RevisionFlag.RequiresEula} <> 0 AND change IS NOT NULL AND declined = 0
      AND revision_number = (SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = number AND newest.change IS NOT NULL)
    ORDER BY accepted_ms IS NOT NULL, accepted_ms DESC, title, update_id`.execute(db);
  return [...Map.groupBy(rows, (row) => row.eula_id)].map(([eulaId, updates]) => ({
    eulaId,
    acceptedMs: updates[0].accepted_ms,
    acceptedBy: updates[0].caller,
    updates: updates.map((row) => ({ updateId: row.update_id, title: row.title })),
  }));
}
