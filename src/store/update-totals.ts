import { sql } from 'kysely';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx } from './schema.ts';
import {
  LATEST,
  UPDATE_COLUMNS,
  updateOf,
  type StatusUpdate,
  type TotalsColumns,
  type UpdateColumns,
} from './status-columns.ts';

/** An update with its sums. */
export interface UpdateTotals extends StatusUpdate {
  readonly needed: number;
  readonly downloaded: number;
  readonly installed: number;
  readonly failed: number;
  readonly pendingReboot: number;
  /** Computers that need it and do not have it yet, whatever became of it so far. */
  readonly lacking: number;
}

export interface TotalsFilter {
  /** Only updates in one of these categories, by their numbers. */
  readonly categories?: readonly number[];
  /** Only updates that fix this. */
  readonly cve?: string;
}

const LACKING = sql`(needed + downloaded + failed + pending_reboot)`;
// Of equal ones the one that came first, when the greatest sum is first.
const OLDEST = sql`-update_status.number`;

/** What updates with sums can be sorted by: there are as many as updates that count, some thousands. */
export const TOTALS_SORTS: SortTable = {
  usual: '-lacking',
  keys: {
    lacking: [LACKING, OLDEST],
    needed: [sql`needed`, OLDEST],
    downloaded: [sql`downloaded`, OLDEST],
    installed: [sql`installed`, OLDEST],
    failed: [sql`failed`, OLDEST],
    pendingReboot: [sql`pending_reboot`, OLDEST],
  },
};

/** Updates that any computer has reported, or, of a CVE, all that fix it. */
export async function listUpdateTotals(
  db: DbOrTx,
  filter: TotalsFilter & ListPage,
): Promise<ListPart<UpdateTotals>> {
  const { keys, behind, order, orderOfKeys, limit } = keyset(TOTALS_SORTS, filter);
  const inCategory =
    filter.categories === undefined
      ? sql`TRUE`
      : sql`category_set IN (SELECT category_set.id FROM json_each(${JSON.stringify(filter.categories)}) AS wanted
          JOIN category_set ON ' ' || categories || ' ' LIKE '% ' || wanted.value || ' %')`;
  const { cve } = filter;
  const fixes = sql`' ' || revision.cves || ' ' LIKE ${`% ${(cve ?? '').replaceAll(/[%_]/g, '')} %`}`;
  // Which updates come first is found in the sums alone; titles are looked up for those only.
  const { rows } = await sql<UpdateColumns & TotalsColumns & KeyColumns & { readonly lacking: number }>`
    SELECT ${UPDATE_COLUMNS}, top.*
    FROM (
      SELECT update_status.number, needed, downloaded, installed, failed, pending_reboot, ${LACKING} AS lacking, ${keys}
      FROM update_status
      WHERE ${inCategory} AND ${behind} AND ${cve === undefined ? sql`${LACKING} + installed > 0` : sql`TRUE`}
      ORDER BY ${order} LIMIT ${cve === undefined ? limit : -1}) AS top
    JOIN update_entry ON update_entry.number = top.number
    ${LATEST}
    WHERE ${cve === undefined ? sql`TRUE` : fixes}
    ORDER BY ${orderOfKeys} LIMIT ${limit}`.execute(db);
  return partOf(rows, filter, (row) => ({
    ...updateOf(row),
    needed: row.needed,
    downloaded: row.downloaded,
    installed: row.installed,
    failed: row.failed,
    pendingReboot: row.pending_reboot,
    lacking: row.lacking,
  }));
}
