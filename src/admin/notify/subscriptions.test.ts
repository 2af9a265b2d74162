import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TempStore } from '../../../test/support/temp-store.ts';
import { listAudit } from '../../store/audit.ts';
import { listSubscriptions } from '../../store/subscriptions.ts';
import { viewDeliveries } from './deliveries.ts';
import {
  changeSubscription,
  createSubscription,
  removeSubscription,
  testSubscription,
  viewSubscriptions,
  type SubscriptionRequest,
} from './subscriptions.ts';

const CALLER = { name: 'root@here' };
const KEY = 'T024BE7LDB0HBJ4AKXXXXXXXX';
const URL_WITH_KEY = `https://chat.example/hooks/${KEY}?token=${KEY}`;

const request = (changes: Partial<SubscriptionRequest> = {}): SubscriptionRequest => ({
  name: 'Chat',
  webhook: URL_WITH_KEY,
  events: ['rollout.*', 'disk.low'],
  nowMs: 5,
  ...changes,
});

/** Without the webhook that requests of these tests have. */
const mail = (email: readonly string[], name = 'Mail'): SubscriptionRequest => {
  const { webhook: _webhook, ...rest } = request();
  return { ...rest, name, email };
};

describe('a subscription', () => {
  test('tells its secret once, and it stands in no list and no log', async () => {
    await using temp = await TempStore.open();
    const created = await createSubscription(temp.db, CALLER, request());
    assert.match(created.secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
    const [stored] = await listSubscriptions(temp.db);
    assert.equal(created.secret, `whsec_${stored.secret}`);
    assert.equal(stored.targets[0], URL_WITH_KEY);
    await changeSubscription(temp.db, CALLER, { name: 'chat', enabled: false, nowMs: 6 });
    const shown = JSON.stringify([await viewSubscriptions(temp.db), await listAudit(temp.db, {})]);
    for (const secret of [stored.secret!, KEY]) assert.ok(!shown.includes(secret));
    assert.ok(shown.includes('https://chat.example/hooks/…?…'));
  });

  test('gets a new secret when asked for, and then the old one has ended', async () => {
    await using temp = await TempStore.open();
    const created = await createSubscription(temp.db, CALLER, request());
    const same = await changeSubscription(temp.db, CALLER, { name: 'Chat', events: ['*'], nowMs: 6 });
    assert.equal(same.secret, null);
    const changed = await changeSubscription(temp.db, CALLER, { name: 'Chat', newSecret: true, nowMs: 7 });
    assert.notEqual(changed.secret, created.secret);
    const [stored] = await listSubscriptions(temp.db);
    assert.equal(changed.secret, `whsec_${stored.secret}`);
    const [entry] = await listAudit(temp.db, { limit: 1 });
    assert.deepEqual(entry.after, {
      name: 'Chat',
      kind: 'webhook',
      events: ['*'],
      targets: ['https://chat.example/hooks/…?…'],
      enabled: true,
      newSecret: true,
    });
  });

  test('has one receiver, of one kind, that can be one', async () => {
    await using temp = await TempStore.open();
    const wrong: readonly (readonly [SubscriptionRequest, string])[] = [
      [request({ email: ['a@b.example'] }), 'OAK_SUBSCRIPTION_INVALID'],
      [mail([]), 'OAK_SUBSCRIPTION_INVALID'],
      [mail(Array.from({ length: 21 }, (_, index) => `a${index}@b.example`)), 'OAK_SUBSCRIPTION_INVALID'],
      ...[
        '',
        'a',
        'a@',
        '@b',
        'a@b\r\nBcc: c@d',
        'a b@c',
        '<a@b>',
        'a@b>',
        'a,b@c',
        '"a"@b',
        'a@b@c',
        'a@-b',
      ].map((address) => [mail([address]), 'OAK_SUBSCRIPTION_INVALID'] as const),
      [request({ webhook: 'http://169.254.169.254/latest/meta-data' }), 'OAK_WEBHOOK_ADDRESS'],
      [request({ webhook: `https://user:${KEY}@chat.example/` }), 'OAK_WEBHOOK_ADDRESS'],
      [request({ name: ' ' }), 'OAK_SUBSCRIPTION_INVALID'],
      [request({ name: 'a\nb' }), 'OAK_SUBSCRIPTION_INVALID'],
      [request({ events: [] }), 'OAK_NOTIFICATION_EVENT'],
      [request({ events: ['rollout.*', 'nonsense'] }), 'OAK_NOTIFICATION_EVENT'],
    ];
    for (const [one, code] of wrong) {
      await assert.rejects(createSubscription(temp.db, CALLER, one), (error: Error & { code: string }) => {
        assert.equal(error.code, code, JSON.stringify(one));
        assert.ok(!error.message.includes(KEY));
        return true;
      });
    }
    assert.deepEqual(await viewSubscriptions(temp.db), []);
    const good = ['Ops@example.com', "o'neill+oakum@mail.example.com", 'jürgen@bücher.example'];
    assert.deepEqual((await createSubscription(temp.db, CALLER, mail(good))).targets, good);
  });

  test('has a name of its own', async () => {
    await using temp = await TempStore.open();
    await createSubscription(temp.db, CALLER, request());
    await createSubscription(temp.db, CALLER, mail(['a@b.example']));
    const taken = { code: 'OAK_SUBSCRIPTION_EXISTS' };
    await assert.rejects(createSubscription(temp.db, CALLER, request({ name: 'chat' })), taken);
    const rename = { name: 'mail', newName: 'CHAT', nowMs: 6 };
    await assert.rejects(changeSubscription(temp.db, CALLER, rename), taken);
    assert.equal(
      (await changeSubscription(temp.db, CALLER, { name: 'chat', newName: 'CHAT', nowMs: 6 })).name,
      'CHAT',
    );
    await assert.rejects(removeSubscription(temp.db, CALLER, { name: 'chatt', nowMs: 6 }), {
      code: 'OAK_SUBSCRIPTION_UNKNOWN',
      message: /Did you mean "CHAT"/,
    });
  });

  test('may become one of another kind', async () => {
    await using temp = await TempStore.open();
    await createSubscription(temp.db, CALLER, request());
    const change = { name: 'Chat', email: ['a@b.example'], nowMs: 6 };
    const mailed = await changeSubscription(temp.db, CALLER, change);
    assert.deepEqual([mailed.kind, mailed.targets, mailed.secret], ['email', ['a@b.example'], null]);
    const back = await changeSubscription(temp.db, CALLER, { name: 'Chat', webhook: URL_WITH_KEY, nowMs: 7 });
    assert.match(back.secret ?? '', /^whsec_/);
  });

  test('in a dry run is not there afterwards', async () => {
    await using temp = await TempStore.open();
    await createSubscription(temp.db, CALLER, request({ dryRun: true }));
    assert.deepEqual([await temp.count('subscription'), await temp.count('audit')], [0, 0]);
  });
});

test('a test goes to one subscription, whatever it wants', async () => {
  await using temp = await TempStore.open();
  await createSubscription(temp.db, CALLER, request());
  await createSubscription(temp.db, CALLER, mail(['a@b.example']));
  await testSubscription(temp.db, CALLER, { name: 'chat', nowMs: 6 });
  const { items: deliveries } = await viewDeliveries(temp.db, { limit: 100 });
  assert.deepEqual(
    deliveries.map((one) => [one.subscription, one.event, one.text]),
    [['Chat', 'test', 'This is a test of the subscription Chat, asked for by root@here.']],
  );
  const [view] = await viewSubscriptions(temp.db);
  assert.deepEqual(view.deliveries, { pending: 1, delivered: 0, failed: 0 });
  await changeSubscription(temp.db, CALLER, { name: 'chat', enabled: false, nowMs: 6 });
  await assert.rejects(testSubscription(temp.db, CALLER, { name: 'chat', nowMs: 6 }), {
    code: 'OAK_SUBSCRIPTION_INVALID',
  });
});
