import type { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { DbOrTx, Tx } from './schema.ts';
import { readSequence } from './sequence.ts';
import type { TotalsColumns } from './status-columns.ts';
import { atOneMoment } from './status-summaries.ts';

const MS_PER_DAY = 86_400_000;

/** Days are those of UTC, counted from 1970. */
export const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY);

const SUMS = `needed, downloaded, installed, failed, pending_reboot, early, with_needed, with_failed, with_pending,
  with_open`;

/**
 * Notes how things stand as the end of one day, which is also how they stood until the day another one begins.
 * About a row for each placement and each set of categories: some hundreds a day.
 */
function closing(day: number, today: number): string[] {
  return [
    `INSERT OR REPLACE INTO status_history (day, scope, first, second, members, unknown, ${SUMS})
     SELECT ${day}, 'placement', group_ids, requested_groups, computers,
       coalesce((SELECT sum(computers * (SELECT coalesce(sum(updates), 0) FROM arrival WHERE from_ms > after_ms))
         FROM detection_count WHERE placement = placement.id), 0) - early, ${SUMS}
     FROM placement`,
    `INSERT OR REPLACE INTO status_history (day, scope, first, second, members, unknown, ${SUMS})
     SELECT ${day}, 'category', categories, '', updates,
       coalesce((SELECT sum(updates * (SELECT coalesce(sum(computers), 0) FROM detection_count
         WHERE after_ms < from_ms)) FROM arrival WHERE category_set = category_set.id), 0) - early, ${SUMS}
     FROM category_set`,
    startDay(today),
  ];
}

const startDay = (day: number): string => `UPDATE sequence SET value = ${day} WHERE name = 'status_day'`;

/** What is to be done before the first change of a day; nothing for its later ones, and when a clock went back. */
function dueAt(openDay: number, nowMs: number): string[] {
  const today = dayOf(nowMs);
  if (openDay === 0) return [startDay(today)];
  return openDay < today ? closing(openDay, today) : [];
}

/** To be called before the sums change, in the same transaction. */
export async function closeDay(tx: Tx, nowMs: number): Promise<void> {
  for (const statement of dueAt(await readSequence(tx, 'status_day'), nowMs))
    await sql.raw(statement).execute(tx);
}

/** As {@link closeDay}, on a plain connection: one read once the day has begun. */
export function prepareCloseDay(database: DatabaseSync): (nowMs: number) => void {
  const read = database.prepare(`SELECT value FROM sequence WHERE name = 'status_day'`);
  return (nowMs) => {
    for (const statement of dueAt(Number(read.get()?.value), nowMs)) database.exec(statement);
  };
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
