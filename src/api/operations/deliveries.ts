import { Type } from 'typebox';
import { retryDeliveries, viewDeliveries } from '../../admin/notify/deliveries.ts';
import { NOTIFICATION_EVENTS } from '../../fleet/notification-event.ts';
import { DELIVERY_SORTS, DELIVERY_STATES } from '../../store/deliveries.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineChange, defineList } from '../operation.ts';
import { count, dryRun, named, textOrNull, timeOrNever } from '../schemas.ts';

const subscription = named('The name of a subscription.');

const DELIVERY = Type.Object({
  number: Type.Integer({ description: 'Of the notification; each subscription has its own delivery of it.' }),
  uuid: Type.String({ description: 'What receivers know it by.' }),
  event: Type.String(),
  data: Type.Unknown({ description: 'What is told, see the documentation of each event.' }),
  text: Type.String({ description: 'The same on one line.' }),
  timeMs: Type.Integer(),
  subscription: Type.String(),
  state: Type.Enum([...DELIVERY_STATES]),
  attempts: count(),
  nextMs: timeOrNever('The next attempt of what is pending.'),
  attemptedMs: timeOrNever(),
  status: Type.Union([Type.Integer(), Type.Null()], { description: 'Of HTTP or SMTP, at the last attempt.' }),
  error: textOrNull('Why the last attempt failed.'),
});

const list = defineList({
  id: 'deliveries.list',
  path: '/deliveries',
  role: 'operator',
  summary: 'Lists what was told, waits, or could not be told, the newest first',
  input: Type.Object({
    subscription: Type.Optional(subscription),
    state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
    event: Type.Optional(Type.Enum(Object.keys(NOTIFICATION_EVENTS))),
  }),
  item: DELIVERY,
  sorts: sortNames(DELIVERY_SORTS),
  usualSort: DELIVERY_SORTS.usual,
  errors: ['OAK_SUBSCRIPTION_UNKNOWN'],
  example: {
    input: { subscription: 'chat', state: 'failed' },
    result: {
      number: 40,
      uuid: '0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41',
      event: 'disk.low',
      data: { freeBytes: 9_000_000_000, totalBytes: 100_000_000_000 },
      text: 'Only 9 % of the disk are free: 9.0 GB.',
      timeMs: 1_794_996_000_000,
      subscription: 'chat',
      state: 'failed',
      attempts: 14,
      nextMs: null,
      attemptedMs: 1_795_200_000_000,
      status: 503,
      error: 'Service Unavailable',
    },
  },
  read: ({ db }, input, page) => viewDeliveries(db, { ...input, ...page }),
});

const retry = defineChange({
  id: 'deliveries.retry',
  method: 'POST',
  path: '/subscriptions/{subscription}/retry',
  role: 'administrator',
  summary:
    'Tries again now what could not be delivered to a subscription: what failed, as if it were new, and what waits',
  input: Type.Object({
    subscription,
    number: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Of one delivery; all of them when left out.',
      }),
    ),
    dryRun,
  }),
  result: Type.Object({ subscription: Type.String(), queued: count() }),
  errors: ['OAK_SUBSCRIPTION_UNKNOWN', 'OAK_DELIVERY_UNKNOWN'],
  example: { input: { subscription: 'chat', number: 40 }, result: { subscription: 'chat', queued: 1 } },
  async run({ db, principal, nowMs }, input) {
    const queued = await retryDeliveries(db, principal, { ...input, nowMs });
    return { subscription: input.subscription, queued };
  },
});

export const deliveries = { list, retry };
