import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { isSubscribed, type NotificationData, type NotificationEvent } from '../fleet/notification-event.ts';
import { compiledOnce } from './compiled-once.ts';
import type { Db, DbOrTx, Tx } from './schema.ts';

/** More than this are not kept, delivered or not. */
export const NOTIFICATIONS_KEPT = 10_000;

/**
 * Tells of something that happens in this transaction: it is written down for every subscription that wants it, or,
 * when the transaction is taken back, was never there. Without one it costs a look at an empty table.
 *
 * @param data undefined, or a function that finds out when somebody wants it, and gives undefined for nothing to tell
 */
export async function notify<Event extends NotificationEvent>(
  tx: Tx,
  event: Event,
  timeMs: number,
  data: NotificationData<Event> | (() => Promise<NotificationData<Event> | undefined>),
): Promise<void> {
  const wanting = await subscribersOf(tx, event);
  if (wanting.length === 0) return;
  const told = typeof data === 'function' ? await data() : data;
  if (told !== undefined) await queue(tx, { event, timeMs, data: told }, wanting);
}

/** As {@link notify}, for what happens in no transaction. */
export async function notifyAlone<Event extends NotificationEvent>(
  db: Db,
  event: Event,
  timeMs: number,
  data: NotificationData<Event>,
): Promise<void> {
  // Looked at before a transaction takes the lock of everybody who writes.
  if ((await subscribersOf(db, event)).length === 0) return;
  await db.transaction().execute((tx) => notify(tx, event, timeMs, data));
}

/** Writes a notification down for these subscriptions, whatever they want. */
export async function queue(
  tx: Tx,
  notification: { readonly event: NotificationEvent; readonly timeMs: number; readonly data: unknown },
  subscriptions: readonly number[],
): Promise<void> {
  const { event, timeMs, data } = notification;
  const { id } = await tx
    .insertInto('notification')
    .values({ uuid: randomUUID(), time_ms: timeMs, event, data: JSON.stringify(data) })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('delivery')
    .values(
      subscriptions.map((subscription) => ({
        notification_id: id,
        subscription_id: subscription,
        state: 'pending' as const,
        queued_ms: timeMs,
        next_ms: timeMs,
      })),
    )
    .execute();
  await dropOldest(tx, id);
}

const enabledSubscriptions = compiledOnce((db, values: { readonly enabled: number }) =>
  db.selectFrom('subscription').select(['id', 'events']).where('enabled', '=', values.enabled),
);

/** The subscriptions that want to be told of an event. */
export async function subscribersOf(db: DbOrTx, event: NotificationEvent): Promise<number[]> {
  const rows = await enabledSubscriptions(db, { enabled: 1 });
  return rows.filter((row) => isSubscribed(JSON.parse(row.events) as string[], event)).map((row) => row.id);
}

/** Whether there is anybody to tell anything. */
export async function hasSubscribers(db: DbOrTx): Promise<boolean> {
  return (await enabledSubscriptions(db, { enabled: 1 })).length > 0;
}

/** Ids are given in turn, so the oldest are those below a number. What nobody received is counted. */
async function dropOldest(tx: Tx, newest: number): Promise<void> {
  const last = newest - NOTIFICATIONS_KEPT;
  if (last <= 0) return;
  await sql`
    UPDATE subscription SET dropped = dropped + lost.count
    FROM (SELECT subscription_id, count(*) AS count FROM delivery
      WHERE notification_id <= ${last} AND state = 'pending' GROUP BY subscription_id) AS lost
    WHERE lost.subscription_id = subscription.id`.execute(tx);
  await tx.deleteFrom('notification').where('id', '<=', last).execute();
}
