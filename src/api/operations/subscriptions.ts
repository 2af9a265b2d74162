import { Type } from 'typebox';
import {
  changeSubscription,
  createSubscription,
  removeSubscription,
  showSubscription,
  testSubscription,
  viewSubscriptions,
} from '../../admin/notify/subscriptions.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, dryRun, named, textOrNull, timeOrNever } from '../schemas.ts';

const subscription = named('The name of a subscription.');
const kind = Type.Enum(['webhook', 'email']);
const events = Type.Array(Type.String({ maxLength: 100 }), {
  maxItems: 100,
  description: 'Events, several of them as rollout.*, or * for all.',
});
const receiver = {
  webhook: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, description: 'The address to post JSON to.' }),
  ),
  email: Type.Optional(
    Type.Array(Type.String({ maxLength: 400 }), { maxItems: 100, description: 'Addresses to send mail to.' }),
  ),
};

const SUBSCRIPTION = Type.Object({
  name: Type.String(),
  kind,
  events: Type.Array(Type.String()),
  targets: Type.Array(Type.String(), { description: 'Addresses, without keys they may hold.' }),
  enabled: Type.Boolean(),
  createdMs: Type.Integer(),
  state: Type.Enum(['ok', 'failing', 'disabled'], {
    description: 'Failing: the last attempt failed, and it goes on trying.',
  }),
  failingSinceMs: timeOrNever(),
  deliveredMs: timeOrNever('When something last reached it.'),
  lastError: textOrNull(),
  deliveries: Type.Object({ pending: count(), delivered: count(), failed: count() }),
  dropped: count('Notifications that were never delivered because newer ones needed the room.'),
});

const WITH_SECRET = Type.Object({
  ...SUBSCRIPTION.properties,
  secret: textOrNull(
    'What the webhook is signed with, when a new one was made. It can never be read again. Null for mail and in a dry run.',
  ),
});

const chat = {
  name: 'chat',
  kind: 'webhook' as const,
  events: ['rollout.*'],
  targets: ['https://chat.example.com/hooks/…'],
  enabled: true,
  createdMs: 1_790_000_000_000,
  state: 'ok' as const,
  failingSinceMs: null,
  deliveredMs: 1_794_996_000_000,
  lastError: null,
  deliveries: { pending: 0, delivered: 12, failed: 0 },
  dropped: 0,
};
const created = { ...chat, deliveredMs: null, deliveries: { ...chat.deliveries, delivered: 0 } };
const secret = 'whsec_mNIN1M2vB9x3dM0uVnL6pE4kqjS0y7Zc5hTq8wXoR2A=';

const list = defineList({
  id: 'subscriptions.list',
  path: '/subscriptions',
  role: 'operator',
  summary: 'Lists who is told of events, and how that fares',
  input: Type.Object({ kind: Type.Optional(kind) }),
  item: SUBSCRIPTION,
  sorts: ['name', 'kind', 'state', 'createdMs', 'deliveredMs', 'failingSinceMs'],
  example: { input: { kind: 'webhook' }, result: chat },
  async read({ db }, input, page) {
    return pageOfAll(await viewSubscriptions(db, input), page, (one) => one.name, {
      name: (one) => one.name.toLowerCase(),
    });
  },
});

const show = defineRead({
  id: 'subscriptions.show',
  method: 'GET',
  path: '/subscriptions/{subscription}',
  role: 'operator',
  summary: 'Shows a subscription',
  input: Type.Object({ subscription }),
  result: SUBSCRIPTION,
  errors: ['OAK_SUBSCRIPTION_UNKNOWN'],
  example: { input: { subscription: 'chat' }, result: chat },
  run: ({ db }, input) => showSubscription(db, input.subscription),
});

const create = defineChange({
  id: 'subscriptions.create',
  method: 'POST',
  path: '/subscriptions',
  role: 'administrator',
  status: 201,
  isSecret: true,
  summary: 'Tells somebody of events from now on',
  description: 'Takes either a webhook or addresses of mail. The secret of a webhook is shown this once.',
  input: Type.Object({
    name: named('What it is called.'),
    events,
    ...receiver,
    enabled: Type.Boolean({ default: true }),
    dryRun,
  }),
  result: WITH_SECRET,
  errors: [
    'OAK_SUBSCRIPTION_INVALID',
    'OAK_SUBSCRIPTION_EXISTS',
    'OAK_NOTIFICATION_EVENT',
    'OAK_WEBHOOK_ADDRESS',
  ],
  example: {
    input: {
      name: 'chat',
      events: ['rollout.*'],
      webhook: 'https://chat.example.com/hooks/Zm9v',
      enabled: true,
    },
    result: { ...created, secret },
  },
  async run({ db, principal, nowMs }, input) {
    return unlessDry(input, await createSubscription(db, principal, { ...input, nowMs }));
  },
});

const change = defineChange({
  id: 'subscriptions.change',
  method: 'PATCH',
  path: '/subscriptions/{subscription}',
  role: 'administrator',
  isSecret: true,
  summary: 'Changes what is given of a subscription',
  description: 'What waits for it goes to its new addresses.',
  input: Type.Object({
    subscription,
    name: Type.Optional(named('Another name.')),
    events: Type.Optional(events),
    ...receiver,
    enabled: Type.Optional(Type.Boolean()),
    newSecret: Type.Optional(Type.Boolean({ description: 'Make a new secret; the old one ends at once.' })),
    dryRun,
  }),
  result: WITH_SECRET,
  shownBy: show,
  errors: [
    'OAK_SUBSCRIPTION_UNKNOWN',
    'OAK_SUBSCRIPTION_INVALID',
    'OAK_SUBSCRIPTION_EXISTS',
    'OAK_NOTIFICATION_EVENT',
    'OAK_WEBHOOK_ADDRESS',
  ],
  example: {
    input: { subscription: 'chat', events: ['rollout.*'] },
    result: { ...chat, secret: null },
  },
  async run({ db, principal, nowMs }, { subscription: name, name: newName, ...input }) {
    const renamed = newName === undefined ? {} : { newName };
    return unlessDry(input, await changeSubscription(db, principal, { ...input, ...renamed, name, nowMs }));
  },
});

/** What a dry run made up is no secret of anything. */
function unlessDry<Made extends object>(
  { dryRun: isDry }: { readonly dryRun?: boolean | undefined },
  made: Made & { readonly secret: string | null },
): Made & { readonly secret: string | null } {
  return isDry === true ? { ...made, secret: null } : made;
}

const remove = defineChange({
  id: 'subscriptions.remove',
  method: 'DELETE',
  path: '/subscriptions/{subscription}',
  role: 'administrator',
  summary: 'Removes a subscription with everything that waits for it',
  input: Type.Object({ subscription, dryRun }),
  result: SUBSCRIPTION,
  shownBy: show,
  errors: ['OAK_SUBSCRIPTION_UNKNOWN'],
  example: { input: { subscription: 'chat' }, result: chat },
  run: ({ db, principal, nowMs }, { subscription: name, ...input }) =>
    removeSubscription(db, principal, { ...input, name, nowMs }),
});

const test = defineChange({
  id: 'subscriptions.test',
  method: 'POST',
  path: '/subscriptions/{subscription}/test',
  role: 'administrator',
  summary: 'Sends something to a subscription that says it is a test',
  description: 'The server delivers it within seconds; see the list of deliveries.',
  input: Type.Object({ subscription }),
  result: SUBSCRIPTION,
  errors: ['OAK_SUBSCRIPTION_UNKNOWN', 'OAK_SUBSCRIPTION_INVALID'],
  example: {
    input: { subscription: 'chat' },
    result: { ...chat, deliveries: { pending: 1, delivered: 12, failed: 0 } },
  },
  run: ({ db, principal, nowMs }, input) =>
    testSubscription(db, principal, { name: input.subscription, nowMs }),
});

export const subscriptions = { list, show, create, change, remove, test };
