import { sql } from 'kysely';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx, Tx } from './schema.ts';
import type { SubscriptionKind } from './subscriptions.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** A notification on its way to a subscription. */
export interface DueDelivery {
  readonly notificationId: number;
  readonly subscriptionId: number;
  readonly uuid: string;
  readonly timeMs: number;
  readonly event: string;
  readonly data: unknown;
  readonly attempts: number;
  readonly queuedMs: number;
  readonly subscription: string;
  readonly kind: SubscriptionKind;
  readonly targets: readonly string[];
  readonly secret: string | null;
}

/** Longer than the longest pause: what is due later was planned by a clock that has been set back since. */
const NEVER_LATER_MS = 8 * 3_600_000;

const dueAt = (nowMs: number) =>
  sql<boolean>`delivery.state = 'pending' AND subscription.enabled = 1
    AND (delivery.next_ms <= ${nowMs} OR delivery.next_ms > ${nowMs + NEVER_LATER_MS})`;

/** What is due, the oldest first, at most so many for each subscription. */
export async function dueDeliveries(db: DbOrTx, nowMs: number, most: number): Promise<DueDelivery[]> {
  const { rows } = await sql<{
    notification_id: number;
    subscription_id: number;
    uuid: string;
    time_ms: number;
    event: string;
    data: string;
    attempts: number;
    queued_ms: number;
    name: string;
    kind: SubscriptionKind;
    targets: string;
    secret: string | null;
  }>`
    SELECT * FROM (
      SELECT notification_id, subscription_id, uuid, time_ms, event, data, attempts, queued_ms, name, kind, targets,
        secret, row_number() OVER (PARTITION BY subscription_id ORDER BY notification_id) AS place
      FROM delivery JOIN subscription ON subscription.id = subscription_id
      JOIN notification ON notification.id = notification_id
      WHERE ${dueAt(nowMs)})
    WHERE place <= ${most} ORDER BY notification_id`.execute(db);
  return rows.map((row) => ({
    notificationId: row.notification_id,
    subscriptionId: row.subscription_id,
    uuid: row.uuid,
    timeMs: row.time_ms,
    event: row.event,
    data: JSON.parse(row.data) as unknown,
    attempts: row.attempts,
    queuedMs: row.queued_ms,
    subscription: row.name,
    kind: row.kind,
    targets: JSON.parse(row.targets) as string[],
    secret: row.secret,
  }));
}

/** Whether anything is due: asked every few seconds. */
export async function isDeliveryDue(db: DbOrTx, nowMs: number): Promise<boolean> {
  const { rows } = await sql<{ due: number }>`
    SELECT EXISTS (SELECT 1 FROM delivery JOIN subscription ON subscription.id = subscription_id
      WHERE ${dueAt(nowMs)}) AS due`.execute(db);
  return rows[0].due === 1;
}

type Named = Pick<DueDelivery, 'notificationId' | 'subscriptionId'>;

/** What became of an attempt. */
export interface AttemptNote {
  readonly nowMs: number;
  readonly status: number | null;
  /** Inert, short, without secrets. */
  readonly error: string | null;
}

export async function noteDelivered(tx: Tx, one: Named, note: AttemptNote): Promise<void> {
  await noteAttempt(tx, one, note, { state: 'delivered', nextMs: note.nowMs });
  await tx
    .updateTable('subscription')
    .set({ delivered_ms: note.nowMs, failing_since_ms: null, last_error: note.error })
    .where('id', '=', one.subscriptionId)
    .execute();
}

/**
 * @param nextMs when it is tried again; undefined for never
 * @returns since when nothing reaches the subscription
 */
export async function noteFailed(
  tx: Tx,
  one: Named,
  note: AttemptNote,
  nextMs: number | undefined,
): Promise<number> {
  const state = nextMs === undefined ? 'failed' : 'pending';
  await noteAttempt(tx, one, note, { state, nextMs: nextMs ?? note.nowMs });
  const row = await tx
    .updateTable('subscription')
    .set((eb) => ({
      failing_since_ms: eb.fn.coalesce('failing_since_ms', eb.val(note.nowMs)),
      last_error: note.error,
    }))
    .where('id', '=', one.subscriptionId)
    .returning('failing_since_ms')
    .executeTakeFirst();
  return row?.failing_since_ms ?? note.nowMs;
}

async function noteAttempt(
  tx: Tx,
  { notificationId, subscriptionId }: Named,
  { nowMs, status, error }: AttemptNote,
  next: { readonly state: DeliveryState; readonly nextMs: number },
): Promise<void> {
  await tx
    .updateTable('delivery')
    .set((eb) => ({
      state: next.state,
      next_ms: next.nextMs,
      attempts: eb('attempts', '+', 1),
      attempted_ms: nowMs,
      last_status: status,
      last_error: error,
    }))
    .where('notification_id', '=', notificationId)
    .where('subscription_id', '=', subscriptionId)
    .execute();
}

/** A delivery as administrators list it. */
export interface ListedDelivery {
  /** The notification's. */
  readonly number: number;
  /** What receivers know it by. */
  readonly uuid: string;
  readonly event: string;
  readonly data: unknown;
  readonly timeMs: number;
  readonly subscription: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** The next attempt of what is pending. */
  readonly nextMs: number | null;
  readonly attemptedMs: number | null;
  readonly status: number | null;
  readonly error: string | null;
}

export interface DeliveryFilter {
  readonly subscriptionId?: number;
  readonly state?: DeliveryState;
  readonly event?: string;
}

/**
 * What deliveries can be sorted by: the order in which it was noticed, that of their table. The newest come first,
 * but the older one of two subscriptions, whose few deliveries of one notification are sorted for it.
 */
export const DELIVERY_SORTS: SortTable = {
  usual: '-number',
  keys: { number: [sql`delivery.notification_id`, sql`-delivery.subscription_id`] },
};

interface DeliveryRow extends KeyColumns {
  readonly notification_id: number;
  readonly uuid: string;
  readonly event: string;
  readonly data: string;
  readonly time_ms: number;
  readonly name: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly next_ms: number;
  readonly attempted_ms: number | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
}

/** Newest first unless another order is asked for. */
export async function listDeliveries(
  db: DbOrTx,
  { subscriptionId, state, event, ...page }: DeliveryFilter & ListPage,
): Promise<ListPart<ListedDelivery>> {
  const { keys, behind, order, limit } = keyset(DELIVERY_SORTS, page);
  const filters = [
    behind,
    ...(subscriptionId === undefined ? [] : [sql`delivery.subscription_id = ${subscriptionId}`]),
    ...(state === undefined ? [] : [sql`delivery.state = ${state}`]),
    ...(event === undefined ? [] : [sql`event = ${event}`]),
  ];
  const { rows } = await sql<DeliveryRow>`
    SELECT delivery.*, uuid, event, data, time_ms, name, ${keys}
    FROM delivery JOIN notification ON notification.id = notification_id
    JOIN subscription ON subscription.id = subscription_id
    WHERE ${sql.join(filters, sql` AND `)} ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, (row) => ({
    number: row.notification_id,
    uuid: row.uuid,
    event: row.event,
    data: JSON.parse(row.data) as unknown,
    timeMs: row.time_ms,
    subscription: row.name,
    state: row.state,
    attempts: row.attempts,
    nextMs: row.state === 'pending' ? row.next_ms : null,
    attemptedMs: row.attempted_ms,
    status: row.last_status,
    error: row.last_error,
  }));
}

/** How many deliveries of each subscription are in each state, by its id. */
export async function countDeliveries(
  db: DbOrTx,
): Promise<Map<number, Readonly<Record<DeliveryState, number>>>> {
  const { rows } = await sql<{ id: number; state: DeliveryState; count: number }>`
    SELECT subscription_id AS id, state, count(*) AS count FROM delivery GROUP BY subscription_id, state`.execute(
    db,
  );
  const counts = new Map<number, Record<DeliveryState, number>>();
  for (const { id, state, count } of rows)
    counts.set(id, { pending: 0, delivered: 0, failed: 0, ...counts.get(id), [state]: count });
  return counts;
}

/**
 * Queues failed deliveries of a subscription again, one or all, and lets those that wait for another attempt be due.
 *
 * @returns how many
 */
export async function requeue(
  tx: Tx,
  subscriptionId: number,
  number: number | undefined,
  nowMs: number,
): Promise<number> {
  const all = tx
    .updateTable('delivery')
    .where('subscription_id', '=', subscriptionId)
    .$if(number !== undefined, (query) => query.where('notification_id', '=', number!));
  const waiting = await all
    .set({ next_ms: nowMs })
    .where('state', '=', 'pending')
    .where('next_ms', '>', nowMs)
    .executeTakeFirst();
  const failed = await all
    .set({ state: 'pending', attempts: 0, queued_ms: nowMs, next_ms: nowMs })
    .where('state', '=', 'failed')
    .executeTakeFirst();
  return Number(waiting.numUpdatedRows + failed.numUpdatedRows);
}
