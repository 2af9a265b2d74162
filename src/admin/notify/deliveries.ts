import { OakumError } from '../../errors/oakum-error.ts';
import { notificationText } from '../../fleet/notification-event.ts';
import { appendAudit } from '../../store/audit.ts';
import { listDeliveries, requeue, type DeliveryState, type ListedDelivery } from '../../store/deliveries.ts';
import type { ListPage, ListPart } from '../../store/keyset.ts';
import type { DbOrTx } from '../../store/schema.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { findSubscription } from './subscriptions.ts';

/** A delivery as administrators see it. */
export interface DeliveryView extends ListedDelivery {
  /** What it says, on one line. */
  readonly text: string;
}

export interface DeliveryQuery extends ListPage {
  readonly subscription?: string;
  readonly state?: DeliveryState;
  readonly event?: string;
}

/** What was told, is being told or could not be told, newest first. @throws OakumError OAK_SUBSCRIPTION_UNKNOWN */
export async function viewDeliveries(db: DbOrTx, query: DeliveryQuery): Promise<ListPart<DeliveryView>> {
  const { subscription, ...filter } = query;
  const of = subscription === undefined ? undefined : await findSubscription(db, subscription);
  const { items, ...next } = await listDeliveries(db, {
    ...filter,
    ...(of === undefined ? {} : { subscriptionId: of.id }),
  });
  return { items: items.map((one) => ({ ...one, text: notificationText(one.event, one.data) })), ...next };
}

/**
 * Tries failed deliveries of a subscription again, as if they were new, and at once what waits for its next attempt.
 *
 * @returns how many
 * @throws OakumError OAK_SUBSCRIPTION_UNKNOWN; OAK_DELIVERY_UNKNOWN when there is none, or not this one
 */
export async function retryDeliveries(
  db: DbOrTx,
  caller: Caller,
  request: {
    readonly subscription: string;
    /** Of one delivery; all of them unless given. */
    readonly number?: number;
    readonly dryRun?: boolean;
    readonly nowMs: number;
  },
): Promise<number> {
  const { number, nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const { id, name } = await findSubscription(tx, request.subscription);
    const count = await requeue(tx, id, number, nowMs);
    if (count === 0) {
      const which = number === undefined ? `Nothing for "${name}"` : `Number ${number} for "${name}"`;
      throw new OakumError('OAK_DELIVERY_UNKNOWN', { detail: `${which} has failed or waits.` });
    }
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: 'subscription.retry',
      subject: name,
      after: { deliveries: count, ...(number === undefined ? {} : { number }) },
    });
    return count;
  });
}
