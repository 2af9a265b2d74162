import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TempStore } from '../../../test/support/temp-store.ts';
import { listDeliveries } from '../../store/deliveries.ts';
import { notify } from '../../store/notifications.ts';
import { listSubscriptions } from '../../store/subscriptions.ts';
import { deliverDue, type DeliveryOptions } from './deliver-due.ts';
import { retryDeliveries, viewDeliveries } from './deliveries.ts';
import { nextAttemptMs } from './retry-policy.ts';
import { changeSubscription, createSubscription, removeSubscription } from './subscriptions.ts';
import type { Attempt, OutgoingMessage } from './transport.ts';

const CALLER = { name: 'tests' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OK: Attempt = { ok: true, status: 204, error: null };
const DOWN: Attempt = { ok: false, status: 503, error: 'the receiver answered 503' };

/** A store with two receivers, which answer what a test says. */
class Told implements AsyncDisposable {
  readonly temp: TempStore;
  readonly sent: OutgoingMessage[] = [];
  answer: (message: OutgoingMessage) => Attempt | Promise<Attempt> = () => OK;

  private constructor(temp: TempStore) {
    this.temp = temp;
  }

  static async open(...events: readonly string[]): Promise<Told> {
    const temp = await TempStore.open();
    const told = new Told(temp);
    await createSubscription(temp.db, CALLER, {
      name: 'hook',
      webhook: 'https://hook.example/',
      events: events.length === 0 ? ['disk.low'] : events,
      nowMs: temp.nowMs,
    });
    return told;
  }

  async mail(events: readonly string[]): Promise<void> {
    const { db, nowMs } = this.temp;
    await createSubscription(db, CALLER, { name: 'mail', email: ['a@b.example'], events, nowMs });
  }

  async tell(freeBytes: number): Promise<void> {
    const { db, nowMs } = this.temp;
    await db.transaction().execute((tx) => notify(tx, 'disk.low', nowMs, { freeBytes, totalBytes: 100 }));
  }

  options(changes: Partial<DeliveryOptions> = {}): DeliveryOptions {
    const transport = async (message: OutgoingMessage): Promise<Attempt> => {
      this.sent.push(message);
      return this.answer(message);
    };
    return {
      db: this.temp.db,
      transports: { webhook: transport, email: transport },
      server: 'updates.example',
      now: this.temp.now,
      random: () => 0.5,
      ...changes,
    };
  }

  deliver(changes?: Partial<DeliveryOptions>) {
    return deliverDue(this.options(changes));
  }

  async states(): Promise<(readonly [string, number])[]> {
    const { items: listed } = await listDeliveries(this.temp.db, { limit: 100 });
    return listed.map((one) => [one.state, one.attempts] as const);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.temp[Symbol.asyncDispose]();
  }
}

describe('what is due', () => {
  test('is delivered once, oldest first, with an id that stays', async () => {
    await using told = await Told.open();
    await told.tell(1);
    await told.tell(2);
    assert.equal((await told.deliver()).length, 2);
    assert.deepEqual(
      told.sent.map((one) => [one.event, one.data, one.text, one.server]),
      [
        [
          'disk.low',
          { freeBytes: 1, totalBytes: 100 },
          'Only 1 % of the disk are free: 0.0 GB.',
          'updates.example',
        ],
        [
          'disk.low',
          { freeBytes: 2, totalBytes: 100 },
          'Only 2 % of the disk are free: 0.0 GB.',
          'updates.example',
        ],
      ],
    );
    assert.match(told.sent[0].id, /^msg_[0-9a-f-]{36}$/);
    assert.deepEqual(await told.deliver(), []);
    assert.deepEqual(await told.states(), [
      ['delivered', 1],
      ['delivered', 1],
    ]);
    const [hook] = await listSubscriptions(told.temp.db);
    assert.deepEqual([hook.deliveredMs, hook.failingSinceMs], [told.temp.nowMs, null]);
  });

  test('is tried again by the clock, under the same id, until it arrives', async () => {
    await using told = await Told.open();
    told.answer = () => DOWN;
    await told.tell(1);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      const [{ nextMs }] = await told.deliver();
      waits.push((nextMs! - told.temp.nowMs) / 60_000);
      told.temp.nowMs = nextMs! - 1;
      assert.deepEqual(await told.deliver(), [], 'not yet');
      told.temp.nowMs = nextMs!;
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32]);
    const [failing] = await listSubscriptions(told.temp.db);
    assert.notEqual(failing.failingSinceMs, null);
    assert.equal(failing.lastError, DOWN.error);
    told.answer = () => OK;
    await told.deliver();
    assert.deepEqual(await told.states(), [['delivered', 7]]);
    assert.equal(new Set(told.sent.map((one) => one.id)).size, 1);
    const [recovered] = await listSubscriptions(told.temp.db);
    assert.deepEqual([recovered.failingSinceMs, recovered.lastError], [null, null]);
  });

  test('is given up after days, listed as failed, and may be tried again by hand', async () => {
    await using told = await Told.open();
    told.answer = () => DOWN;
    await told.tell(1);
    const startMs = told.temp.nowMs;
    for (;;) {
      const [outcome] = await told.deliver();
      if (outcome.nextMs === null) break;
      told.temp.nowMs = outcome.nextMs;
    }
    assert.ok(told.sent.length <= 20);
    assert.ok(told.temp.nowMs - startMs > 2 * DAY_MS);
    told.temp.nowMs += 30 * DAY_MS;
    assert.deepEqual(await told.deliver(), []);
    const {
      items: [failed],
    } = await viewDeliveries(told.temp.db, { state: 'failed', subscription: 'hook', limit: 1 });
    assert.deepEqual([failed.status, failed.error, failed.nextMs], [503, DOWN.error, null]);
    told.answer = () => OK;
    const { db, nowMs } = told.temp;
    assert.equal(
      await retryDeliveries(db, CALLER, { subscription: 'hook', number: failed.number, nowMs }),
      1,
    );
    await told.deliver();
    assert.deepEqual(await told.states(), [['delivered', 1]]);
    await assert.rejects(retryDeliveries(db, CALLER, { subscription: 'hook', nowMs }), {
      code: 'OAK_DELIVERY_UNKNOWN',
    });
  });

  test('that waits for its next attempt can be made now', async () => {
    await using told = await Told.open();
    told.answer = () => DOWN;
    await told.tell(1);
    const [{ nextMs }] = await told.deliver();
    const { db, nowMs } = told.temp;
    assert.ok(nextMs! > nowMs);
    assert.deepEqual(await told.deliver(), []);
    told.answer = () => OK;
    assert.equal(await retryDeliveries(db, CALLER, { subscription: 'hook', nowMs }), 1);
    await told.deliver();
    assert.deepEqual(await told.states(), [['delivered', 2]]);
  });

  test('waits behind one that failed, but not for another subscription', async () => {
    await using told = await Told.open();
    await told.mail(['disk.low']);
    told.answer = (message) => (message.subscription === 'hook' ? DOWN : OK);
    await told.tell(1);
    await told.tell(2);
    await told.deliver();
    assert.deepEqual(told.sent.map((one) => one.subscription).toSorted(), ['hook', 'mail', 'mail']);
  });

  test('is not lost by what a transport throws, and no secret or line break gets into the list', async () => {
    await using told = await Told.open();
    told.answer = () => {
      throw new Error(`broken\r\n\u0000${'x'.repeat(5000)}`);
    };
    await told.tell(1);
    const [{ attempt }] = await told.deliver();
    assert.equal(attempt.ok, false);
    assert.match(attempt.error ?? '', /^broken \uFFFDx+…$/);
    assert.ok((attempt.error ?? '').length <= 300);
    assert.deepEqual(await told.states(), [['pending', 1]]);
  });

  test('is what it was when the process ends during an attempt', async () => {
    await using told = await Told.open();
    await told.tell(1);
    const stop = new AbortController();
    told.answer = () => {
      stop.abort();
      throw new Error('aborted');
    };
    assert.deepEqual(await told.deliver({ signal: stop.signal }), []);
    assert.deepEqual(await told.states(), [['pending', 0]]);
    // As after a kill between an attempt that arrived and its note.
    await told.temp.reopen();
    told.answer = () => OK;
    await told.deliver();
    assert.equal(new Set(told.sent.map((one) => one.id)).size, 1, 'the receiver can tell the repeat');
  });

  test('waits while its subscription rests, and is gone with it', async () => {
    await using told = await Told.open();
    await told.tell(1);
    const { db, nowMs } = told.temp;
    await changeSubscription(db, CALLER, { name: 'hook', enabled: false, nowMs });
    assert.deepEqual(await told.deliver(), []);
    await changeSubscription(db, CALLER, { name: 'hook', enabled: true, nowMs });
    assert.equal((await told.deliver()).length, 1);
    await told.tell(2);
    await removeSubscription(db, CALLER, { name: 'hook', nowMs });
    assert.deepEqual(await told.deliver(), []);
    assert.equal(await told.temp.count('delivery'), 0);
  });

  test('does not wait for a clock that was set back', async () => {
    await using told = await Told.open();
    await told.tell(1);
    told.temp.nowMs -= 30 * DAY_MS;
    assert.equal((await told.deliver()).length, 1);
  });
});

test('others are told of a subscription that nothing reaches: once, until something does', async () => {
  await using told = await Told.open('disk.low', 'subscription.failing');
  await told.mail(['subscription.failing']);
  const told2 = () => told.sent.filter((one) => one.event === 'subscription.failing');
  told.answer = (message) => (message.subscription === 'hook' ? DOWN : OK);
  const failFor = async (ms: number): Promise<void> => {
    const untilMs = told.temp.nowMs + ms;
    while (told.temp.nowMs < untilMs) {
      await told.deliver();
      told.temp.nowMs += HOUR_MS / 4;
    }
  };
  await told.tell(1);
  await failFor(HOUR_MS / 2);
  assert.equal(told2().length, 0, 'not at once');
  await failFor(10 * HOUR_MS);
  assert.deepEqual(
    told2().map((one) => one.subscription),
    ['mail'],
  );
  assert.match(told2()[0].text, /Nothing reaches the subscription hook: the receiver answered 503/);
  told.answer = () => OK;
  await failFor(8 * HOUR_MS);
  await told.tell(2);
  told.answer = (message) => (message.subscription === 'hook' ? DOWN : OK);
  await failFor(10 * HOUR_MS);
  assert.equal(told2().length, 2);
});

describe('the time of the next attempt', () => {
  const at = (attempts: number, random: number, queuedMs = 0) =>
    nextAttemptMs({ attempts, queuedMs, nowMs: 0 }, random);

  test('spreads around a pause that doubles up to six hours', () => {
    assert.deepEqual([at(1, 0), at(1, 0.5), at(1, 1)], [48_000, 60_000, 72_000]);
    assert.deepEqual([at(10, 0.5), at(19, 0.5)], [6 * HOUR_MS, 6 * HOUR_MS]);
  });

  test('is none after 20 attempts or three days', () => {
    assert.equal(at(20, 0.5), undefined);
    assert.equal(at(2, 0.5, -3 * DAY_MS), undefined);
  });
});
