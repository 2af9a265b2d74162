import { sql, type RawBuilder } from 'kysely';
import type { UpdateId } from '../metadata/update-identity.ts';
import { tellRelations } from './relations-codec.ts';
import type { DbOrTx } from './schema.ts';

/** An update that may be declined. */
export interface DeclineCandidate {
  readonly number: number;
  readonly updateId: UpdateId;
  readonly title: string;
  /** The update that takes its place; undefined for one that expired. */
  readonly supersededBy?: string;
}

/** States from which a computer needs an update or is about to have it: needed, downloaded, failed, pending restart. */
const NEEDING = sql.raw('(2, 3, 5, 6)');

/**
 * What holds for both: explicitly deployable, not declined, nothing decided in effect, nothing decided at all and
 * no revision come since `beforeMs`, and nobody has undeclined it since its newest revision came.
 */
function untouched(beforeMs: number): RawBuilder<boolean> {
  return sql<boolean>`
    declined = 0 AND deployment_ms < ${beforeMs} AND newest.flags & 1 <> 0
    AND (undeclined_ms = 0 OR undeclined_ms < newest.imported_ms)
    AND NOT EXISTS (SELECT 1 FROM approval_in_effect AS decided
      WHERE decided.update_number = update_entry.number AND decided.withheld IS NULL
        AND decided.action IN ('Install', 'OptionalInstall', 'Uninstall'))
    AND NOT EXISTS (SELECT 1 FROM rollout
      WHERE rollout.update_number = update_entry.number AND state IN ('running', 'paused', 'halted'))`;
}

const NEWEST = sql`JOIN revision AS newest ON newest.update_number = update_entry.number
  AND newest.revision_number = (SELECT max(revision_number) FROM revision
    WHERE update_number = update_entry.number AND change IS NOT NULL)`;

/** Updates whose newest revision has expired. */
export async function expiredCandidates(
  db: DbOrTx,
  beforeMs: number,
  among?: readonly number[],
): Promise<DeclineCandidate[]> {
  const { rows } = await sql<{ number: number; update_id: UpdateId; title: string }>`
    SELECT update_entry.number, update_id, newest.title
    FROM update_entry ${NEWEST}
    WHERE ${withinNumbers(among)} AND newest.flags & 2 <> 0 AND ${untouched(beforeMs)}
    ORDER BY update_entry.number`.execute(db);
  return rows.map((row) => ({ number: row.number, updateId: row.update_id, title: row.title }));
}

/** Updates that one approved for installation supersedes, and that no computer needs. */
export async function supersededCandidates(
  db: DbOrTx,
  beforeMs: number,
  among?: readonly number[],
): Promise<DeclineCandidate[]> {
  const by = await supersededByApproved(db);
  const numbers = among === undefined ? [...by.keys()] : among.filter((number) => by.has(number));
  const { rows } = await sql<{ number: number; update_id: UpdateId; title: string }>`
    SELECT update_entry.number, update_id, newest.title
    FROM update_entry ${NEWEST}
    WHERE ${withinNumbers(numbers)} AND ${untouched(beforeMs)}
      AND NOT EXISTS (SELECT 1 FROM status
        WHERE status.update_number = update_entry.number AND state IN ${NEEDING})
    ORDER BY update_entry.number`.execute(db);
  return rows.map((row) => ({
    number: row.number,
    updateId: row.update_id,
    title: row.title,
    supersededBy: by.get(row.number)!,
  }));
}

/** What approved updates supersede, with the title of one of them. */
async function supersededByApproved(db: DbOrTx): Promise<Map<number, string>> {
  const { rows } = await sql<{ title: string; relations: Uint8Array }>`
    SELECT newest.title, newest.relations
    FROM update_entry ${NEWEST}
    WHERE declined = 0 AND newest.flags & 2 = 0 AND update_entry.number IN (
      SELECT update_number FROM approval_in_effect WHERE withheld IS NULL AND action = 'Install')`.execute(
    db,
  );
  const by = new Map<number, string>();
  for (const { title, relations } of rows) {
    tellRelations(relations, { ...NO_SINK, superseded: (number) => void by.set(number, title) });
  }
  return by;
}

function withinNumbers(among: readonly number[] | undefined): RawBuilder<boolean> {
  if (among === undefined) return sql<boolean>`1 = 1`;
  return sql<boolean>`update_entry.number IN (SELECT value FROM json_each(${JSON.stringify(among)}))`;
}

/** Takes notice of nothing. */
export const NO_SINK = {
  alternative: () => undefined,
  endClause: () => undefined,
  member: () => undefined,
  endMembers: () => undefined,
  superseded: () => undefined,
} as const;
