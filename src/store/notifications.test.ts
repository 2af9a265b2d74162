import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { listDeliveries } from './deliveries.ts';
import { hasSubscribers, notify, notifyAlone, NOTIFICATIONS_KEPT, queue } from './notifications.ts';
import { insertSubscription, listSubscriptions, updateSubscription } from './subscriptions.ts';
import { beginCondition, endCondition, isConditionTold, noteConditions } from './told-conditions.ts';

const DISK = { freeBytes: 1, totalBytes: 100 };

async function subscribe(temp: TempStore, name: string, events: readonly string[], enabled = true) {
  const subscription = { name, kind: 'email' as const, events, targets: ['a@b'], secret: null, enabled };
  await temp.db.transaction().execute((tx) => insertSubscription(tx, subscription, temp.nowMs));
}

describe('a notification', () => {
  test('waits for every subscription that wants it, and for no other', async () => {
    await using temp = await TempStore.open();
    await subscribe(temp, 'all', ['*']);
    await subscribe(temp, 'disks', ['disk.*']);
    await subscribe(temp, 'rollouts', ['rollout.*']);
    await subscribe(temp, 'resting', ['*'], false);
    await temp.db.transaction().execute((tx) => notify(tx, 'disk.low', 5, DISK));
    const { items: listed } = await listDeliveries(temp.db, { limit: 100 });
    assert.deepEqual(
      listed.map((one) => [one.subscription, one.event, one.state, one.data]),
      [
        ['all', 'disk.low', 'pending', DISK],
        ['disks', 'disk.low', 'pending', DISK],
      ],
    );
    assert.equal(new Set(listed.map((one) => one.uuid)).size, 1, 'one id for all receivers');
  });

  test('is not there when the transaction is taken back', async () => {
    await using temp = await TempStore.open();
    await subscribe(temp, 'all', ['*']);
    const failing = temp.db.transaction().execute(async (tx) => {
      await notify(tx, 'disk.low', 5, DISK);
      throw new Error('taken back');
    });
    await assert.rejects(failing, /taken back/);
    assert.deepEqual([await temp.count('notification'), await temp.count('delivery')], [0, 0]);
  });

  test('that nobody wants costs nothing: its data is not even found out', async () => {
    await using temp = await TempStore.open();
    const never = async (): Promise<never> => assert.fail('nobody wants it');
    assert.equal(await hasSubscribers(temp.db), false);
    await temp.db.transaction().execute((tx) => notify(tx, 'disk.low', 5, never));
    await subscribe(temp, 'rollouts', ['rollout.*']);
    await temp.db.transaction().execute((tx) => notify(tx, 'disk.low', 5, never));
    await notifyAlone(temp.db, 'disk.low', 5, DISK);
    assert.equal(await temp.count('notification'), 0);
  });

  test('with nothing to tell is none', async () => {
    await using temp = await TempStore.open();
    await subscribe(temp, 'all', ['*']);
    await temp.db.transaction().execute((tx) => notify(tx, 'disk.low', 5, async () => undefined));
    assert.equal(await temp.count('notification'), 0);
  });

  test('makes room for newer ones, and what nobody received is counted', async () => {
    await using temp = await TempStore.open();
    await subscribe(temp, 'all', ['*']);
    const extra = 5;
    await temp.db.transaction().execute(async (tx) => {
      const event = { event: 'disk.low' as const, timeMs: 5, data: DISK };
      for (let count = 0; count < NOTIFICATIONS_KEPT + extra; count++) await queue(tx, event, [1]);
    });
    assert.equal(await temp.count('notification'), NOTIFICATIONS_KEPT);
    assert.equal(await temp.count('delivery'), NOTIFICATIONS_KEPT);
    const [all] = await listSubscriptions(temp.db);
    assert.equal(all.dropped, extra);
  });
});

test('a subscription that is changed is no longer failing', async () => {
  await using temp = await TempStore.open();
  await subscribe(temp, 'all', ['*']);
  await temp.db.updateTable('subscription').set({ failing_since_ms: 3, last_error: 'x' }).execute();
  const [all] = await listSubscriptions(temp.db);
  await temp.db.transaction().execute((tx) => updateSubscription(tx, all.id, { ...all, targets: ['c@d'] }));
  const [changed] = await listSubscriptions(temp.db);
  assert.deepEqual([changed.targets, changed.failingSinceMs, changed.lastError], [['c@d'], null, null]);
});

describe('a condition', () => {
  test('is new once, until it has ended', async () => {
    await using temp = await TempStore.open();
    const note = async (begun: readonly string[], notEnded = begun): Promise<string[]> =>
      temp.db
        .transaction()
        .execute(async (tx) => [...(await noteConditions(tx, 'computer.silent', { begun, notEnded }, 1))]);
    assert.deepEqual(await note(['a', 'b']), ['a', 'b']);
    assert.deepEqual(await note(['a', 'b', 'c']), ['c']);
    assert.deepEqual(await note(['c'], ['b', 'c']), [], 'a ended, b has not');
    assert.deepEqual(await note(['a', 'b', 'c']), ['a']);
  });

  test('of one subject begins and ends by itself', async () => {
    await using temp = await TempStore.open();
    const begin = () =>
      temp.db.transaction().execute((tx) => beginCondition(tx, 'housekeeping.failed', '', 1));
    assert.deepEqual([await begin(), await begin()], [true, false]);
    assert.ok(await isConditionTold(temp.db, 'housekeeping.failed', ''));
    await temp.db.transaction().execute((tx) => endCondition(tx, 'housekeeping.failed', ''));
    assert.equal(await begin(), true);
  });
});
