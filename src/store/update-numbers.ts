import { sql } from 'kysely';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { DbOrTx, Tx } from './schema.ts';

/**
 * The numbers of UpdateIDs, given to those that have none yet. An id gets its number when it is first
 * mentioned, as a prerequisite for example, so relations can be stored before their targets arrive.
 */
export async function numberUpdates(tx: Tx, ids: ReadonlySet<UpdateId>): Promise<Map<UpdateId, number>> {
  const list = JSON.stringify([...ids]);
  await sql`INSERT OR IGNORE INTO update_entry (update_id) SELECT value FROM json_each(${list})`.execute(tx);
  const rows = await sql<{ number: number; update_id: UpdateId }>`
    SELECT number, update_id FROM update_entry WHERE update_id IN (SELECT value FROM json_each(${list}))`.execute(
    tx,
  );
  return new Map(rows.rows.map((row) => [row.update_id, row.number]));
}

/** The numbers of UpdateIDs that have one. */
export async function numbersOfUpdates(db: DbOrTx, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql<{ number: number; update_id: string }>`
    SELECT number, update_id FROM update_entry
    WHERE update_id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`.execute(db);
  return new Map(rows.rows.map((row) => [row.update_id, row.number]));
}
