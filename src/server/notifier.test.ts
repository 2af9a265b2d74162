import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { TempStore } from '../../test/support/temp-store.ts';
import { until } from '../../test/support/until.ts';
import { WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { createGroup } from '../admin/groups.ts';
import { createSubscription, testSubscription } from '../admin/notify/subscriptions.ts';
import { listDeliveries } from '../store/deliveries.ts';
import { holdNotifierLock } from './notifier-lock.ts';
import { startNotifier, type NotifierOptions } from './notifier.ts';
import { resolveSettings } from './resolve-settings.ts';

const CALLER = { name: 'root@here' };

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly subscription?: string;
  readonly reason?: string;
}

function optionsOf(temp: TempStore, settings: Readonly<Record<string, unknown>> = {}) {
  const lines: Line[] = [];
  const given = Object.entries({ 'notifications.allowLoopback': true, ...settings }).map(([key, value]) => ({
    key,
    value,
    source: 'flag' as const,
  }));
  const options: NotifierOptions = {
    dataFolder: temp.dataFolder,
    settings: resolveSettings(given).settings,
    db: temp.db,
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) }),
    now: temp.now,
    lookEveryMs: 5,
  };
  return { lines, options };
}

async function subscribe(temp: TempStore, receiver: WebhookReceiver): Promise<void> {
  const { db, nowMs } = temp;
  await createSubscription(db, CALLER, { name: 'hook', webhook: receiver.url, events: ['audit.*'], nowMs });
}

const pending = async (temp: TempStore): Promise<number> =>
  (await listDeliveries(temp.db, { state: 'pending', limit: 100 })).items.length;

test('what is changed reaches a receiver by itself, and is logged', async () => {
  await using temp = await TempStore.open();
  await using receiver = await WebhookReceiver.open();
  await subscribe(temp, receiver);
  const { lines, options } = optionsOf(temp, { 'server.names': 'updates.example, other' });
  const close = startNotifier(options);
  await createGroup(temp.db, CALLER, { name: 'Pilot', nowMs: temp.nowMs });
  const told = (): string => receiver.received.map((one) => one.body).join('\n');
  await until('the group is told of', () => told().includes('group.create'));
  await until('it is noted', async () => (await pending(temp)) === 0);
  await close();
  const { server } = JSON.parse(receiver.received[0].body) as { readonly server: string };
  assert.equal(server, 'updates.example');
  assert.ok(lines.length > 0);
  for (const line of lines)
    assert.deepEqual([line.level, line.msg, line.subscription], [30, 'a notification was delivered', 'hook']);
});

test('two processes deliver everything once', async () => {
  await using temp = await TempStore.open();
  await using receiver = await WebhookReceiver.open();
  await subscribe(temp, receiver);
  const [one, other] = [optionsOf(temp), optionsOf(temp)];
  const closing = [startNotifier(one.options), startNotifier(other.options)];
  for (let round = 0; round < 5; round++) {
    for (let count = 0; count < 4; count++)
      await testSubscription(temp.db, CALLER, { name: 'hook', nowMs: temp.nowMs });
    await until('all are delivered', async () => (await pending(temp)) === 0);
  }
  await Promise.all(closing.map((close) => close()));
  const ids = receiver.received.map((message) => message.headers['webhook-id']);
  assert.equal(receiver.types.filter((type) => type === 'test').length, 20);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(
    [...one.lines, ...other.lines].filter((line) => line.level > 30),
    [],
  );
});

test('while another process is at it, nothing is sent', async () => {
  await using temp = await TempStore.open();
  await using receiver = await WebhookReceiver.open();
  await subscribe(temp, receiver);
  const lock = holdNotifierLock(temp.dataFolder);
  let looked = 0;
  const now = (): number => {
    looked++;
    return temp.nowMs;
  };
  await testSubscription(temp.db, CALLER, { name: 'hook', nowMs: temp.nowMs });
  await temp.db.updateTable('server').set({ value: '99' }).where('key', '=', 'notifications.audit').execute();
  const close = startNotifier({ ...optionsOf(temp).options, now });
  await until('it has looked again and again', () => looked > 5);
  await close();
  lock?.[Symbol.dispose]();
  assert.deepEqual([receiver.received.length, await pending(temp)], [0, 1]);
});

test('closing does not wait for a receiver that does not answer, and nothing is lost', async () => {
  await using temp = await TempStore.open();
  await using receiver = await WebhookReceiver.open();
  receiver.silent = true;
  await subscribe(temp, receiver);
  const { lines, options } = optionsOf(temp);
  const close = startNotifier(options);
  await until('it has been sent', () => receiver.received.length > 0);
  await close();
  assert.deepEqual(lines, []);
  const {
    items: [one],
  } = await listDeliveries(temp.db, { limit: 1 });
  assert.deepEqual([one.state, one.attempts], ['pending', 0]);
});

test('what cannot be delivered is logged with its reason and the next attempt', async () => {
  await using temp = await TempStore.open();
  await using receiver = await WebhookReceiver.open();
  await subscribe(temp, receiver);
  const { lines, options } = optionsOf(temp, { 'notifications.allowLoopback': false });
  const close = startNotifier(options);
  const line = await until('it is logged', () => lines[0]);
  await close();
  assert.deepEqual([line.level, line.subscription], [40, 'hook']);
  assert.match(line.reason ?? '', /Nothing is sent to this address/);
  assert.equal(receiver.received.length, 0);
});
