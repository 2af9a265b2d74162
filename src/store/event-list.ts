import { sql, type SqlBool } from 'kysely';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx } from './schema.ts';

/** An event of the journal, with its texts as they were sent. */
export interface ListedEvent {
  readonly instanceId: string;
  readonly clientId: string;
  /** Null when the computer was deleted since. */
  readonly computer: string | null;
  readonly eventId: number;
  readonly sourceId: number;
  readonly timeMs: number;
  readonly receivedMs: number;
  readonly updateId: string | null;
  readonly revisionNumber: number | null;
  /** Of the latest revision there is; null for what this server does not have. */
  readonly title: string | null;
  readonly hresult: number;
  readonly appName: string;
  readonly replacementStrings: readonly string[];
  readonly miscData: readonly string[];
}

export interface EventFilter {
  readonly clientId?: string;
  readonly updateId?: string;
  readonly eventIds?: readonly number[];
  /** Received then or later. */
  readonly sinceMs?: number;
}

/** Rows are in the order in which they were received. */
export const EVENT_SORTS: SortTable = {
  usual: '-receivedMs',
  keys: { receivedMs: [sql`event.rowid`] },
  neverNull: ['receivedMs'],
};

interface EventRow extends KeyColumns {
  readonly instance_id: string;
  readonly client_id: string;
  readonly dns_name: string | null;
  readonly event_id: number;
  readonly source_id: number;
  readonly time_ms: number;
  readonly received_ms: number;
  readonly update_id: string | null;
  readonly revision_number: number | null;
  readonly title: string | null;
  readonly hresult: number;
  readonly app_name: string;
  readonly replacement_strings: string;
  readonly misc_data: string;
}

/** Events, the one received last first. By computer or update an index finds them. */
export async function listEvents(
  db: DbOrTx,
  filter: EventFilter,
  page: ListPage,
): Promise<ListPart<ListedEvent>> {
  const { keys, behind, order, limit } = keyset(EVENT_SORTS, page);
  const conditions = [behind];
  if (filter.clientId !== undefined) conditions.push(sql<SqlBool>`event.client_id = ${filter.clientId}`);
  if (filter.updateId !== undefined) conditions.push(sql<SqlBool>`event.update_id = ${filter.updateId}`);
  if (filter.eventIds !== undefined)
    conditions.push(
      sql<SqlBool>`event.event_id IN (SELECT value FROM json_each(${JSON.stringify(filter.eventIds)}))`,
    );
  if (filter.sinceMs !== undefined)
    conditions.push(sql<SqlBool>`event.rowid >= ${await firstSince(db, filter.sinceMs)}`);
  const { rows } = await sql<EventRow>`
    SELECT event.*, computer.dns_name, ${keys},
      (SELECT title FROM update_entry JOIN revision ON revision.update_number = update_entry.number
       WHERE update_entry.update_id = event.update_id AND revision.change IS NOT NULL
       ORDER BY revision.revision_number DESC LIMIT 1) AS title
    FROM event LEFT JOIN computer ON computer.client_id = event.client_id
    WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, (row) => ({
    instanceId: row.instance_id,
    clientId: row.client_id,
    computer: row.dns_name,
    eventId: row.event_id,
    sourceId: row.source_id,
    timeMs: row.time_ms,
    receivedMs: row.received_ms,
    updateId: row.update_id,
    revisionNumber: row.revision_number,
    title: row.title,
    hresult: row.hresult,
    appName: row.app_name,
    replacementStrings: JSON.parse(row.replacement_strings) as string[],
    miscData: JSON.parse(row.misc_data) as string[],
  }));
}

/**
 * Deletes some of the events that were received before a time, the oldest first. States do not depend on events:
 * they stay as they are.
 *
 * @returns how many; fewer than the limit when there are no more
 */
export async function deleteEventsBefore(db: DbOrTx, beforeMs: number, limit: number): Promise<number> {
  const end = await firstSince(db, beforeMs);
  const { numAffectedRows } = await sql`
    DELETE FROM event WHERE rowid IN
      (SELECT rowid FROM event WHERE rowid < ${end} ORDER BY rowid LIMIT ${limit})`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** How many events {@link deleteEventsBefore} would delete in the end. */
export async function countEventsBefore(db: DbOrTx, beforeMs: number): Promise<number> {
  const end = await firstSince(db, beforeMs);
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM event WHERE rowid < ${end}`.execute(db);
  return rows[0].count;
}

/** Rows are in the order in which they were received: the first one of a time is found by halving. */
async function firstSince(db: DbOrTx, ms: number): Promise<number> {
  const { rows: ends } = await sql<{ first: number | null; last: number | null }>`
    SELECT (SELECT min(rowid) FROM event) AS first, (SELECT max(rowid) FROM event) AS last`.execute(db);
  let low = ends[0].first ?? 0;
  let high = (ends[0].last ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { rows } = await sql<{ rowid: number; received_ms: number }>`
      SELECT rowid, received_ms FROM event WHERE rowid >= ${middle} ORDER BY rowid LIMIT 1`.execute(db);
    if (rows.length === 0 || rows[0].received_ms >= ms) high = middle;
    else low = rows[0].rowid + 1;
  }
  return low;
}

/** How often events were not taken as they were. */
export interface EventRefusals {
  readonly code: string;
  readonly events: number;
  readonly lastMs: number;
  readonly lastClientId: string;
}

export async function listRefusals(db: DbOrTx): Promise<EventRefusals[]> {
  const rows = await db.selectFrom('event_refusal').selectAll().orderBy('code').execute();
  return rows.map((row) => ({
    code: row.code,
    events: row.events,
    lastMs: row.last_ms,
    lastClientId: row.last_client_id,
  }));
}
