import { Type, type Static, type TSchema } from 'typebox';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { FINDING_CURE, FINDING_KINDS, FINDING_MEANING, type FindingKind } from './finding.ts';
import { inertLine, inertName } from './notified-text.ts';

/** A notification names this many of what it counts. */
export const ITEMS_NAMED = 20;

interface EventDefinition<Schema extends TSchema> {
  /** One sentence: when it is told. */
  readonly meaning: string;
  readonly data: Schema;
  /** One line for people. */
  readonly text: (data: Static<Schema>) => string;
}

const define = <Schema extends TSchema>(definition: EventDefinition<Schema>): EventDefinition<Schema> =>
  definition;

const COUNT = Type.Integer({ minimum: 0, description: 'How many there are; the list names the first ones.' });
const UPDATE = { updateId: Type.String(), title: Type.String() };
const listOf = <Item extends TSchema>(item: Item) => Type.Array(item, { maxItems: ITEMS_NAMED });
const UPDATES = Type.Object({
  source: Type.String({ description: 'What was imported.' }),
  count: COUNT,
  updates: listOf(Type.Object(UPDATE)),
});
const ROLLOUT = { ...UPDATE, ring: Type.String() };

const countOf = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** "A, B and 3 more", of names from outside. */
function named(names: readonly string[], count: number): string {
  const shown = names.slice(0, 3).map(inertName);
  const more = count - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

const titles = (updates: readonly { readonly title: string }[], count: number): string =>
  named(
    updates.map((one) => one.title),
    count,
  );

const HALT_REASONS: Readonly<Record<string, string>> = {
  declined: 'the update was declined',
  expired: 'the update has expired',
  licence: 'its licence is not accepted',
};

const computerEvent = (kind: FindingKind) =>
  define({
    meaning: FINDING_MEANING[kind],
    data: Type.Object({
      count: COUNT,
      computers: listOf(
        Type.Object({ clientId: Type.String(), name: Type.String(), sinceMs: Type.Integer() }),
      ),
      cure: Type.String(),
    }),
    text: ({ count, computers }) =>
      `${countOf(count, 'computer')} newly ${kind}: ${named(
        computers.map((one) => one.name),
        count,
      )}.`,
  });

/** Everything that can be told to somebody outside, once. */
export const NOTIFICATION_EVENTS = {
  'audit.changed': define({
    meaning:
      'Somebody, or a rule or a ring on their behalf, changed something. Changes close together are told at once.',
    data: Type.Object({
      count: COUNT,
      firstNumber: Type.Integer({ description: 'Of the audit log.' }),
      lastNumber: Type.Integer(),
      changes: listOf(
        Type.Object({
          number: Type.Integer(),
          timeMs: Type.Integer(),
          caller: Type.String(),
          action: Type.String(),
          subject: Type.String(),
        }),
      ),
    }),
    text: ({ count, changes }) =>
      `${countOf(count, 'change')}: ${named(
        changes.map((one) => `${one.action} of ${one.subject} by ${one.caller}`),
        count,
      )}.`,
  }),
  'rule.approved': define({
    meaning: 'Rules approved updates. What one run approved is told at once.',
    data: Type.Object({
      count: COUNT,
      approvals: listOf(
        Type.Object({ ...UPDATE, rule: Type.String(), group: Type.String(), action: Type.String() }),
      ),
    }),
    text: ({ count, approvals }) => `Rules made ${countOf(count, 'approval')}: ${titles(approvals, count)}.`,
  }),
  'rollout.halted': define({
    meaning: 'A rollout stopped by itself, and waits for somebody.',
    data: Type.Object({
      ...ROLLOUT,
      reason: Type.String({ description: 'failures, declined, expired or licence.' }),
      group: Type.Optional(Type.String({ description: 'Where it failed.' })),
      failed: Type.Optional(Type.Integer()),
      results: Type.Optional(Type.Integer()),
    }),
    text: ({ title, ring, reason, group, failed, results }) => {
      const where = group === undefined ? '' : ` in ${inertName(group)}`;
      const why = HALT_REASONS[reason] ?? `${failed ?? 0} of ${results ?? 0} results${where} are failures`;
      return `The rollout of ${inertName(title)} in the ring ${inertName(ring)} has halted: ${why}.`;
    },
  }),
  'rollout.finished': define({
    meaning: 'A rollout has passed its last step.',
    data: Type.Object(ROLLOUT),
    text: ({ title, ring }) =>
      `The rollout of ${inertName(title)} in the ring ${inertName(ring)} has finished.`,
  }),
  'update.arrived': define({
    meaning: 'An import brought updates that can be approved and were not there before.',
    data: UPDATES,
    text: ({ count, updates }) => `${countOf(count, 'new update')}: ${titles(updates, count)}.`,
  }),
  'update.expired': define({
    meaning: 'An import brought the news that updates have expired.',
    data: UPDATES,
    text: ({ count, updates }) => `${countOf(count, 'update')} expired: ${titles(updates, count)}.`,
  }),
  'update.failing': define({
    meaning: 'The number of computers on which an update failed has reached `notifications.failedComputers`.',
    data: Type.Object({
      count: COUNT,
      updates: listOf(
        Type.Object({
          ...UPDATE,
          failed: Type.Integer(),
          installed: Type.Integer({ description: 'Computers.' }),
        }),
      ),
    }),
    text: ({ count, updates }) => `${countOf(count, 'update')} newly failing: ${titles(updates, count)}.`,
  }),
  'import.rejected': define({
    meaning: 'An import refused documents; the others are there.',
    data: Type.Object({
      source: Type.String(),
      count: COUNT,
      documents: listOf(Type.Object({ name: Type.String(), code: Type.String(), reason: Type.String() })),
    }),
    text: ({ source, count }) => `The import of ${inertName(source)} refused ${countOf(count, 'document')}.`,
  }),
  'import.failed': define({
    meaning: 'An import ended before its time; run again, it goes on.',
    data: Type.Object({ source: Type.String(), code: Type.String(), reason: Type.String() }),
    text: ({ source, code, reason }) =>
      `The import of ${inertName(source)} failed: ${inertName(reason)} (${code})`,
  }),
  'computer.duplicate-id': computerEvent('duplicate-id'),
  'computer.not-registered': computerEvent('not-registered'),
  'computer.silent': computerEvent('silent'),
  'computer.not-scanning': computerEvent('not-scanning'),
  'computer.not-reporting': computerEvent('not-reporting'),
  'computer.unknown-group': computerEvent('unknown-group'),
  'housekeeping.failed': define({
    meaning: 'Housekeeping failed; told once until it succeeds again.',
    data: Type.Object({ code: Type.String(), reason: Type.String() }),
    text: ({ code, reason }) => `Housekeeping failed: ${inertName(reason)} (${code})`,
  }),
  'backup.done': define({
    meaning: 'A backup is complete.',
    data: Type.Object({
      path: Type.String(),
      bytes: Type.Integer({ description: 'Without files of updates.' }),
    }),
    text: ({ path, bytes }) => `The backup ${inertName(path)} is complete: ${(bytes / 1e6).toFixed(1)} MB.`,
  }),
  'disk.low': define({
    meaning: 'The free space for the data folder has fallen below `notifications.diskFreePercent`.',
    data: Type.Object({ freeBytes: Type.Integer(), totalBytes: Type.Integer() }),
    text: ({ freeBytes, totalBytes }) =>
      `Only ${Math.floor((100 * freeBytes) / Math.max(1, totalBytes))} % of the disk are free: ` +
      `${(freeBytes / 1e9).toFixed(1)} GB.`,
  }),
  'certificate.expiring': define({
    meaning: 'A certificate that an administrator provides ends within `notifications.certificateDays`.',
    data: Type.Object({
      count: COUNT,
      certificates: listOf(
        Type.Object({ file: Type.String(), subject: Type.String(), endMs: Type.Integer() }),
      ),
    }),
    text: ({ count, certificates }) =>
      `${countOf(count, 'certificate')} will end soon: ${named(
        certificates.map(({ file, endMs }) => `${file} on ${new Date(endMs).toISOString().slice(0, 10)}`),
        count,
      )}.`,
  }),
  'subscription.failing': define({
    meaning: 'Nothing has reached another subscription for an hour.',
    data: Type.Object({ subscription: Type.String(), sinceMs: Type.Integer(), error: Type.String() }),
    text: ({ subscription, error }) =>
      `Nothing reaches the subscription ${inertName(subscription)}: ${inertName(error)}`,
  }),
  test: define({
    meaning: 'Somebody asked for it, for this subscription alone.',
    data: Type.Object({ subscription: Type.String(), caller: Type.String() }),
    text: ({ subscription, caller }) =>
      `This is a test of the subscription ${inertName(subscription)}, asked for by ${inertName(caller)}.`,
  }),
} as const satisfies Record<string, { readonly meaning: string; readonly data: TSchema }>;

export type NotificationEvent = keyof typeof NOTIFICATION_EVENTS;
export type NotificationData<Event extends NotificationEvent> = Static<
  (typeof NOTIFICATION_EVENTS)[Event]['data']
>;

/** What a notification says on one line; for an event of another version of Oakum, its name. */
export function notificationText(event: string, data: unknown): string {
  if (!Object.hasOwn(NOTIFICATION_EVENTS, event)) return inertLine(event);
  const definition = NOTIFICATION_EVENTS[event as NotificationEvent] as EventDefinition<TSchema>;
  return inertLine(definition.text(data));
}

/** What a subscription can name: events, their beginnings as `rollout.*`, and `*` for all. A test goes where it is sent. */
export const EVENT_PATTERNS: readonly string[] = [
  '*',
  ...new Set(subscribable().map((event) => `${event.split('.')[0]}.*`)),
  ...subscribable(),
];

function subscribable(): string[] {
  return Object.keys(NOTIFICATION_EVENTS).filter((event) => event !== 'test');
}

/** Whether one of the patterns of a subscription names an event. */
export function isSubscribed(patterns: readonly string[], event: NotificationEvent): boolean {
  if (event === 'test') return false;
  return patterns.some((one) => one === '*' || one === event || one === `${event.split('.')[0]}.*`);
}

/** Patterns as they are stored: each once, checked. @throws OakumError OAK_NOTIFICATION_EVENT with the nearest name */
export function eventPatterns(names: readonly string[]): string[] {
  const patterns = [...new Set(names.map((name) => name.trim().toLowerCase()))];
  if (patterns.length === 0) throw new OakumError('OAK_NOTIFICATION_EVENT', { detail: 'None is given.' });
  for (const one of patterns) {
    if (EVENT_PATTERNS.includes(one)) continue;
    const nearest = nearestName(one, EVENT_PATTERNS);
    throw new OakumError('OAK_NOTIFICATION_EVENT', {
      detail: `"${one.slice(0, 80)}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
    });
  }
  return patterns;
}

/** The event that tells of a finding. */
function findingEvent(kind: FindingKind): `computer.${FindingKind}` {
  return `computer.${kind}`;
}

/** What a notification of findings says. */
export function findingData(
  kind: FindingKind,
  computers: readonly { readonly clientId: string; readonly name: string; readonly sinceMs: number }[],
  count: number,
): NotificationData<`computer.${FindingKind}`> {
  return { count, computers: computers.slice(0, ITEMS_NAMED), cure: FINDING_CURE[kind] };
}

export const FINDING_EVENTS: readonly (readonly [FindingKind, NotificationEvent])[] = FINDING_KINDS.map(
  (kind) => [kind, findingEvent(kind)],
);
