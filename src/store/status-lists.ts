import { sql, type RawBuilder } from 'kysely';
import { STATE_NAMES, StatusState, type StateName } from '../fleet/status-state.ts';
import type { DbOrTx } from './schema.ts';
import { readSequence } from './sequence.ts';
import { atOneMoment } from './status-summaries.ts';

/** An update as lists of states show it: its latest revision. */
export interface StatusUpdate {
  readonly updateId: string;
  readonly title: string;
  readonly kbArticles: readonly string[];
  readonly cves: readonly string[];
  readonly severity: string | null;
}

export interface StatusComputer {
  readonly clientId: string;
  readonly name: string;
}

/** What is known of an update on a computer. */
export interface KnownState {
  readonly state: StateName;
  /** Null for what follows from not having been reported. */
  readonly sinceMs: number | null;
  /** Of a failure; null otherwise. */
  readonly hresult: number | null;
}

export interface StatusFilter {
  readonly states?: readonly StateName[];
  readonly limit: number;
}

interface UpdateColumns {
  readonly update_id: string;
  readonly title: string;
  readonly kb_articles: string;
  readonly cves: string;
  readonly msrc_severity: string | null;
}

interface StateColumns {
  readonly state: number;
  readonly since_ms: number | null;
  readonly hresult: number | null;
}

/** The latest published revision of `update_entry`. */
const LATEST = sql`JOIN revision ON revision.update_number = update_entry.number AND revision.revision_number = (
  SELECT max(newest.revision_number) FROM revision AS newest
  WHERE newest.update_number = update_entry.number AND newest.change IS NOT NULL)`;
const UPDATE_COLUMNS = sql`update_entry.update_id, revision.title, revision.kb_articles, revision.cves,
  revision.msrc_severity`;

function updateOf(row: UpdateColumns): StatusUpdate {
  return {
    updateId: row.update_id,
    title: row.title,
    kbArticles: row.kb_articles === '' ? [] : row.kb_articles.split(' '),
    cves: row.cves === '' ? [] : row.cves.split(' '),
    severity: row.msrc_severity,
  };
}

function stateOf(row: StateColumns): KnownState {
  const failed = row.state === StatusState.Failed;
  return { state: STATE_NAMES[row.state], sinceMs: row.since_ms, hresult: failed ? row.hresult : null };
}

const numbersOf = (states: readonly StateName[] | undefined): number[] =>
  STATE_NAMES.flatMap((name, number) => (states === undefined || states.includes(name) ? [number] : []));
const among = (numbers: readonly number[]): RawBuilder<unknown> =>
  sql`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`;

/**
 * Every update that counts, with what is known of it on one computer: failed and pending ones first, what was
 * never reported last.
 */
export function listStatesOfComputer(
  db: DbOrTx,
  clientId: string,
  filter: StatusFilter,
): Promise<(StatusUpdate & KnownState)[]> {
  const states = numbersOf(filter.states);
  return atOneMoment(db, async (tx) => {
    const reported = await sql<UpdateColumns & StateColumns>`
      SELECT ${UPDATE_COLUMNS}, status.state, status.since_ms, status.hresult
      FROM computer_status
      JOIN status ON status.computer = computer_status.number AND status.state IN ${among(states)}
      JOIN update_status ON update_status.number = status.update_number
      JOIN update_entry ON update_entry.number = status.update_number
      ${LATEST}
      WHERE computer_status.client_id = ${clientId}
      ORDER BY CASE status.state WHEN 5 THEN 0 WHEN 6 THEN 1 ELSE status.state END, revision.title, update_id
      LIMIT ${filter.limit}`.execute(tx);
    const rest = filter.limit - reported.rows.length;
    if (rest === 0 || !states.some((state) => state < StatusState.Needed)) return reported.rows.map(toUpdate);
    const others = await sql<UpdateColumns & StateColumns>`
      SELECT ${UPDATE_COLUMNS}, (update_status.from_ms <= computer_status.after_ms) AS state, NULL AS since_ms,
        NULL AS hresult
      FROM computer_status
      JOIN update_status ON (update_status.from_ms <= computer_status.after_ms) IN ${among(states)}
      JOIN update_entry ON update_entry.number = update_status.number
      ${LATEST}
      WHERE computer_status.client_id = ${clientId} AND NOT EXISTS (
        SELECT 1 FROM status
        WHERE status.computer = computer_status.number AND status.update_number = update_status.number)
      ORDER BY state, revision.title, update_id
      LIMIT ${rest}`.execute(tx);
    return [...reported.rows, ...others.rows].map(toUpdate);
  });
}

const toUpdate = (row: UpdateColumns & StateColumns): StatusUpdate & KnownState => ({
  ...updateOf(row),
  ...stateOf(row),
});

interface ComputerColumns {
  readonly client_id: string;
  readonly dns_name: string;
}

const toComputer = (row: ComputerColumns & StateColumns): StatusComputer & KnownState => ({
  clientId: row.client_id,
  name: row.dns_name,
  ...stateOf(row),
});

/** Every computer, with what is known of one update on it, in the order of {@link listStatesOfComputer}. */
export function listStatesOfUpdate(
  db: DbOrTx,
  updateNumber: number,
  filter: StatusFilter,
): Promise<(StatusComputer & KnownState)[]> {
  const found: (ComputerColumns & StateColumns)[] = [];
  return atOneMoment(db, async (tx) => {
    // State by state, because the index is by state: a limit ends it early.
    const order = [
      StatusState.Failed,
      StatusState.PendingReboot,
      StatusState.Needed,
      StatusState.Downloaded,
      StatusState.Installed,
    ];
    const wanted = new Set(numbersOf(filter.states));
    for (const state of order.filter((one) => wanted.has(one))) {
      const { rows } = await sql<ComputerColumns & StateColumns>`
        SELECT computer.client_id, computer.dns_name, status.state, status.since_ms, status.hresult
        FROM update_status
        JOIN status ON status.update_number = update_status.number AND status.state = ${state}
        JOIN computer ON computer.number = status.computer
        WHERE update_status.number = ${updateNumber}
        LIMIT ${filter.limit - found.length}`.execute(tx);
      found.push(...rows);
    }
    for (const state of [StatusState.Unknown, StatusState.NotApplicable]) {
      const rest = filter.limit - found.length;
      if (!wanted.has(state) || rest === 0) continue;
      const { rows } = await sql<ComputerColumns & StateColumns>`
        SELECT computer.client_id, computer.dns_name, ${state} AS state, NULL AS since_ms, NULL AS hresult
        FROM update_status
        JOIN computer_status ON (update_status.from_ms <= computer_status.after_ms) = ${state}
        JOIN computer ON computer.client_id = computer_status.client_id
        WHERE update_status.number = ${updateNumber} AND NOT EXISTS (
          SELECT 1 FROM status
          WHERE status.computer = computer_status.number AND status.update_number = update_status.number)
        LIMIT ${rest}`.execute(tx);
      found.push(...rows);
    }
    return found.map(toComputer);
  });
}

/** An update with its sums. */
export interface UpdateTotals extends StatusUpdate {
  readonly needed: number;
  readonly downloaded: number;
  readonly installed: number;
  readonly failed: number;
  readonly pendingReboot: number;
}

export interface TotalsFilter {
  /** Only updates in one of these categories, by their numbers. */
  readonly categories?: readonly number[];
  /** Only updates that fix this. */
  readonly cve?: string;
  readonly limit: number;
}

interface TotalsColumns {
  readonly needed: number;
  readonly downloaded: number;
  readonly installed: number;
  readonly failed: number;
  readonly pending_reboot: number;
}

/** Updates that any computer has reported, those that most computers lack first. */
export async function listUpdateTotals(db: DbOrTx, filter: TotalsFilter): Promise<UpdateTotals[]> {
  const inCategory =
    filter.categories === undefined
      ? sql`TRUE`
      : sql`category_set IN (SELECT category_set.id FROM json_each(${JSON.stringify(filter.categories)}) AS wanted
          JOIN category_set ON ' ' || categories || ' ' LIKE '% ' || wanted.value || ' %')`;
  // Which updates come first is found in the sums alone; titles are looked up for those only.
  const top =
    filter.cve === undefined
      ? sql`SELECT * FROM update_status
          WHERE ${inCategory} AND needed + downloaded + installed + failed + pending_reboot > 0
          ORDER BY needed + downloaded + pending_reboot + failed DESC, number LIMIT ${filter.limit}`
      : sql`SELECT * FROM update_status WHERE ${inCategory}`;
  const fixes =
    filter.cve === undefined
      ? sql`TRUE`
      : sql`' ' || revision.cves || ' ' LIKE ${`% ${filter.cve.replaceAll(/[%_]/g, '')} %`}`;
  const { rows } = await sql<UpdateColumns & TotalsColumns>`
    SELECT ${UPDATE_COLUMNS}, top.needed, top.downloaded, top.installed, top.failed, top.pending_reboot
    FROM (${top}) AS top
    JOIN update_entry ON update_entry.number = top.number
    ${LATEST}
    WHERE ${fixes}
    ORDER BY top.needed + top.downloaded + top.pending_reboot + top.failed DESC, top.number
    LIMIT ${filter.limit}`.execute(db);
  return rows.map((row) => ({
    ...updateOf(row),
    needed: row.needed,
    downloaded: row.downloaded,
    installed: row.installed,
    failed: row.failed,
    pendingReboot: row.pending_reboot,
  }));
}

/** A code with which installations fail, and how often. */
export interface FailureTotals {
  readonly hresult: number;
  readonly updates: number;
  readonly computers: number;
  readonly states: number;
}

/** All codes with which updates are failed now, the most frequent first. */
export async function listFailureTotals(db: DbOrTx, limit: number): Promise<FailureTotals[]> {
  const { rows } = await sql<FailureTotals>`
    SELECT hresult, count(*) AS states, count(DISTINCT update_number) AS updates,
      count(DISTINCT computer) AS computers
    FROM status INDEXED BY status_failed
    JOIN update_status ON update_status.number = status.update_number
    WHERE state = 5 GROUP BY hresult ORDER BY states DESC, hresult LIMIT ${limit}`.execute(db);
  return rows;
}

/** One pair of a computer and an update. */
export type StatePair = StatusComputer & StatusUpdate & KnownState;

export interface FailureFilter {
  readonly hresult?: number;
  readonly limit: number;
}

/** Failed updates, computer by computer. */
export async function listFailures(db: DbOrTx, filter: FailureFilter): Promise<StatePair[]> {
  const code = filter.hresult === undefined ? sql`TRUE` : sql`hresult = ${filter.hresult}`;
  const { rows } = await sql<UpdateColumns & ComputerColumns & StateColumns>`
    SELECT computer.client_id, computer.dns_name, ${UPDATE_COLUMNS}, status.state, status.since_ms, status.hresult
    FROM status INDEXED BY status_failed
    JOIN update_status ON update_status.number = status.update_number
    JOIN computer ON computer.number = status.computer
    JOIN update_entry ON update_entry.number = status.update_number
    ${LATEST}
    WHERE status.state = 5 AND ${code} LIMIT ${filter.limit}`.execute(db);
  return rows.map((row) => ({ ...toComputer(row), ...updateOf(row) }));
}

/** Updates that wait for a restart, those that have waited longest first. */
export async function listPendingReboots(db: DbOrTx, limit: number): Promise<StatePair[]> {
  const { rows } = await sql<UpdateColumns & ComputerColumns & StateColumns>`
    SELECT computer.client_id, computer.dns_name, ${UPDATE_COLUMNS}, status.state, status.since_ms, status.hresult
    FROM status INDEXED BY status_pending
    JOIN update_status ON update_status.number = status.update_number
    JOIN computer ON computer.number = status.computer
    JOIN update_entry ON update_entry.number = status.update_number
    ${LATEST}
    WHERE status.state = 6 ORDER BY status.since_ms LIMIT ${limit}`.execute(db);
  return rows.map((row) => ({ ...toComputer(row), ...updateOf(row) }));
}

/** A computer that has not reported its states for a while. */
export interface SilentComputer extends StatusComputer {
  /** Null for never. */
  readonly lastReportMs: number | null;
  readonly lastContactMs: number;
}

/** Computers whose last report is older than a time, those that never reported first; and how many there are. */
export function listSilentComputers(
  db: DbOrTx,
  beforeMs: number,
  limit: number,
): Promise<{ readonly count: number; readonly computers: readonly SilentComputer[] }> {
  const hour = Math.floor(beforeMs / 3_600_000);
  const silent = sql`(report_hour < ${hour} OR (report_hour = ${hour} AND EXISTS (
    SELECT 1 FROM computer WHERE computer.client_id = computer_status.client_id AND last_report_ms < ${beforeMs})))`;
  return atOneMoment(db, async (tx) => {
    const counted = await sql<{ count: number }>`
      SELECT count(*) AS count FROM computer_status WHERE ${silent}`.execute(tx);
    const { rows } = await sql<
      ComputerColumns & { readonly last_report_ms: number | null; readonly last_contact_ms: number }
    >`
      SELECT computer.client_id, dns_name, last_report_ms, last_contact_ms
      FROM (SELECT client_id FROM computer_status WHERE ${silent} ORDER BY report_hour, number LIMIT ${limit}) AS silent
      JOIN computer ON computer.client_id = silent.client_id
      ORDER BY last_report_ms, dns_name`.execute(tx);
    return {
      count: counted.rows[0].count,
      computers: rows.map((row) => ({
        clientId: row.client_id,
        name: row.dns_name,
        lastReportMs: row.last_report_ms,
        lastContactMs: row.last_contact_ms,
      })),
    };
  });
}

/** A closed day of a placement or of a set of categories. */
export interface HistoryRow extends TotalsColumns {
  readonly day: number;
  readonly scope: 'placement' | 'category';
  readonly first: string;
  readonly second: string;
  readonly members: number;
  readonly unknown: number;
  readonly with_needed: number;
  readonly with_failed: number;
  readonly with_pending: number;
  readonly with_open: number;
}

/**
 * The closed days from one on, and the last one before it: how things stood until something changed. From the
 * open day on they stand as they stand now.
 */
export function readHistory(
  db: DbOrTx,
  fromDay: number,
): Promise<{ readonly rows: readonly HistoryRow[]; readonly openDay: number }> {
  return atOneMoment(db, async (tx) => {
    const { rows } = await sql<HistoryRow>`
      SELECT * FROM status_history
      WHERE day >= coalesce((SELECT max(day) FROM status_history WHERE day <= ${fromDay}), ${fromDay})
      ORDER BY day`.execute(tx);
    return { rows, openDay: await readSequence(tx, 'status_day') };
  });
}
