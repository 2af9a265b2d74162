import { randomBytes } from 'node:crypto';
import { OakumError } from '../../errors/oakum-error.ts';
import { eventPatterns } from '../../fleet/notification-event.ts';
import { appendAudit } from '../../store/audit.ts';
import { countDeliveries, type DeliveryState } from '../../store/deliveries.ts';
import { hasSubscribers, queue } from '../../store/notifications.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import {
  deleteSubscription,
  insertSubscription,
  listSubscriptions,
  updateSubscription,
  type StoredSubscription,
  type Subscription,
  type SubscriptionKind,
} from '../../store/subscriptions.ts';
import { skipAudit } from '../../store/told-audit.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { byName, ruleName } from '../rule-name.ts';
import { shownAddress, webhookAddress } from './webhook-address.ts';

/** A subscription as administrators see it: never with its secret, and addresses without keys they may hold. */
export interface SubscriptionView {
  readonly name: string;
  readonly kind: SubscriptionKind;
  readonly events: readonly string[];
  readonly targets: readonly string[];
  readonly enabled: boolean;
  readonly createdMs: number;
  /** Failing: the last attempt failed; it goes on trying. */
  readonly state: 'ok' | 'failing' | 'disabled';
  readonly failingSinceMs: number | null;
  readonly deliveredMs: number | null;
  readonly lastError: string | null;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  /** Notifications that were never delivered because newer ones needed the room. */
  readonly dropped: number;
}

/** With the secret of a webhook, which is told when it is made and never again. */
export interface CreatedSubscription extends SubscriptionView {
  readonly secret: string | null;
}

const MOST_SUBSCRIPTIONS = 100;
const MOST_ADDRESSES = 20;
const SECRET_BYTES = 32;
/** One address of RFC 5321 without quoting; nothing a header or a command could be made of. */
const MAIL_ADDRESS =
  /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,250}[\p{L}\p{N}])?$/u;

/** By name. */
export async function viewSubscriptions(
  db: DbOrTx,
  filter: { readonly kind?: SubscriptionKind; readonly limit?: number } = {},
): Promise<SubscriptionView[]> {
  const all = await listSubscriptions(db);
  const wanted = filter.kind === undefined ? all : all.filter((one) => one.kind === filter.kind);
  return viewsOf(db, wanted.slice(0, filter.limit));
}

/** @throws OakumError OAK_SUBSCRIPTION_UNKNOWN with the nearest name */
export async function showSubscription(db: DbOrTx, name: string): Promise<SubscriptionView> {
  const [view] = await viewsOf(db, [await findSubscription(db, name)]);
  return view;
}

/** @throws OakumError OAK_SUBSCRIPTION_UNKNOWN with the nearest name */
export async function findSubscription(db: DbOrTx, name: string): Promise<StoredSubscription> {
  return byName(await listSubscriptions(db), name, 'OAK_SUBSCRIPTION_UNKNOWN');
}

export interface SubscriptionRequest {
  readonly name: string;
  /** Names of events, their beginnings as `rollout.*`, or `*`. */
  readonly events: readonly string[];
  /** Either this, */
  readonly webhook?: string;
  /** or these addresses of mail. */
  readonly email?: readonly string[];
  /** True unless given. */
  readonly enabled?: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Tells somebody of events from now on.
 *
 * @throws OakumError OAK_SUBSCRIPTION_INVALID, OAK_SUBSCRIPTION_EXISTS, OAK_NOTIFICATION_EVENT, OAK_WEBHOOK_ADDRESS
 */
export async function createSubscription(
  db: DbOrTx,
  caller: Caller,
  request: SubscriptionRequest,
): Promise<CreatedSubscription> {
  const name = ruleName(request.name, 'OAK_SUBSCRIPTION_INVALID');
  const { kind, targets } = receiverOf(request);
  const subscription: Subscription = {
    name,
    kind,
    events: eventPatterns(request.events),
    targets,
    secret: kind === 'webhook' ? newSecret() : null,
    enabled: request.enabled ?? true,
  };
  return inTransaction(db, request.dryRun, async (tx) => {
    const all = await listSubscriptions(tx);
    requireFree(all, name);
    if (all.length >= MOST_SUBSCRIPTIONS)
      throw new OakumError('OAK_SUBSCRIPTION_INVALID', {
        detail: `There are ${MOST_SUBSCRIPTIONS} already.`,
      });
    await beginTelling(tx);
    await insertSubscription(tx, subscription, request.nowMs);
    await audit(tx, caller, request.nowMs, 'create', undefined, subscription);
    return { ...(await showSubscription(tx, name)), secret: shownSecret(subscription) };
  });
}

export interface SubscriptionChange extends Partial<Omit<SubscriptionRequest, 'dryRun' | 'nowMs'>> {
  readonly name: string;
  readonly newName?: string;
  /** Makes a new secret; the old one ends at once. */
  readonly newSecret?: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Changes what is given of a subscription. What waits for it goes to its new addresses.
 *
 * @returns with the secret, if a new one was made
 * @throws OakumError as {@link createSubscription}, and OAK_SUBSCRIPTION_UNKNOWN
 */
export async function changeSubscription(
  db: DbOrTx,
  caller: Caller,
  request: SubscriptionChange,
): Promise<CreatedSubscription> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = await findSubscription(tx, request.name);
    const name =
      request.newName === undefined ? before.name : ruleName(request.newName, 'OAK_SUBSCRIPTION_INVALID');
    const others = (await listSubscriptions(tx)).filter((one) => one.id !== before.id);
    requireFree(others, name);
    const isMoved = request.webhook !== undefined || request.email !== undefined;
    const { kind, targets } = isMoved ? receiverOf(request) : before;
    if (request.newSecret === true && kind !== 'webhook')
      throw new OakumError('OAK_SUBSCRIPTION_INVALID', { detail: 'Mail has no secret.' });
    const isSecretNew = kind === 'webhook' && (request.newSecret === true || before.kind !== 'webhook');
    const after: Subscription = {
      name,
      kind,
      targets,
      events: request.events === undefined ? before.events : eventPatterns(request.events),
      secret: kind === 'email' ? null : isSecretNew ? newSecret() : before.secret,
      enabled: request.enabled ?? before.enabled,
    };
    if (after.enabled && !before.enabled) await beginTelling(tx);
    await updateSubscription(tx, before.id, after);
    await audit(tx, caller, request.nowMs, 'change', before, after, isSecretNew);
    return { ...(await showSubscription(tx, name)), secret: isSecretNew ? shownSecret(after) : null };
  });
}

/** Removes a subscription with everything that waits for it. @throws OakumError OAK_SUBSCRIPTION_UNKNOWN */
export async function removeSubscription(
  db: DbOrTx,
  caller: Caller,
  request: { readonly name: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<SubscriptionView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = await findSubscription(tx, request.name);
    const [view] = await viewsOf(tx, [before]);
    await deleteSubscription(tx, before.id);
    await audit(tx, caller, request.nowMs, 'remove', before);
    return view;
  });
}

/**
 * Sends something to a subscription that says it is a test; the server delivers it within seconds.
 *
 * @throws OakumError OAK_SUBSCRIPTION_UNKNOWN, OAK_SUBSCRIPTION_INVALID for one that is disabled
 */
export async function testSubscription(
  db: DbOrTx,
  caller: Caller,
  request: { readonly name: string; readonly nowMs: number },
): Promise<SubscriptionView> {
  const { nowMs } = request;
  return inTransaction(db, false, async (tx) => {
    const { id, name, enabled } = await findSubscription(tx, request.name);
    if (!enabled) throw new OakumError('OAK_SUBSCRIPTION_INVALID', { detail: `"${name}" is disabled.` });
    const data = { subscription: name, caller: caller.name };
    await queue(tx, { event: 'test', timeMs: nowMs, data }, [id]);
    await appendAudit(tx, { timeMs: nowMs, caller: caller.name, action: 'subscription.test', subject: name });
    return showSubscription(tx, name);
  });
}

/** The first one is told of what comes, not of everything that ever was. */
async function beginTelling(tx: Tx): Promise<void> {
  if (!(await hasSubscribers(tx))) await skipAudit(tx);
}

function receiverOf({ webhook, email }: Pick<SubscriptionRequest, 'webhook' | 'email'>): {
  readonly kind: SubscriptionKind;
  readonly targets: readonly string[];
} {
  if ((webhook === undefined) === (email === undefined))
    throw new OakumError('OAK_SUBSCRIPTION_INVALID', {
      detail: 'Either a webhook or addresses of mail are needed.',
    });
  if (webhook !== undefined) return { kind: 'webhook', targets: [webhookAddress(webhook).href] };
  const targets = [...new Set((email ?? []).map((one) => one.trim()))];
  const wrong = targets.find((one) => !MAIL_ADDRESS.test(one));
  if (wrong !== undefined)
    throw new OakumError('OAK_SUBSCRIPTION_INVALID', {
      detail: `"${wrong.slice(0, 80)}" is no address of mail.`,
    });
  if (targets.length === 0 || targets.length > MOST_ADDRESSES)
    throw new OakumError('OAK_SUBSCRIPTION_INVALID', {
      detail: `${targets.length} addresses; from 1 to ${MOST_ADDRESSES} are possible.`,
    });
  return { kind: 'email', targets };
}

function requireFree(all: readonly StoredSubscription[], name: string): void {
  if (all.some((one) => one.name.toLowerCase() === name.toLowerCase()))
    throw new OakumError('OAK_SUBSCRIPTION_EXISTS', { detail: `"${name}".` });
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64');
}

/** As libraries for "Standard Webhooks" take it. */
function shownSecret({ secret }: Subscription): string | null {
  return secret === null ? null : `whsec_${secret}`;
}

async function viewsOf(
  db: DbOrTx,
  subscriptions: readonly StoredSubscription[],
): Promise<SubscriptionView[]> {
  const counts = await countDeliveries(db);
  return subscriptions.map(({ id, secret: _secret, ...one }) => ({
    ...one,
    targets: shownTargets(one),
    state: !one.enabled ? 'disabled' : one.failingSinceMs === null ? 'ok' : 'failing',
    deliveries: counts.get(id) ?? { pending: 0, delivered: 0, failed: 0 },
  }));
}

function shownTargets({ kind, targets }: Pick<Subscription, 'kind' | 'targets'>): readonly string[] {
  return kind === 'webhook' ? targets.map(shownAddress) : targets;
}

async function audit(
  tx: Tx,
  caller: Caller,
  timeMs: number,
  verb: string,
  before?: Subscription,
  after?: Subscription,
  isSecretNew = false,
): Promise<void> {
  const state = (one: Subscription | undefined) =>
    one && {
      name: one.name,
      kind: one.kind,
      events: one.events,
      targets: shownTargets(one),
      enabled: one.enabled,
    };
  await appendAudit(tx, {
    timeMs,
    caller: caller.name,
    action: `subscription.${verb}`,
    subject: (after ?? before)?.name ?? '',
    before: state(before),
    after: after === undefined ? undefined : { ...state(after), ...(isSecretNew ? { newSecret: true } : {}) },
  });
}
