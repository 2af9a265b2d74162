import { sql } from 'kysely';
import type { DbOrTx } from './schema.ts';

/** An import, whether it has ended or not. */
interface ListedImport {
  readonly id: number;
  /** JSON: the files, or what else it came from. */
  readonly source: string;
  readonly startedMs: number;
  /** Null for one that runs or was cut off. */
  readonly finishedMs: number | null;
  /** Revisions that it brought and that are still there. */
  readonly revisions: number;
}

/** Imports in the order in which they began. */
export async function readImportsPage(
  db: DbOrTx,
  page: { readonly descending: boolean; readonly after?: number; readonly limit: number },
): Promise<ListedImport[]> {
  const { descending, after, limit } = page;
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const behind = after === undefined ? sql`1` : sql`id ${sql.raw(descending ? '<' : '>')} ${after}`;
  const { rows } = await sql<ListedImport>`
    SELECT id, source, started_ms AS "startedMs", finished_ms AS "finishedMs",
      (SELECT count(*) FROM revision WHERE import_id = import.id) AS revisions
    FROM import WHERE ${behind} ORDER BY id ${direction} LIMIT ${limit}`.execute(db);
  return rows;
}
