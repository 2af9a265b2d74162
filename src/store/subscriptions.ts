import { sql } from 'kysely';
import type { DbOrTx, Tx } from './schema.ts';

export type SubscriptionKind = 'webhook' | 'email';

/** Somebody who is told of events. */
export interface Subscription {
  readonly name: string;
  readonly kind: SubscriptionKind;
  /** See EVENT_PATTERNS. */
  readonly events: readonly string[];
  /** One address of the web, or several of mail. */
  readonly targets: readonly string[];
  /** Base64; null for mail. */
  readonly secret: string | null;
  readonly enabled: boolean;
}

export interface StoredSubscription extends Subscription {
  readonly id: number;
  readonly createdMs: number;
  /** When something last reached it. */
  readonly deliveredMs: number | null;
  /** Since when nothing does; null while the last attempt succeeded. */
  readonly failingSinceMs: number | null;
  readonly lastError: string | null;
  /** Notifications that were never delivered because newer ones needed the room. */
  readonly dropped: number;
}

/** By name. */
export async function listSubscriptions(db: DbOrTx): Promise<StoredSubscription[]> {
  const rows = await db
    .selectFrom('subscription')
    .selectAll()
    .orderBy(sql`name COLLATE NOCASE`)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    events: JSON.parse(row.events) as string[],
    targets: JSON.parse(row.targets) as string[],
    secret: row.secret,
    enabled: row.enabled !== 0,
    createdMs: row.created_ms,
    deliveredMs: row.delivered_ms,
    failingSinceMs: row.failing_since_ms,
    lastError: row.last_error,
    dropped: row.dropped,
  }));
}

export async function insertSubscription(
  tx: Tx,
  subscription: Subscription,
  createdMs: number,
): Promise<void> {
  await tx
    .insertInto('subscription')
    .values({ ...columns(subscription), created_ms: createdMs })
    .execute();
}

/** Changes one; what is told of its deliveries so far stays, except that a new beginning is not failing. */
export async function updateSubscription(tx: Tx, id: number, subscription: Subscription): Promise<void> {
  await tx
    .updateTable('subscription')
    .set({ ...columns(subscription), failing_since_ms: null, last_error: null })
    .where('id', '=', id)
    .execute();
}

/** Deletes one with its deliveries. */
export async function deleteSubscription(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('subscription').where('id', '=', id).execute();
}

function columns({ name, kind, events, targets, secret, enabled }: Subscription) {
  return {
    name,
    kind,
    events: JSON.stringify(events),
    targets: JSON.stringify(targets),
    secret,
    enabled: enabled ? 1 : 0,
  };
}
