import { sql } from 'kysely';
import type { NotificationEvent } from '../fleet/notification-event.ts';
import type { DbOrTx, Tx } from './schema.ts';

/** The subjects of which an event holds: from here on, and until it has clearly ceased. */
export interface Holding {
  readonly begun: readonly string[];
  /** Those of which it has not ceased; with what has begun. Further from it than that, it may begin again. */
  readonly notEnded: readonly string[];
}

/**
 * Compares what holds now with what was told, and takes note of it.
 *
 * @returns what begins to hold
 */
export async function noteConditions(
  tx: Tx,
  event: NotificationEvent,
  { begun, notEnded }: Holding,
  nowMs: number,
): Promise<Set<string>> {
  await sql`
    DELETE FROM told_condition WHERE event = ${event}
      AND subject NOT IN (SELECT value FROM json_each(${JSON.stringify(notEnded)}))`.execute(tx);
  const { rows } = await sql<{ subject: string }>`
    INSERT INTO told_condition (event, subject, since_ms)
    SELECT ${event}, value, ${nowMs} FROM json_each(${JSON.stringify(begun)}) WHERE true
    ON CONFLICT DO NOTHING RETURNING subject`.execute(tx);
  return new Set(rows.map((row) => row.subject));
}

/** Takes note that something holds of one subject. @returns whether that is new */
export async function beginCondition(
  tx: Tx,
  event: NotificationEvent,
  subject: string,
  nowMs: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('told_condition')
    .values({ event, subject, since_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function endCondition(tx: Tx, event: NotificationEvent, subject: string): Promise<void> {
  await tx.deleteFrom('told_condition').where('event', '=', event).where('subject', '=', subject).execute();
}

/** Whether something was told of one subject and has not ended. */
export async function isConditionTold(
  db: DbOrTx,
  event: NotificationEvent,
  subject: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('told_condition')
    .select('since_ms')
    .where('event', '=', event)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets events that nobody wants to hear of: whoever does later is told how things stand then. */
export async function forgetConditions(tx: Tx, events: readonly NotificationEvent[]): Promise<void> {
  await tx.deleteFrom('told_condition').where('event', 'in', events).execute();
}
