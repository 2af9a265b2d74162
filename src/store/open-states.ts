import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx } from './schema.ts';
import {
  computerOf,
  LATEST,
  stateOf,
  UPDATE_COLUMNS,
  updateOf,
  type ComputerColumns,
  type KnownState,
  type StateColumns,
  type StatusComputer,
  type StatusUpdate,
  type UpdateColumns,
} from './status-columns.ts';

/** A code with which installations fail, and how often. */
export interface FailureTotals {
  readonly hresult: number;
  readonly updates: number;
  readonly computers: number;
  readonly states: number;
}

/** All codes with which updates are failed now, the most frequent first. */
export async function listFailureTotals(db: DbOrTx): Promise<FailureTotals[]> {
  const { rows } = await sql<FailureTotals>`
    SELECT hresult, count(*) AS states, count(DISTINCT update_number) AS updates,
      count(DISTINCT computer) AS computers
    FROM status INDEXED BY status_failed
    JOIN update_status ON update_status.number = status.update_number
    WHERE state = 5 GROUP BY hresult ORDER BY states DESC, hresult`.execute(db);
  return rows;
}

/** One pair of a computer and an update. */
export type StatePair = StatusComputer & StatusUpdate & KnownState;

type PairRow = UpdateColumns & ComputerColumns & StateColumns & KeyColumns;

const pairOf = (row: PairRow): StatePair => ({ ...computerOf(row), ...stateOf(row), ...updateOf(row) });

export interface FailureFilter {
  readonly hresult?: number;
}

/** The first is the order of the index; the other looks at every failed state. */
export const FAILURE_SORTS: SortTable = {
  usual: 'hresult',
  keys: {
    hresult: [sql`status.hresult`, sql`status.update_number`, sql`status.computer`],
    sinceMs: [sql`status.since_ms`, sql`status.update_number`, sql`status.computer`],
  },
  neverNull: ['hresult', 'sinceMs'],
};

/** Failed updates, computer by computer. */
export async function listFailures(
  db: DbOrTx,
  filter: FailureFilter & ListPage,
): Promise<ListPart<StatePair>> {
  const code = filter.hresult === undefined ? sql`TRUE` : sql`status.hresult = ${filter.hresult}`;
  return pairsOf(
    db,
    sql`status INDEXED BY status_failed`,
    sql`status.state = 5 AND ${code}`,
    FAILURE_SORTS,
    filter,
  );
}

/** The order of the index. */
export const PENDING_SORTS: SortTable = {
  usual: 'sinceMs',
  keys: { sinceMs: [sql`status.since_ms`, sql`status.computer`, sql`status.update_number`] },
  neverNull: ['sinceMs'],
};

/** Updates that wait for a restart, those that have waited longest first. */
export async function listPendingReboots(db: DbOrTx, page: ListPage): Promise<ListPart<StatePair>> {
  return pairsOf(db, sql`status INDEXED BY status_pending`, sql`status.state = 6`, PENDING_SORTS, page);
}

/** Names and titles are looked up for the page only. */
async function pairsOf(
  db: DbOrTx,
  states: RawBuilder<unknown>,
  where: RawBuilder<unknown>,
  sorts: SortTable,
  page: ListPage,
): Promise<ListPart<StatePair>> {
  const { keys, behind, order, orderOfKeys, limit } = keyset(sorts, page);
  const { rows } = await sql<PairRow>`
    SELECT computer.client_id, computer.dns_name, ${UPDATE_COLUMNS}, page.*
    FROM (
      SELECT status.computer, status.update_number, status.state, status.since_ms, status.hresult, ${keys}
      FROM ${states} JOIN update_status ON update_status.number = status.update_number
      WHERE ${where} AND ${behind} ORDER BY ${order} LIMIT ${limit}) AS page
    JOIN computer ON computer.number = page.computer
    JOIN update_entry ON update_entry.number = page.update_number
    ${LATEST}
    ORDER BY ${orderOfKeys}`.execute(db);
  return partOf(rows, page, pairOf);
}

/** A computer that has not reported its states for a while. */
export interface SilentComputer extends StatusComputer {
  /** Null for never. */
  readonly lastReportMs: number | null;
  readonly lastContactMs: number;
}

/** To the hour, which is kept where it costs little to look at all computers. */
export const SILENT_SORTS: SortTable = {
  usual: 'lastReportMs',
  keys: { lastReportMs: [sql`report_hour`, sql`computer_status.number`] },
};

/** Computers whose last report is older than a time, those that never reported first. */
export async function listSilentComputers(
  db: DbOrTx,
  { beforeMs, ...page }: { readonly beforeMs: number } & ListPage,
): Promise<ListPart<SilentComputer>> {
  const { keys, behind, order, orderOfKeys, limit } = keyset(SILENT_SORTS, page);
  const { rows } = await sql<
    ComputerColumns &
      KeyColumns & { readonly last_report_ms: number | null; readonly last_contact_ms: number }
  >`
    SELECT computer.client_id, dns_name, last_report_ms, last_contact_ms, key_0, key_1
    FROM (
      SELECT client_id, ${keys} FROM computer_status
      WHERE ${silentSince(beforeMs)} AND ${behind} ORDER BY ${order} LIMIT ${limit}) AS silent
    JOIN computer ON computer.client_id = silent.client_id
    ORDER BY ${orderOfKeys}`.execute(db);
  return partOf(rows, page, (row) => ({
    ...computerOf(row),
    lastReportMs: row.last_report_ms,
    lastContactMs: row.last_contact_ms,
  }));
}

/** How many {@link listSilentComputers} finds. */
export async function countSilentComputers(db: DbOrTx, beforeMs: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM computer_status WHERE ${silentSince(beforeMs)}`.execute(db);
  return rows[0].count;
}

function silentSince(beforeMs: number): RawBuilder<SqlBool> {
  const hour = Math.floor(beforeMs / 3_600_000);
  return sql<SqlBool>`(report_hour < ${hour} OR (report_hour = ${hour} AND EXISTS (
    SELECT 1 FROM computer WHERE computer.client_id = computer_status.client_id AND last_report_ms < ${beforeMs})))`;
}
