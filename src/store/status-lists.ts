import { sql, type RawBuilder } from 'kysely';
import { STATE_NAMES, StatusState, type StateName } from '../fleet/status-state.ts';
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
import { atOneMoment } from './status-summaries.ts';

export interface StatusFilter {
  /** All when left out. */
  readonly states?: readonly StateName[];
}

/** The order in which states matter: what was never reported last. */
const STATE_ORDER = [
  StatusState.Failed,
  StatusState.PendingReboot,
  StatusState.Needed,
  StatusState.Downloaded,
  StatusState.Installed,
  StatusState.Unknown,
  StatusState.NotApplicable,
];
/** Those that follow from times and have no row of their own. */
const UNREPORTED: readonly StatusState[] = [StatusState.Unknown, StatusState.NotApplicable];

const RANK = sql.raw(
  `CASE one.state ${STATE_ORDER.map((state, rank) => `WHEN ${state} THEN ${rank}`).join(' ')} END`,
);

/** The states that are wanted, in their order. */
function statesOf({ states }: StatusFilter): StatusState[] {
  return STATE_ORDER.filter((state) => states?.includes(STATE_NAMES[state]) ?? true);
}

const among = (numbers: readonly number[]): RawBuilder<unknown> =>
  sql`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`;

/** What the updates of a computer can be sorted by. There are as many as updates that count: some thousands. */
export const COMPUTER_STATE_SORTS: SortTable = {
  usual: 'state',
  keys: {
    state: [RANK, sql`revision.title`, sql`update_entry.update_id`],
    title: [sql`revision.title`, sql`update_entry.update_id`],
    sinceMs: [sql`one.since_ms`, sql`update_entry.update_id`],
  },
};

/** Every update that counts, with what is known of it on one computer. */
export function listStatesOfComputer(
  db: DbOrTx,
  clientId: string,
  filter: StatusFilter & ListPage,
): Promise<ListPart<StatusUpdate & KnownState>> {
  const { sort, descending, keys, behind, order, limit } = keyset(COMPUTER_STATE_SORTS, filter);
  const wanted = statesOf(filter);
  const reported = sql`
    SELECT status.update_number AS number, status.state, status.since_ms, status.hresult
    FROM computer_status
    JOIN status ON status.computer = computer_status.number AND status.state IN ${among(wanted)}
    JOIN update_status ON update_status.number = status.update_number
    WHERE computer_status.client_id = ${clientId}`;
  const others = sql`
    SELECT update_status.number, (update_status.from_ms <= computer_status.after_ms) AS state, NULL AS since_ms,
      NULL AS hresult
    FROM computer_status
    JOIN update_status ON (update_status.from_ms <= computer_status.after_ms) IN ${among(wanted)}
    WHERE computer_status.client_id = ${clientId} AND NOT EXISTS (
      SELECT 1 FROM status
      WHERE status.computer = computer_status.number AND status.update_number = update_status.number)`;
  const sources = [
    ...(wanted.some((state) => !UNREPORTED.includes(state)) ? [reported] : []),
    ...(wanted.some((state) => UNREPORTED.includes(state)) ? [others] : []),
  ];
  // By state, all of the one come before all of the other, which is then often not asked for.
  const inTurn =
    sort === 'state' ? sources : sources.length === 0 ? [] : [sql.join(sources, sql` UNION ALL `)];
  const found: (UpdateColumns & StateColumns & KeyColumns)[] = [];
  return atOneMoment(db, async (tx) => {
    for (const source of descending ? inTurn.toReversed() : inTurn) {
      if (found.length === limit) break;
      const { rows } = await sql<(typeof found)[number]>`
        SELECT ${UPDATE_COLUMNS}, one.state, one.since_ms, one.hresult, ${keys}
        FROM (${source}) AS one
        JOIN update_entry ON update_entry.number = one.number
        ${LATEST}
        WHERE ${behind} ORDER BY ${order} LIMIT ${limit - found.length}`.execute(tx);
      found.push(...rows);
    }
    return partOf(found, filter, (row) => ({ ...updateOf(row), ...stateOf(row) }));
  });
}

/** What the computers of an update can be sorted by. Only the first of these is served by an index. */
export const UPDATE_STATE_SORTS: SortTable = {
  usual: 'state',
  keys: {
    state: [RANK, sql`one.number`],
    name: [sql`computer.dns_name`, sql`one.number`],
    sinceMs: [sql`one.since_ms`, sql`one.number`],
  },
};

/** Every computer, with what is known of one update on it. */
export function listStatesOfUpdate(
  db: DbOrTx,
  updateNumber: number,
  filter: StatusFilter & ListPage,
): Promise<ListPart<StatusComputer & KnownState>> {
  const { sort, descending, keys, behind, order, limit } = keyset(UPDATE_STATE_SORTS, filter);
  const sources = statesOf(filter).map((state) => ({ state, source: computersIn(state, updateNumber) }));
  const found: (ComputerColumns & StateColumns & KeyColumns)[] = [];
  const read = async (
    tx: DbOrTx,
    source: RawBuilder<unknown>,
    where: RawBuilder<unknown>,
    ordered: RawBuilder<unknown>,
  ): Promise<void> => {
    const { rows } = await sql<(typeof found)[number]>`
      SELECT computer.client_id, computer.dns_name, one.state, one.since_ms, one.hresult, ${keys}
      FROM (${source}) AS one
      JOIN computer ON computer.number = one.number
      WHERE ${where} ORDER BY ${ordered} LIMIT ${limit - found.length}`.execute(tx);
    found.push(...rows);
  };
  return atOneMoment(db, async (tx) => {
    if (sort === 'state') {
      // State by state, because the index is by state: a limit ends it early.
      const [afterRank, afterNumber] = filter.after ?? [];
      const direction = descending ? -1 : 1;
      for (const { state, source } of descending ? sources.toReversed() : sources) {
        const distance = (STATE_ORDER.indexOf(state) - Number(afterRank ?? NaN)) * direction;
        if (found.length === limit) break;
        if (distance < 0) continue;
        const operator = descending ? sql`<` : sql`>`;
        const where = distance === 0 ? sql`one.number ${operator} ${afterNumber}` : sql`TRUE`;
        await read(tx, source, where, descending ? sql`one.number DESC` : sql`one.number`);
      }
    } else if (sources.length > 0) {
      const all = sources.map(({ source }) => source);
      await read(tx, sql.join(all, sql` UNION ALL `), behind, order);
    }
    return partOf(found, filter, (row) => ({ ...computerOf(row), ...stateOf(row) }));
  });
}

function computersIn(state: StatusState, updateNumber: number): RawBuilder<unknown> {
  if (!UNREPORTED.includes(state))
    return sql`
      SELECT status.computer AS number, status.state, status.since_ms, status.hresult
      FROM update_status
      JOIN status ON status.update_number = update_status.number AND status.state = ${state}
      WHERE update_status.number = ${updateNumber}`;
  return sql`
    SELECT computer_status.number, ${state} AS state, NULL AS since_ms, NULL AS hresult
    FROM update_status
    JOIN computer_status ON (update_status.from_ms <= computer_status.after_ms) = ${state}
    WHERE update_status.number = ${updateNumber} AND NOT EXISTS (
      SELECT 1 FROM status
      WHERE status.computer = computer_status.number AND status.update_number = update_status.number)`;
}
