import { sql } from 'kysely';
import type { DbOrTx } from './schema.ts';

/** An update that failed on computers. */
export interface FailingUpdate {
  readonly updateId: string;
  readonly title: string;
  readonly failed: number;
  readonly installed: number;
}

/** Updates that failed on at least so many computers, most failures first. */
export async function failingUpdates(db: DbOrTx, least: number): Promise<FailingUpdate[]> {
  const { rows } = await sql<FailingUpdate>`
    SELECT update_id AS "updateId", failed, installed,
      (SELECT title FROM revision WHERE update_number = update_entry.number AND change IS NOT NULL
        ORDER BY revision_number DESC LIMIT 1) AS title
    FROM update_status JOIN update_entry ON update_entry.number = update_status.number
    WHERE failed >= ${least} ORDER BY failed DESC, update_id`.execute(db);
  return rows;
}
