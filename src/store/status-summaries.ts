import type { Selectable } from 'kysely';
import type { StatusCounts } from '../fleet/status-state.ts';
import type { DbOrTx } from './schema.ts';
import type { SetSums, StateSums } from './schema/compliance-tables.ts';

/** The sums of a set of computers, or of a set of updates. */
export interface SetSummary {
  /** Computers of a placement; updates of a set of categories. */
  readonly members: number;
  readonly counts: StatusCounts;
  /** Members that have anything needed, downloaded or waiting for a restart. */
  readonly withNeeded: number;
  readonly withFailed: number;
  readonly withPendingReboot: number;
  /** Members that have any of these. */
  readonly withOpen: number;
}

/** Computers that are in the same groups and ask for the same ones. */
export interface PlacementSummary extends SetSummary {
  readonly groupIds: readonly string[];
  readonly requestedGroups: string;
}

/** Updates that are in the same categories. */
export interface CategorySetSummary extends SetSummary {
  /** Numbers of the categories. */
  readonly categories: readonly number[];
}

export interface Summaries {
  readonly placements: readonly PlacementSummary[];
  readonly categorySets: readonly CategorySetSummary[];
  /** Updates that count. */
  readonly updates: number;
  readonly computers: number;
}

/** Runs queries that must tell of one moment, whatever other processes write in between. */
export function atOneMoment<T>(db: DbOrTx, read: (tx: DbOrTx) => Promise<T>): Promise<T> {
  return db.isTransaction ? read(db) : db.transaction().setAccessMode('read only').execute(read);
}

/**
 * All sums there are: some hundreds of rows, from which every summary of groups and categories is made by
 * addition. Nothing here depends on how many computers or states there are.
 */
export function readSummaries(db: DbOrTx): Promise<Summaries> {
  return atOneMoment(db, async (tx) => {
    const placements = await tx.selectFrom('placement').selectAll().execute();
    const categorySets = await tx.selectFrom('category_set').selectAll().execute();
    const arrivals = await tx.selectFrom('arrival').selectAll().execute();
    const detections = await tx.selectFrom('detection_count').selectAll().execute();
    const updates = sum(categorySets, (row) => row.updates);
    const computers = sum(placements, (row) => row.computers);
    const arrived = new Steps(arrivals.map((row) => [row.from_ms, row.updates]));
    const detected = new Steps(detections.map((row) => [row.after_ms, row.computers]));
    const unknownOf = new Map<number, number>();
    for (const { placement, after_ms: afterMs, computers: count } of detections)
      add(unknownOf, placement, count * arrived.above(afterMs));
    const unknownTo = new Map<number, number>();
    for (const { category_set: set, from_ms: fromMs, updates: count } of arrivals)
      add(unknownTo, set, count * (computers - detected.above(fromMs - 1)));
    return {
      updates,
      computers,
      placements: placements.map((row) => ({
        groupIds: row.group_ids === '' ? [] : row.group_ids.split(' '),
        requestedGroups: row.requested_groups,
        ...summaryOf(row, row.computers, row.computers * updates, unknownOf.get(row.id) ?? 0),
      })),
      categorySets: categorySets.map((row) => ({
        categories: row.categories === '' ? [] : row.categories.split(' ').map(Number),
        ...summaryOf(row, row.updates, row.updates * computers, unknownTo.get(row.id) ?? 0),
      })),
    };
  });
}

function summaryOf(
  row: Selectable<SetSums>,
  members: number,
  pairs: number,
  withoutReport: number,
): SetSummary {
  return {
    members,
    counts: countsOf(row, pairs, withoutReport),
    withNeeded: row.with_needed,
    withFailed: row.with_failed,
    withPendingReboot: row.with_pending,
    withOpen: row.with_open,
  };
}

/**
 * @param pairs of computers and updates there are
 * @param withoutReport those whose update counts since after the computer's last detection
 */
export function countsOf(row: Selectable<StateSums>, pairs: number, withoutReport: number): StatusCounts {
  const { needed, downloaded, installed, failed, pending_reboot: pendingReboot } = row;
  const unknown = withoutReport - row.early;
  const notApplicable = pairs - unknown - needed - downloaded - installed - failed - pendingReboot;
  return { unknown, notApplicable, needed, downloaded, installed, pendingReboot, failed };
}

/** Adds up summaries of sets that have no member in common. */
export function addSummaries(all: readonly SetSummary[]): SetSummary {
  const total = (of: (one: SetSummary) => number): number => sum(all, of);
  return {
    members: total((one) => one.members),
    counts: {
      unknown: total((one) => one.counts.unknown),
      notApplicable: total((one) => one.counts.notApplicable),
      needed: total((one) => one.counts.needed),
      downloaded: total((one) => one.counts.downloaded),
      installed: total((one) => one.counts.installed),
      pendingReboot: total((one) => one.counts.pendingReboot),
      failed: total((one) => one.counts.failed),
    },
    withNeeded: total((one) => one.withNeeded),
    withFailed: total((one) => one.withFailed),
    withPendingReboot: total((one) => one.withPendingReboot),
    withOpen: total((one) => one.withOpen),
  };
}

/** The counts of one computer over all updates that count; undefined when there is none. */
export function readComputerCounts(db: DbOrTx, clientId: string): Promise<StatusCounts | undefined> {
  return atOneMoment(db, async (tx) => {
    const row = await tx
      .selectFrom('computer_status')
      .selectAll()
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const counted = await tx
      .selectFrom('arrival')
      .select(({ fn, eb }) => [
        fn.coalesce(fn.sum<number>('updates'), eb.lit(0)).as('updates'),
        fn
          .coalesce(fn.sum<number>('updates').filterWhere('from_ms', '>', row.after_ms), eb.lit(0))
          .as('later'),
      ])
      .executeTakeFirstOrThrow();
    return countsOf(row, counted.updates, counted.later);
  });
}

/** The counts of one update over all computers; undefined when it does not count. */
export function readUpdateCounts(db: DbOrTx, updateNumber: number): Promise<StatusCounts | undefined> {
  return atOneMoment(db, async (tx) => {
    const row = await tx
      .selectFrom('update_status')
      .selectAll()
      .where('number', '=', updateNumber)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const counted = await tx
      .selectFrom('detection_count')
      .select(({ fn, eb }) => [
        fn.coalesce(fn.sum<number>('computers'), eb.lit(0)).as('computers'),
        fn
          .coalesce(fn.sum<number>('computers').filterWhere('after_ms', '<', row.from_ms), eb.lit(0))
          .as('earlier'),
      ])
      .executeTakeFirstOrThrow();
    return countsOf(row, counted.computers, counted.earlier);
  });
}

/** How much lies above a value, for many values. */
class Steps {
  readonly #values: number[] = [];
  readonly #above: number[] = [];

  constructor(steps: readonly (readonly [value: number, amount: number])[]) {
    const amounts = new Map<number, number>();
    for (const [value, amount] of steps) add(amounts, value, amount);
    let above = 0;
    for (const [value, amount] of [...amounts].sort(([one], [other]) => other - one)) {
      above += amount;
      this.#values.push(value);
      this.#above.push(above);
    }
  }

  above(value: number): number {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle] > value) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#above[low - 1];
  }
}

function add(amounts: Map<number, number>, key: number, amount: number): void {
  amounts.set(key, (amounts.get(key) ?? 0) + amount);
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
