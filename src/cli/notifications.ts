import { Option, type Command } from 'commander';
import type { DeliveryView } from '../admin/notify/deliveries.ts';
import type { CreatedSubscription, SubscriptionView } from '../admin/notify/subscriptions.ts';
import { deliveries as deliveryOperations } from '../api/operations/deliveries.ts';
import { notificationEvents } from '../api/operations/notification-events.ts';
import { subscriptions as operations } from '../api/operations/subscriptions.ts';
import { EVENT_PATTERNS, NOTIFICATION_EVENTS } from '../fleet/notification-event.ts';
import { DELIVERY_STATES, type DeliveryState } from '../store/deliveries.ts';
import type { SubscriptionKind } from '../store/subscriptions.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { oneLine } from '../errors/inert-text.ts';
import { time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

const NAME = ['<name>', 'what the subscription is called'] as const;

export function notificationsCommand(): Command {
  const notifications = subscriptions(doorCommand('notifications', 'Tell people and programs what happens'));
  notifications.addCommand(subscriptions(doorCommand('list', 'List subscriptions and how they fare')));
  notifications.addCommand(
    listing(doorCommand('events', 'List what can be subscribed to')).action((options: ListOptions) =>
      events(options),
    ),
  );
  notifications.addCommand(
    defining('add', 'Tell somebody from now on; the secret of a webhook is printed this once')
      .option('--disabled', 'let it rest')
      .action(add),
  );
  notifications.addCommand(
    defining('set', 'Change what is given of a subscription')
      .option('--name <name>', 'another name')
      .option('--new-secret', 'make a new secret and print it; the old one ends at once')
      .addOption(new Option('--enable', 'let it go on').conflicts('disable'))
      .option('--disable', 'let it rest')
      .action(set),
  );
  notifications.addCommand(
    changing('remove', 'Remove a subscription with everything that waits for it')
      .argument(...NAME)
      .action(remove),
  );
  notifications.addCommand(
    doorCommand('test', 'Let the server send something that says it is a test')
      .argument(...NAME)
      .action(test),
  );
  notifications.addCommand(
    listing(doorCommand('deliveries', 'List what was told, waits, or could not be told; newest first'))
      .option('--subscription <name>', 'only to this subscription')
      .addOption(new Option('--state <state>', 'only in this state').choices(DELIVERY_STATES))
      .addOption(new Option('--event <event>', 'only of this kind').choices(Object.keys(NOTIFICATION_EVENTS)))
      .action(deliveries),
  );
  notifications.addCommand(
    changing('retry', 'Try again what could not be delivered to a subscription')
      .argument(...NAME)
      .option('--number <number>', 'only this delivery', parseCount)
      .action(retry),
  );
  return notifications;
}

function subscriptions(one: Command): Command {
  return listing(one)
    .addOption(new Option('--kind <kind>', 'only this kind').choices(['webhook', 'email']))
    .action(list);
}

function changing(name: string, description: string): Command {
  return doorCommand(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function defining(name: string, description: string): Command {
  return changing(name, description)
    .argument(...NAME)
    .addOption(new Option('--webhook <url>', 'where to post JSON').conflicts('email'))
    .option('--email <address>', 'where to send mail; may be repeated', collected)
    .addOption(
      new Option('--event <event>', 'an event, or several as "rollout.*"; may be repeated')
        .choices(EVENT_PATTERNS)
        // Choices are for help and completion; what is wrong is refused with the nearest name.
        .argParser(collected),
    );
}

function collected(value: string, all: readonly string[] | undefined): string[] {
  return [...(all ?? []), value];
}

interface SubscriptionOptions extends ListOptions {
  readonly kind?: SubscriptionKind;
}

async function list(options: SubscriptionOptions): Promise<void> {
  const { kind, limit } = options;
  const listed = await withDoor(options, (door) =>
    door.list(operations.list, kind === undefined ? {} : { kind }, limit),
  );
  printList(
    options,
    listed,
    ['SUBSCRIPTION', 'STATE', 'EVENTS', 'TO', 'DELIVERED', 'WAITING', 'FAILED', 'LAST', 'ERROR'],
    listed.map(row),
  );
}

function row(one: SubscriptionView): string[] {
  const { pending, delivered, failed } = one.deliveries;
  return [
    one.name,
    one.failingSinceMs === null || !one.enabled ? one.state : `failing since ${time(one.failingSinceMs)}`,
    one.events.join(', '),
    one.targets.join(', '),
    String(delivered),
    String(pending),
    String(failed + one.dropped),
    time(one.deliveredMs),
    one.lastError ?? '-',
  ];
}

async function events(options: ListOptions): Promise<void> {
  const all =
    options.server === undefined
      ? Object.entries(NOTIFICATION_EVENTS).map(([event, { meaning }]) => ({ event, meaning }))
      : await withDoor(options, (door) => door.list(notificationEvents.list, {}, options.limit));
  const listed = all.slice(0, options.limit).map(({ event, meaning }) => ({ event, meaning }));
  printList(
    options,
    listed,
    ['EVENT', 'WHEN'],
    listed.map((one) => [one.event, one.meaning]),
  );
}

interface DefineOptions extends CommonOptions {
  readonly webhook?: string;
  readonly email?: readonly string[];
  readonly event?: readonly string[];
  readonly disabled?: boolean;
  readonly dryRun?: boolean;
}

async function add(name: string, options: DefineOptions): Promise<void> {
  const { webhook, email, event, disabled, dryRun = false } = options;
  const added = await withDoor(options, (door) =>
    door.change(operations.create, {
      name,
      events: [...(event ?? [])],
      enabled: disabled !== true,
      dryRun,
      ...(webhook === undefined ? {} : { webhook }),
      ...(email === undefined ? {} : { email: [...email] }),
    }),
  );
  printDefined(options, 'added', added);
}

interface SetOptions extends DefineOptions {
  readonly name?: string;
  readonly newSecret?: boolean;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

async function set(name: string, options: SetOptions): Promise<void> {
  const { webhook, email, event, enable, disable, newSecret, dryRun = false } = options;
  const changed = await withDoor(options, (door) =>
    door.change(operations.change, {
      subscription: name,
      dryRun,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(webhook === undefined ? {} : { webhook }),
      ...(email === undefined ? {} : { email: [...email] }),
      ...(event === undefined ? {} : { events: [...event] }),
      ...(newSecret === true ? { newSecret } : {}),
      ...(enable === true ? { enabled: true } : disable === true ? { enabled: false } : {}),
    }),
  );
  printDefined(options, 'changed', changed);
}

function printDefined(options: DefineOptions, done: string, one: CreatedSubscription): void {
  const secret = one.secret === null ? '' : `\nsecret, told this once: ${one.secret}`;
  const dry = options.dryRun === true ? 'dry run: ' : '';
  const to = oneLine(one.targets.join(', '));
  print(
    options,
    one,
    () => `${dry}${done} "${oneLine(one.name)}" (${one.events.join(', ')} to ${to})${secret}`,
  );
}

async function remove(name: string, options: DefineOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withDoor(options, (door) =>
    door.change(operations.remove, { subscription: name, dryRun }),
  );
  print(options, removed, () => `${dryRun ? 'dry run: ' : ''}removed "${oneLine(removed.name)}"`);
}

async function test(name: string, options: CommonOptions): Promise<void> {
  const tested = await withDoor(options, (door) => door.change(operations.test, { subscription: name }));
  const quoted = oneLine(tested.name);
  print(
    options,
    tested,
    () =>
      `queued for "${quoted}"; a running server delivers it within seconds, see ` +
      `"oakum notifications deliveries --subscription '${quoted}'"`,
  );
}

interface DeliveryOptions extends ListOptions {
  readonly subscription?: string;
  readonly state?: DeliveryState;
  readonly event?: string;
}

async function deliveries(options: DeliveryOptions): Promise<void> {
  const { subscription, state, event, limit } = options;
  const listed = await withDoor(options, (door) =>
    door.list(
      deliveryOperations.list,
      {
        ...(subscription === undefined ? {} : { subscription }),
        ...(state === undefined ? {} : { state }),
        ...(event === undefined ? {} : { event }),
      },
      limit,
    ),
  );
  printList(
    options,
    listed,
    ['NUMBER', 'TIME', 'SUBSCRIPTION', 'STATE', 'ATTEMPTS', 'NEXT', 'EVENT', 'TEXT', 'ERROR'],
    listed.map(deliveryRow),
  );
}

function deliveryRow(one: DeliveryView): string[] {
  return [
    String(one.number),
    time(one.timeMs),
    one.subscription,
    one.state,
    String(one.attempts),
    time(one.nextMs),
    one.event,
    one.text,
    one.error ?? '-',
  ];
}

interface RetryOptions extends CommonOptions {
  readonly number?: number;
  readonly dryRun?: boolean;
}

async function retry(subscription: string, options: RetryOptions): Promise<void> {
  const { number, dryRun = false } = options;
  const retried = await withDoor(options, (door) =>
    door.change(deliveryOperations.retry, {
      subscription,
      dryRun,
      ...(number === undefined ? {} : { number }),
    }),
  );
  print(options, retried, () => `${dryRun ? 'dry run: ' : ''}queued again: ${retried.queued}`);
}
