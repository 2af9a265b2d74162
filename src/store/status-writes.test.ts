import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { clientEvent } from '../../test/support/client-event.ts';
import { SAMPLE, sampleDocuments, updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import type { ClientEvent } from '../fleet/event-journal.ts';
import type { StatusCounts } from '../fleet/status-state.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { connect, databasePath } from './connect.ts';
import { listRefusals } from './event-list.ts';
import { GroupCommit } from './group-commit.ts';
import { listStatesOfComputer } from './status-lists.ts';
import { readComputerCounts } from './status-summaries.ts';
import { encodeCommand } from './write-command.ts';

const { standalone: ONE, bundle: TWO, driver: THREE, member: MEMBER } = SAMPLE;

/** A store with the sample catalogue and one computer that tells of it. Each report is a second after the last. */
class Reporting implements AsyncDisposable {
  readonly temp: TempStore;
  readonly database: DatabaseSync;
  readonly #commit: GroupCommit;
  #events = 0;

  private constructor(temp: TempStore) {
    this.temp = temp;
    this.database = connect(databasePath(temp.dataFolder), { readOnly: false, cacheMebibytes: 8 });
    this.#commit = new GroupCommit(this.database, 1_000);
  }

  static async open(): Promise<Reporting> {
    const temp = await TempStore.open();
    await temp.import(sampleDocuments());
    const reporting = new Reporting(temp);
    const greeting = { clientId: 'pc', dnsName: 'pc', address: '', requestedGroups: '' };
    reporting.#run(encodeCommand('greet', { greeting, nowMs: temp.nowMs }));
    return reporting;
  }

  send(events: readonly Partial<ClientEvent>[], skewMs = 0): number {
    this.temp.nowMs += 1_000;
    const timeMs = this.temp.nowMs;
    const sent = events.map((event) =>
      clientEvent(this.#events++, { clientId: 'pc', timeMs, update: undefined, ...event }),
    );
    this.#run(encodeCommand('appendEvents', { receivedMs: timeMs, skewMs, events: sent }));
    return timeMs;
  }

  scan(...miscData: readonly string[]): number {
    return this.send([{ eventId: 147 }, { eventId: 156, miscData }]);
  }

  fail(updateId: UpdateId, event: Partial<ClientEvent> = {}): number {
    return this.send([{ eventId: 182, hresult: -7, update: { updateId, revisionNumber: 101 }, ...event }]);
  }

  /** State, time and code by UpdateID, of what was reported. */
  async states(): Promise<Record<string, readonly [string, number | null, number | null]>> {
    const { items } = await listStatesOfComputer(this.temp.db, 'pc', { limit: 100 });
    const reported = items.filter((row) => row.sinceMs !== null);
    return Object.fromEntries(reported.map((row) => [row.updateId, [row.state, row.sinceMs, row.hresult]]));
  }

  async counts(): Promise<StatusCounts> {
    return (await readComputerCounts(this.temp.db, 'pc'))!;
  }

  async refusals(): Promise<Record<string, number>> {
    return Object.fromEntries((await listRefusals(this.temp.db)).map((one) => [one.code, one.events]));
  }

  #run(command: string): void {
    assert.deepEqual(this.#commit.run([command]).failures, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.database.close();
    await this.temp[Symbol.asyncDispose]();
  }
}

describe('a report of states', () => {
  for (const [key, state] of Object.entries({
    U: 'needed',
    V: 'installed',
    W: 'pendingReboot',
    g: 'failed',
    h: 'downloaded',
  })) {
    it(`makes what ${key} lists ${state}`, async () => {
      await using pc = await Reporting.open();
      const sinceMs = pc.scan('F=1', `${key}=${ONE.toUpperCase()};${TWO.toUpperCase()}`, 'WUfBOn=0');
      const failed = state === 'failed' ? 0 : null;
      assert.deepEqual(await pc.states(), {
        [ONE]: [state, sinceMs, failed],
        [TWO]: [state, sinceMs, failed],
      });
    });
  }

  it('replaces the last one: what is not listed goes, what is unchanged keeps its time', async () => {
    await using pc = await Reporting.open();
    const firstMs = pc.scan(`U=${ONE};${TWO}`, `V=${THREE}`);
    const secondMs = pc.scan(`V=${ONE};${THREE}`);
    assert.deepEqual(await pc.states(), {
      [ONE]: ['installed', secondMs, null],
      [THREE]: ['installed', firstMs, null],
    });
    pc.scan();
    const counts = await pc.counts();
    assert.deepEqual([counts.installed, counts.unknown], [0, 0]);
    assert.ok(counts.notApplicable > 0);
  });

  it('is not stored as an event', async () => {
    await using pc = await Reporting.open();
    pc.scan(`U=${ONE}`);
    const rows = await pc.temp.db.selectFrom('event').select('event_id').execute();
    assert.deepEqual(
      rows.map((row) => row.event_id),
      [147],
    );
  });

  it('says nothing of members of bundles', async () => {
    await using pc = await Reporting.open();
    pc.scan(`U=${MEMBER}`);
    assert.deepEqual(await pc.states(), {});
    assert.deepEqual(await pc.refusals(), {});
  });

  it('that says what the last one said writes next to nothing', async () => {
    await using pc = await Reporting.open();
    const lists = [`U=${ONE};${TWO}`, `V=${THREE}`] as const;
    pc.scan(...lists);
    const changes = (): number => Number(pc.database.prepare('SELECT total_changes() AS n').get()?.n);
    const before = changes();
    pc.send([{ eventId: 156, miscData: [`V=${THREE}`, `U=${TWO};${ONE}`] }]);
    // The computer's last report.
    assert.equal(changes() - before, 1);
  });

  it('is taken again in full when other updates count than before', async () => {
    await using pc = await Reporting.open();
    pc.scan(`U=${ONE};0a000000-0000-4000-8000-0000000000ff`);
    const id = '0a000000-0000-4000-8000-0000000000ff' as UpdateId;
    await pc.temp.import([updateDocument({ id, type: 'Software', deployable: true })]);
    pc.scan(`U=${ONE};${id}`);
    assert.deepEqual(Object.keys(await pc.states()).sort(), [ONE, id].sort());
  });

  for (const [what, lists] of Object.entries({
    'one update in two lists': [`U=${ONE};${TWO}`, `V=${TWO}`],
    'something that is no UpdateID': [`U=${ONE};what`],
  })) {
    it(`that has ${what} changes nothing and is counted`, async () => {
      await using pc = await Reporting.open();
      const sinceMs = pc.scan(`V=${ONE}`);
      pc.scan(...lists);
      assert.deepEqual(await pc.states(), { [ONE]: ['installed', sinceMs, null] });
      assert.deepEqual(await pc.refusals(), { OAK_EVENT_CONTRADICTORY: 1 });
    });
  }

  it('that names updates nobody has heard of is taken without them, and counted', async () => {
    await using pc = await Reporting.open();
    const lists = `U=${ONE};0a000000-0000-4000-8000-00000000dead`;
    const sinceMs = pc.scan(lists);
    pc.scan(lists);
    assert.deepEqual(await pc.states(), { [ONE]: ['needed', sinceMs, null] });
    assert.deepEqual(await pc.refusals(), { OAK_EVENT_UNKNOWN_UPDATE: 1 });
  });

  it('that is older than the last one changes nothing', async () => {
    await using pc = await Reporting.open();
    const sinceMs = pc.scan(`V=${ONE}`);
    pc.send([{ eventId: 156, timeMs: sinceMs - 1, miscData: [`U=${ONE}`] }]);
    assert.deepEqual(await pc.states(), { [ONE]: ['installed', sinceMs, null] });
  });
});

describe('a failure', () => {
  for (const eventId of [161, 182, 195, 198, 204]) {
    it(`is what event ${eventId} makes of an update`, async () => {
      await using pc = await Reporting.open();
      pc.scan(`U=${ONE}`);
      const sinceMs = pc.fail(ONE, { eventId, hresult: -2_147_023_293 });
      assert.deepEqual(await pc.states(), { [ONE]: ['failed', sinceMs, -2_147_023_293] });
    });
  }

  for (const eventId of [162, 167, 181, 183, 201, 203]) {
    it(`is not what event ${eventId} makes of an update`, async () => {
      await using pc = await Reporting.open();
      const sinceMs = pc.scan(`U=${ONE}`);
      pc.fail(ONE, { eventId });
      assert.deepEqual(await pc.states(), { [ONE]: ['needed', sinceMs, null] });
    });
  }

  it('outlives reports that the update is needed or downloaded', async () => {
    await using pc = await Reporting.open();
    pc.scan(`U=${ONE}`);
    const sinceMs = pc.fail(ONE);
    pc.scan(`U=${ONE}`);
    pc.scan(`h=${ONE}`);
    assert.deepEqual(await pc.states(), { [ONE]: ['failed', sinceMs, -7] });
  });

  for (const [list, after] of Object.entries({ V: 'installed', W: 'pendingReboot', none: undefined })) {
    it(`ends with a report that has the update in ${list}`, async () => {
      await using pc = await Reporting.open();
      pc.fail(ONE);
      const sinceMs = pc.scan(...(after === undefined ? [] : [`${list}=${ONE}`]));
      assert.deepEqual(await pc.states(), after === undefined ? {} : { [ONE]: [after, sinceMs, null] });
    });
  }

  it('that is told after a later report does not undo it', async () => {
    await using pc = await Reporting.open();
    const sinceMs = pc.scan(`V=${ONE}`);
    pc.fail(ONE, { timeMs: sinceMs - 5 });
    pc.fail(TWO, { timeMs: sinceMs - 5 });
    assert.deepEqual(await pc.states(), { [ONE]: ['installed', sinceMs, null] });
  });

  it('of a member of a bundle, of nothing, or of what nobody has is history only', async () => {
    await using pc = await Reporting.open();
    pc.fail(MEMBER);
    pc.fail('0a000000-0000-4000-8000-00000000dead' as UpdateId);
    pc.fail(ONE, { update: undefined });
    assert.deepEqual(await pc.states(), {});
    assert.equal(await pc.temp.count('event'), 3);
  });

  it('delivered again does not come back after it has passed', async () => {
    await using pc = await Reporting.open();
    const again = { instanceId: '0e000000-0000-4000-8000-000000000001' as never };
    const failedMs = pc.fail(ONE, again);
    const sinceMs = pc.scan(`V=${ONE}`);
    pc.fail(ONE, { ...again, timeMs: failedMs });
    assert.deepEqual(await pc.states(), { [ONE]: ['installed', sinceMs, null] });
  });
});

describe('what was not reported', () => {
  it('is unknown of a computer that never reported its states, whatever else it sent', async () => {
    await using pc = await Reporting.open();
    pc.send([{ eventId: 147 }]);
    pc.send([{ eventId: 183, update: { updateId: ONE, revisionNumber: 101 } }]);
    const counts = await pc.counts();
    assert.equal(counts.notApplicable, 0);
    assert.ok(counts.unknown > 0);
  });

  it('is unknown of what came after its last scan', async () => {
    await using pc = await Reporting.open();
    pc.scan();
    const id = '0a000000-0000-4000-8000-0000000000ff' as UpdateId;
    await pc.temp.import([updateDocument({ id, type: 'Software', deployable: true })]);
    assert.equal((await pc.counts()).unknown, 1);
    pc.send([{ eventId: 147 }]);
    assert.equal((await pc.counts()).unknown, 0);
  });
});

describe('a new revision', () => {
  const revision = (revisionNumber: number, deployable: boolean): Buffer =>
    updateDocument({
      id: ONE,
      revisionNumber,
      type: 'Software',
      deployable,
      categories: [SAMPLE.otherProduct],
    });

  it('keeps what is known of its update', async () => {
    await using pc = await Reporting.open();
    const sinceMs = pc.scan(`U=${ONE}`);
    const before = await pc.counts();
    await pc.temp.import([revision(102, true)]);
    assert.deepEqual(await pc.states(), { [ONE]: ['needed', sinceMs, null] });
    assert.deepEqual(await pc.counts(), before);
  });

  it('that cannot be deployed takes its update out of every count; an older one changes nothing', async () => {
    await using pc = await Reporting.open();
    pc.scan(`U=${ONE}`);
    const before = await pc.counts();
    await pc.temp.import([revision(100, false)], 'older');
    assert.deepEqual(await pc.counts(), before);
    await pc.temp.import([revision(103, false)], 'newer');
    assert.deepEqual(await pc.counts(), { ...before, needed: 0 });
  });
});

describe('times', () => {
  it('of a computer whose clock is off are those of this server', async () => {
    await using pc = await Reporting.open();
    const dayMs = 86_400_000;
    const wrongMs = pc.temp.nowMs + 1_000 - dayMs;
    pc.send([{ eventId: 156, timeMs: wrongMs - 5, miscData: [`U=${ONE}`] }], dayMs);
    assert.deepEqual(await pc.states(), { [ONE]: ['needed', pc.temp.nowMs - 5, null] });
  });

  it('are never later than the report of them', async () => {
    await using pc = await Reporting.open();
    pc.send([{ eventId: 156, timeMs: pc.temp.nowMs + 5_000_000, miscData: [`U=${ONE}`] }]);
    assert.deepEqual(await pc.states(), { [ONE]: ['needed', pc.temp.nowMs, null] });
  });
});

describe('events about no update', () => {
  it('are kept as the latest of each kind', async () => {
    await using pc = await Reporting.open();
    pc.send([{ eventId: 147 }, { eventId: 148, hresult: 1 }]);
    pc.send([{ eventId: 148, hresult: 2 }, { eventId: 147 }, { eventId: 148, hresult: 3 }]);
    const rows = await pc.temp.db
      .selectFrom('event')
      .select(['event_id', 'hresult'])
      .orderBy('event_id')
      .execute();
    assert.deepEqual(
      rows.map((row) => [row.event_id, row.hresult]),
      [
        [147, 0],
        [148, 3],
      ],
    );
  });
});
