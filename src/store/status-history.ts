import type { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { Tx } from './schema.ts';
import { readSequence } from './sequence.ts';

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
