import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { FleetStore } from '../../../test/support/fleet-store.ts';
import { SAMPLE, sampleDocuments, updateDocument } from '../../../test/support/sample-catalogue.ts';
import { NOTIFICATION_EVENTS, type NotificationEvent } from '../../fleet/notification-event.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { sourcesOf } from '../../../test/support/temp-store.ts';
import { importDocuments } from '../../import/importer.ts';
import { appendAudit } from '../../store/audit.ts';
import { listDeliveries } from '../../store/deliveries.ts';
import type { HousekeepingPolicy } from '../../fleet/housekeeping-task.ts';
import { createGroup } from '../groups.ts';
import { runHousekeeping } from '../housekeeping.ts';
import { createRing } from '../rings.ts';
import { startRollouts } from '../rollouts.ts';
import { runDueRings } from '../rollout-steps.ts';
import { addRule, runRules } from '../rules.ts';
import { createSubscription } from './subscriptions.ts';
import { tellAudited } from './tell-audited.ts';
import { noteHousekeepingDone, tellHousekeepingFailed } from './tell-housekeeping.ts';
import { watchConditions, type WatchOptions } from './watch-conditions.ts';

const CALLER = { name: 'root@here' };
const DAY_MS = 86_400_000;
const WATCH: WatchOptions = {
  failedComputers: 2,
  diskFreePercent: 10,
  certificateDays: 21,
  keepDays: 30,
  disk: async () => ({ freeBytes: 50, totalBytes: 100 }),
  certificates: async () => [],
};

interface Told {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** What was told since the last call; every notification has the data that its declaration says. */
class Listener {
  readonly fleet: FleetStore;
  #seen = 0;

  private constructor(fleet: FleetStore) {
    this.fleet = fleet;
  }

  static async on(fleet: FleetStore, ...events: readonly string[]): Promise<Listener> {
    const listener = new Listener(fleet);
    await createSubscription(fleet.db, CALLER, {
      name: `listener of ${events.join()}`,
      email: ['a@b.example'],
      events,
      nowMs: fleet.nowMs,
    });
    await listener.heard();
    return listener;
  }

  async heard(): Promise<Told[]> {
    while (await tellAudited(this.fleet.db, this.fleet.nowMs));
    const listed = (await listDeliveries(this.fleet.db, { limit: 1000 })).items.toReversed();
    const fresh = listed.filter((one) => one.number > this.#seen);
    this.#seen = listed.at(-1)?.number ?? 0;
    for (const { event, data } of fresh) {
      const schema: TSchema = NOTIFICATION_EVENTS[event as NotificationEvent].data;
      assert.ok(Value.Check(schema, data), `${event}: ${JSON.stringify(data)}`);
    }
    return fresh.map(({ event, data }) => ({ event, data: data as Record<string, unknown> }));
  }
}

const software = (id: UpdateId, title: string, properties = '', revisionNumber = 1): Buffer =>
  updateDocument({
    id,
    revisionNumber,
    type: 'Software',
    deployable: true,
    titles: { en: title },
    properties,
  });
const numbered = (index: number): UpdateId =>
  `0b000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

test('the first subscription is told of what comes, close together at once', async () => {
  await using fleet = await FleetStore.open();
  for (const name of ['A', 'B']) await createGroup(fleet.db, CALLER, { name, nowMs: 1 });
  const listener = await Listener.on(fleet, 'audit.*');
  for (let index = 0; index < 25; index++)
    await createGroup(fleet.db, CALLER, { name: `G${index}`, nowMs: 2 });
  const heard = await listener.heard();
  assert.deepEqual(
    heard.map(({ data }) => [data.count, data.firstNumber, data.lastNumber, (data.changes as []).length]),
    [[25, 4, 28, 20]],
  );
  assert.deepEqual(await listener.heard(), []);
});

test('what was taken back was never told', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, '*');
  await createGroup(fleet.db, CALLER, { name: 'A', dryRun: true, nowMs: 2 });
  await assert.rejects(createGroup(fleet.db, CALLER, { name: 'x;y', nowMs: 2 }));
  assert.deepEqual(await listener.heard(), []);
});

test('rules tell of what one run approved', async () => {
  await using fleet = await FleetStore.open(sampleDocuments());
  await createGroup(fleet.db, CALLER, { name: 'Pilot', nowMs: 1 });
  const listener = await Listener.on(fleet, 'rule.approved');
  const rule = { groups: ['Pilot'], classifications: [], products: [] };
  await addRule(fleet.db, CALLER, { name: 'Everything', rule, nowMs: 2 });
  const outcome = await runRules(fleet.db, CALLER, { nowMs: fleet.nowMs });
  assert.ok(outcome.approvals.length > 1);
  const [{ event, data }, ...others] = await listener.heard();
  assert.deepEqual([event, data.count, others.length], ['rule.approved', outcome.approvals.length, 0]);
  const [first] = outcome.approvals;
  const approval = (data.approvals as { readonly updateId: string }[]).find(
    (one) => one.updateId === first.updateId,
  );
  assert.deepEqual(approval, {
    updateId: first.updateId,
    title: first.title,
    rule: 'Everything',
    group: 'Pilot',
    action: 'Install',
  });
  await runRules(fleet.db, CALLER, { nowMs: fleet.nowMs });
  assert.deepEqual(await listener.heard(), [], 'nothing new');
});

test('a rollout tells when it halts and when it has finished', async () => {
  await using fleet = await FleetStore.open(sampleDocuments());
  const ring = { steps: [{ group: 'All Computers', maxFailure: 0.4 }] };
  await createRing(fleet.db, CALLER, { name: 'Fast', ring, nowMs: fleet.nowMs });
  const listener = await Listener.on(fleet, 'rollout.*');
  const updates = [SAMPLE.standalone, SAMPLE.otherUpdate];
  for (const client of ['c1', 'c2']) {
    await fleet.scanned(client, []);
    await fleet.report(client, { needed: updates });
  }
  await startRollouts(fleet.db, CALLER, { ring: 'Fast', updates, nowMs: fleet.nowMs });
  assert.deepEqual(await listener.heard(), [], 'nothing to tell before');
  fleet.advance(1000);
  for (const client of ['c1', 'c2']) {
    await fleet.report(client, { installed: [SAMPLE.otherUpdate], needed: [SAMPLE.standalone] });
    await fleet.failed(client, SAMPLE.standalone, -1);
  }
  await runDueRings(fleet.db, fleet.nowMs);
  const heard = await listener.heard();
  assert.deepEqual(heard.map(({ event, data }) => [event, data.updateId, data.ring].join(' ')).toSorted(), [
    `rollout.finished ${SAMPLE.otherUpdate} Fast`,
    `rollout.halted ${SAMPLE.standalone} Fast`,
  ]);
  const { data } = heard.find((one) => one.event === 'rollout.halted')!;
  assert.deepEqual([data.reason, data.group, data.failed, data.results], ['failures', 'All Computers', 2, 2]);
});

test('a backup tells when it is complete', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'backup.*');
  const entry = { timeMs: 2, caller: 'x', action: 'backup.create', subject: '/b/1', after: { bytes: 12 } };
  await fleet.db.transaction().execute((tx) => appendAudit(tx, entry));
  assert.deepEqual(await listener.heard(), [{ event: 'backup.done', data: { path: '/b/1', bytes: 12 } }]);
});

test('an import tells of new and of expired updates, each import at once', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'update.*', 'import.*');
  const many = Array.from({ length: 30 }, (_, index) => software(numbered(index), `Title ${index}`));
  await fleet.temp.import([...many, updateDocument({ id: SAMPLE.detectoid, type: 'Detectoid' })]);
  const [arrived, ...others] = await listener.heard();
  assert.deepEqual([arrived.event, arrived.data.source, others], ['update.arrived', 'test', []]);
  assert.equal(arrived.data.count, 30, 'without what nobody can approve');
  const named = arrived.data.updates as readonly object[];
  assert.deepEqual([named.length, named[0]], [20, { updateId: numbered(0), title: 'Title 0' }]);

  const second = [
    software(numbered(0), 'Title 0', '', 2),
    software(numbered(1), 'Title 1', 'PublicationState="Expired"', 2),
    software(numbered(99), 'Never alive', 'PublicationState="Expired"'),
  ];
  await fleet.temp.import(second);
  assert.deepEqual(await listener.heard(), [
    {
      event: 'update.expired',
      data: { source: 'test', count: 1, updates: [{ updateId: numbered(1), title: 'Title 1' }] },
    },
  ]);
  await fleet.temp.import([software(numbered(1), 'Title 1', 'PublicationState="Expired"', 3)]);
  await fleet.temp.import(second);
  assert.deepEqual(await listener.heard(), [], 'nothing new');
});

test('an import tells of documents it refused, and of its own failure', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'import.*');
  const now = fleet.temp.now;
  await fleet.temp.import([Buffer.from('<no/>'), software(numbered(1), 'Good')]);
  const [rejected] = await listener.heard();
  assert.deepEqual([rejected.event, rejected.data.count], ['import.rejected', 1]);
  async function* breaking() {
    yield* sourcesOf([software(numbered(2), 'Good')]);
    throw new Error('the tape\r\ntore');
  }
  await assert.rejects(importDocuments(fleet.db, breaking(), { source: 'tape', now }), /the tape/);
  assert.deepEqual(await listener.heard(), [
    { event: 'import.failed', data: { source: 'tape', code: 'OAK_INTERNAL', reason: 'the tape tore' } },
  ]);
});

test('a computer is told of once, until its state has ended', async () => {
  await using fleet = await FleetStore.open();
  await fleet.scanned('c1', [], 'Evil\r\nName');
  await fleet.scanned('c2', []);
  const listener = await Listener.on(fleet, 'computer.silent');
  const seen = (client: string) => fleet.flush((registry) => registry.seen(client));
  const look = async (): Promise<Told[]> => {
    await watchConditions(fleet.db, WATCH, fleet.nowMs);
    return listener.heard();
  };
  assert.deepEqual(await look(), []);
  const sinceMs = fleet.nowMs;
  fleet.advance(31 * DAY_MS);
  await seen('c2');
  const [silent, ...others] = await look();
  assert.deepEqual(others, []);
  assert.equal(silent.event, 'computer.silent');
  assert.deepEqual(silent.data.computers, [{ clientId: 'c1', name: 'Evil\r\nName', sinceMs }]);
  assert.deepEqual(await look(), []);
  await seen('c1');
  assert.deepEqual(await look(), []);
  fleet.advance(31 * DAY_MS);
  assert.deepEqual(
    (await look()).map(({ data }) => data.count),
    [2],
  );
});

test('an update is told of when it fails on enough computers, and again after most of them recovered', async () => {
  await using fleet = await FleetStore.open(sampleDocuments());
  const listener = await Listener.on(fleet, 'update.failing');
  const look = async (): Promise<unknown[]> => {
    await watchConditions(fleet.db, WATCH, fleet.nowMs);
    return (await listener.heard()).map(({ data }) => data);
  };
  const fail = async (client: string): Promise<void> => {
    await fleet.scanned(client, []);
    await fleet.report(client, { needed: [SAMPLE.standalone] });
    fleet.advance(1000);
    await fleet.failed(client, SAMPLE.standalone, -1);
  };
  await fail('c1');
  assert.deepEqual(await look(), []);
  await fail('c2');
  const [{ count, updates }] = (await look()) as [{ count: number; updates: { failed: number }[] }];
  assert.deepEqual([count, updates.length, updates[0].failed], [1, 1, 2]);
  await fail('c3');
  assert.deepEqual(await look(), []);
  fleet.advance(1000);
  for (const client of ['c1', 'c2', 'c3']) await fleet.report(client, { installed: [SAMPLE.standalone] });
  assert.deepEqual(await look(), []);
  for (const client of ['c4', 'c5']) await fail(client);
  assert.equal((await look()).length, 1);
});

test('a disk is told of when it gets low, and not at every byte', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'disk.low');
  const events: number[] = [];
  for (const freeBytes of [50, 9, 8, 11, 9, 13, 9]) {
    await watchConditions(fleet.db, { ...WATCH, disk: async () => ({ freeBytes, totalBytes: 100 }) }, 1);
    events.push((await listener.heard()).length);
  }
  assert.deepEqual(events, [0, 1, 0, 0, 0, 0, 1]);
});

test('a certificate is told of before it ends, and its successor again', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'certificate.*');
  const look = async (endMs: number): Promise<number> => {
    const certificates = async () => [{ file: '/tls/cert.pem', subject: 'CN=updates', endMs }];
    await watchConditions(fleet.db, { ...WATCH, certificates }, fleet.nowMs);
    return (await listener.heard()).length;
  };
  const soon = fleet.nowMs + 20 * DAY_MS;
  assert.deepEqual([await look(fleet.nowMs + 22 * DAY_MS), await look(soon), await look(soon)], [0, 1, 0]);
  assert.equal(await look(soon + 1), 1);
});

test('housekeeping that fails is told of once until it succeeds', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'housekeeping.*');
  const fail = async (): Promise<number> => {
    await tellHousekeepingFailed(fleet.db, { code: 'OAK_INTERNAL', reason: 'x' }, fleet.nowMs);
    return (await listener.heard()).length;
  };
  assert.deepEqual([await fail(), await fail()], [1, 0]);
  await noteHousekeepingDone(fleet.db);
  assert.equal(await fail(), 1);
});

test('what nobody wants is not looked for, and told when somebody does', async () => {
  await using fleet = await FleetStore.open();
  const low = { freeBytes: 1, totalBytes: 100 };
  const never: WatchOptions = { ...WATCH, disk: () => assert.fail(), certificates: () => assert.fail() };
  await watchConditions(fleet.db, never, 1);
  await Listener.on(fleet, 'computer.*');
  await watchConditions(fleet.db, never, 1);
  const listener = await Listener.on(fleet, 'disk.low');
  await watchConditions(fleet.db, { ...WATCH, disk: async () => low }, 1);
  assert.deepEqual(await listener.heard(), [{ event: 'disk.low', data: low }]);
});

test('old notifications are forgotten with other records', async () => {
  await using fleet = await FleetStore.open();
  const listener = await Listener.on(fleet, 'audit.*');
  await createGroup(fleet.db, CALLER, { name: 'A', nowMs: fleet.nowMs });
  assert.equal((await listener.heard()).length, 1);
  const policy = { findingDays: 0, historyDays: 0 } as HousekeepingPolicy;
  const clean = () =>
    runHousekeeping({ db: fleet.db, policy, notifications: WATCH, now: fleet.temp.now }, CALLER, ['records']);
  const before = await fleet.temp.count('notification');
  fleet.advance(29 * DAY_MS);
  await clean();
  assert.equal(await fleet.temp.count('notification'), before);
  fleet.advance(2 * DAY_MS);
  const [{ actions }] = await clean();
  assert.deepEqual(
    actions.map((one) => one.reason),
    [`deleted: ${before}`],
  );
  assert.deepEqual([await fleet.temp.count('notification'), await fleet.temp.count('delivery')], [0, 0]);
});
