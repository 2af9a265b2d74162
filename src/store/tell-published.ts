import { sql } from 'kysely';
import { ITEMS_NAMED } from '../fleet/notification-event.ts';
import { notify } from './notifications.ts';
import { type Tx } from './schema.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';

/** An import as it becomes visible. */
export interface Publication {
  readonly importId: number;
  /** Which its revisions have, and no other import's. */
  readonly change: number;
  readonly nowMs: number;
}

const { ExplicitlyDeployable, Expired } = RevisionFlag;

/** Tells which updates an import brought that were not there before, and which it says have expired. */
export async function tellPublished(tx: Tx, publication: Publication): Promise<void> {
  const earlier = (flags: string): string =>
    `EXISTS (SELECT 1 FROM revision AS earlier WHERE earlier.update_number = revision.update_number
      AND earlier.change < revision.change AND ${flags})`;
  const arrived = `flags & ${Expired} = 0 AND NOT ${earlier('true')}`;
  const expired = `flags & ${Expired} <> 0 AND ${earlier(`earlier.flags & ${Expired} = 0`)}
    AND NOT ${earlier(`earlier.flags & ${Expired} <> 0`)}`;
  await notify(tx, 'update.arrived', publication.nowMs, () => updatesOf(tx, publication, arrived));
  await notify(tx, 'update.expired', publication.nowMs, () => updatesOf(tx, publication, expired));
}

async function updatesOf(tx: Tx, { importId, change }: Publication, condition: string) {
  const { rows } = await sql<{ updateId: string; title: string; source: string; count: number }>`
    SELECT update_id AS "updateId", title, import.source, count(*) OVER () AS count
    FROM revision JOIN update_entry ON update_entry.number = revision.update_number
    JOIN import ON import.id = revision.import_id
    WHERE import_id = ${importId} AND change = ${change} AND flags & ${ExplicitlyDeployable} <> 0
      AND ${sql.raw(condition)}
    ORDER BY revision.id LIMIT ${ITEMS_NAMED}`.execute(tx);
  if (rows.length === 0) return undefined;
  const [{ source, count }] = rows;
  return { source, count, updates: rows.map(({ updateId, title }) => ({ updateId, title })) };
}
