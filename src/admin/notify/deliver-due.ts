import { notificationText } from '../../fleet/notification-event.ts';
import { inertLine } from '../../fleet/notified-text.ts';
import { dueDeliveries, noteDelivered, noteFailed, type DueDelivery } from '../../store/deliveries.ts';
import { queue, subscribersOf } from '../../store/notifications.ts';
import type { Db, Tx } from '../../store/schema.ts';
import type { SubscriptionKind } from '../../store/subscriptions.ts';
import { beginCondition, endCondition } from '../../store/told-conditions.ts';
import { nextAttemptMs } from './retry-policy.ts';
import type { Attempt, Transport } from './transport.ts';

export interface DeliveryOptions {
  readonly db: Db;
  readonly transports: Readonly<Record<SubscriptionKind, Transport>>;
  /** Which server says so, as receivers read it. */
  readonly server: string;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
}

/** What became of one attempt to deliver. */
export interface DeliveryOutcome {
  readonly subscription: string;
  readonly event: string;
  readonly attempt: Attempt;
  /** Null when it was delivered or is given up. */
  readonly nextMs: number | null;
}

const AT_ONCE = 50;
const FAILING_MS = 3_600_000;

/**
 * Carries out what is due, once: subscriptions at the same time, the notifications of each one after the other. When
 * one fails, the others of its subscription wait for the next call. A process that dies between an attempt and its note
 * makes the attempt again: everything is delivered at least once. To be called by one process at a time.
 */
export async function deliverDue(options: DeliveryOptions): Promise<DeliveryOutcome[]> {
  const due = await dueDeliveries(options.db, options.now(), AT_ONCE);
  const lines = [...Map.groupBy(due, (one) => one.subscriptionId).values()];
  const outcomes = await Promise.all(lines.map((line) => deliverLine(options, line)));
  return outcomes.flat();
}

async function deliverLine(
  options: DeliveryOptions,
  line: readonly DueDelivery[],
): Promise<DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = [];
  for (const one of line) {
    if (isStopped(options)) break;
    const attempt = await attemptOf(options, one);
    // Cut off by the end of this process, not by the receiver.
    if (!attempt.ok && isStopped(options)) break;
    const nextMs = attempt.ok ? undefined : retryMs(options, one);
    await options.db.transaction().execute((tx) => note(tx, options, one, attempt, nextMs));
    const { subscription, event } = one;
    outcomes.push({ subscription, event, attempt, nextMs: nextMs ?? null });
    if (!attempt.ok) break;
  }
  return outcomes;
}

function isStopped({ signal }: DeliveryOptions): boolean {
  return signal?.aborted === true;
}

async function attemptOf(options: DeliveryOptions, one: DueDelivery): Promise<Attempt> {
  const { uuid, event, timeMs, data, subscription, targets, secret } = one;
  const message = {
    id: `msg_${uuid}`,
    event,
    timeMs,
    text: notificationText(event, data),
    data,
    server: options.server,
    subscription,
    targets,
    secret,
    nowMs: options.now(),
  };
  const signal = options.signal ?? new AbortController().signal;
  try {
    const attempt = await options.transports[one.kind](message, signal);
    return { ...attempt, error: attempt.error === null ? null : inertLine(attempt.error, 300) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, status: null, error: inertLine(reason, 300) };
  }
}

function retryMs({ now, random }: DeliveryOptions, one: DueDelivery): number | undefined {
  return nextAttemptMs({ attempts: one.attempts + 1, queuedMs: one.queuedMs, nowMs: now() }, random());
}

async function note(
  tx: Tx,
  { now }: DeliveryOptions,
  one: DueDelivery,
  attempt: Attempt,
  nextMs: number | undefined,
): Promise<void> {
  const nowMs = now();
  const { status, error } = attempt;
  const subject = String(one.subscriptionId);
  if (attempt.ok) {
    await noteDelivered(tx, one, { nowMs, status, error });
    await endCondition(tx, 'subscription.failing', subject);
    return;
  }
  const sinceMs = await noteFailed(tx, one, { nowMs, status, error }, nextMs);
  if (nowMs - sinceMs < FAILING_MS) return;
  if (!(await beginCondition(tx, 'subscription.failing', subject, nowMs))) return;
  // To the others: it would only wait behind what does not arrive either.
  const others = (await subscribersOf(tx, 'subscription.failing')).filter((id) => id !== one.subscriptionId);
  if (others.length === 0) return;
  const data = { subscription: one.subscription, sinceMs, error: error ?? '' };
  await queue(tx, { event: 'subscription.failing', timeMs: nowMs, data }, others);
}
