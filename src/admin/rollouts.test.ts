import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { sampleDocuments, SAMPLE, updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { listApprovals } from '../store/approvals.ts';
import { firstForgedAudit, listAudit } from '../store/audit.ts';
import { assignComputer } from '../store/computers.ts';
import { RevisionFlag } from '../store/schema/catalogue-tables.ts';
import { approveUpdates, declineUpdates } from './approvals.ts';
import { createGroup, findGroup } from './groups.ts';
import { createRing, removeRing, showRing, viewRings, viewRollouts } from './rings.ts';
import { runDueRings } from './rollout-steps.ts';
import { pauseAll, pauseRollouts, resumeRollouts, rollBackRollouts, startRollouts } from './rollouts.ts';
import { findUpdate } from './updates.ts';

const caller = { name: 'test' };
const HOUR = 3_600_000;
const UPDATE = SAMPLE.standalone;
const ACCESS_DENIED = -2_147_024_891;
const SERVICE_STOPPED = -2_145_124_322;

/** What a computer says of the update: nothing, that it does not fit, or a state of compliance. */
type Said = 'nothing' | 'not applicable' | 'needed' | 'installed' | number;

const STATES = { needed: 2, installed: 4 } as const;

class Fleet implements AsyncDisposable {
  readonly temp: TempStore;
  #computers = 0;

  private constructor(temp: TempStore) {
    this.temp = temp;
  }

  static async open(): Promise<Fleet> {
    const temp = await TempStore.open();
    for (const name of ['Pilot', 'Office', 'Field'])
      await createGroup(temp.db, caller, { name, nowMs: temp.nowMs });
    await temp.import(sampleDocuments());
    const ring = {
      steps: [
        { group: 'Pilot', minSuccess: 0.5, maxFailure: 0.25 },
        { group: 'Office', afterHours: 24, minSuccess: 0.5, maxFailure: 0.25, deadlineDays: 2 },
        { group: 'Field', afterHours: 24 },
      ],
    };
    await createRing(temp.db, caller, { name: 'Monthly', ring, nowMs: temp.nowMs });
    return new Fleet(temp);
  }

  /** Adds computers to a group that have said this. */
  async add(group: string, ...said: readonly Said[]): Promise<void> {
    const { db, nowMs } = this.temp;
    const { number: update } = await findUpdate(db, UPDATE);
    const { id } = await findGroup(db, group);
    for (const one of said) {
      const name = `pc-${++this.#computers}`;
      await sql`INSERT INTO computer (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms)
        VALUES (${name}, ${name}, '', '', ${nowMs}, ${nowMs})`.execute(db);
      await db.transaction().execute((tx) => assignComputer(tx, name, [id]));
      if (one === 'nothing') continue;
      await sql`UPDATE computer SET last_detection_ms = ${nowMs + 1}, last_report_ms = ${nowMs + 1}
        WHERE client_id = ${name}`.execute(db);
      if (one === 'not applicable') continue;
      await sql`INSERT INTO status (computer, update_number, state, since_ms, hresult)
        SELECT number, ${update}, ${typeof one === 'number' ? 5 : STATES[one]}, ${nowMs},
          ${typeof one === 'number' ? one : 0}
        FROM computer WHERE client_id = ${name}`.execute(db);
    }
  }

  /** Every computer of a group with the update needed has installed it. */
  async install(group: string): Promise<void> {
    const { id } = await findGroup(this.temp.db, group);
    await sql`UPDATE status SET state = 4, hresult = 0 WHERE computer IN (
      SELECT number FROM computer JOIN computer_group USING (client_id) WHERE group_id = ${id})`.execute(
      this.temp.db,
    );
  }

  start(): Promise<unknown> {
    const { db, nowMs } = this.temp;
    return startRollouts(db, caller, { ring: 'Monthly', updates: [UPDATE], nowMs });
  }

  due(hours = 0): Promise<unknown[]> {
    this.temp.nowMs += hours * HOUR;
    return runDueRings(this.temp.db, this.temp.nowMs);
  }

  async moves(hours = 0): Promise<string[]> {
    return (await this.due(hours)).map(
      (one) => (one as { readonly move: { readonly kind: string } }).move.kind,
    );
  }

  async approvals(): Promise<string[]> {
    const { number } = await findUpdate(this.temp.db, UPDATE);
    return (await listApprovals(this.temp.db, number)).map(
      (one) => `${one.groupName}: ${one.action}${one.withheld === null ? '' : ` (${one.withheld})`}`,
    );
  }

  async view() {
    const [view] = (await viewRollouts(this.temp.db, { limit: 1, nowMs: this.temp.nowMs })).items;
    return view;
  }

  get request() {
    return { updates: [UPDATE], nowMs: this.temp.nowMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temp[Symbol.asyncDispose]();
  }
}

describe('a rollout', () => {
  test('goes from group to group after the delay when enough have succeeded, and finishes', async () => {
    await using fleet = await Fleet.open();
    await fleet.add('Pilot', 'needed', 'needed', 'not applicable');
    await fleet.add('Office', 'needed');
    await fleet.start();
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install']);
    assert.deepEqual(await fleet.moves(23), []);
    // The delay is over, but nobody has it.
    assert.deepEqual(await fleet.moves(1), []);
    assert.deepEqual((await fleet.view()).next, { kind: 'wait', why: 'success', share: 0, needed: 0.5 });
    await fleet.install('Pilot');
    assert.deepEqual(await fleet.moves(), ['approve']);
    assert.deepEqual(await fleet.approvals(), ['Office: Install', 'Pilot: Install']);
    const { number } = await findUpdate(fleet.temp.db, UPDATE);
    const office = (await listApprovals(fleet.temp.db, number)).find((one) => one.groupName === 'Office');
    assert.equal(office?.deadlineMs, fleet.temp.nowMs + 48 * HOUR);
    await fleet.install('Office');
    // The last group is empty, so there is nothing to wait for.
    assert.deepEqual(await fleet.moves(24), ['approve', 'finish']);
    assert.equal((await fleet.view()).state, 'finished');
    assert.deepEqual(await fleet.moves(1000), []);
    const actions = (await listAudit(fleet.temp.db, { action: 'rollout' })).map((one) => one.action);
    const step = 'rollout.step';
    assert.deepEqual(actions, ['rollout.finish', step, step, step, 'rollout.start']);
    assert.equal(await firstForgedAudit(fleet.temp.db), undefined);
  });

  test('does not take silence for success', async () => {
    await using fleet = await Fleet.open();
    await fleet.add('Pilot', 'installed', 'nothing', 'nothing');
    await fleet.start();
    assert.deepEqual(await fleet.moves(48), []);
    assert.deepEqual((await fleet.view()).steps[0].counts, {
      installed: 1,
      failed: 0,
      needed: 0,
      unknown: 2,
    });
  });

  test('halts at too many failures, says which codes, and holds its approvals back', async () => {
    await using fleet = await Fleet.open();
    await fleet.add(
      'Pilot',
      'installed',
      'installed',
      'needed',
      SERVICE_STOPPED,
      ACCESS_DENIED,
      ACCESS_DENIED,
    );
    await fleet.start();
    const view = await fleet.view();
    assert.equal(view.state, 'halted');
    assert.deepEqual(view.reason, {
      kind: 'failures',
      group: 'Pilot',
      failed: 3,
      results: 5,
      limit: 0.25,
      codes: [
        { hresult: ACCESS_DENIED, computers: 2 },
        { hresult: SERVICE_STOPPED, computers: 1 },
      ],
    });
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install (rollout)']);
    assert.deepEqual(await fleet.moves(1000), []);
    const [halt] = await listAudit(fleet.temp.db, { action: 'rollout.halt' });
    assert.deepEqual((halt.after as { readonly reason: unknown }).reason, {
      ...view.reason,
      group: (await findGroup(fleet.temp.db, 'Pilot')).id,
    });
  });

  test('resumes in spite of the failures that were there, and halts at more of them', async () => {
    await using fleet = await Fleet.open();
    await fleet.add('Pilot', 'installed', ACCESS_DENIED);
    await fleet.start();
    assert.equal((await fleet.view()).state, 'halted');
    await resumeRollouts(fleet.temp.db, caller, fleet.request);
    assert.equal((await fleet.view()).state, 'running');
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install']);
    assert.deepEqual(await fleet.moves(), []);
    await fleet.add('Pilot', SERVICE_STOPPED);
    assert.deepEqual(await fleet.moves(), ['halt']);
    await resumeRollouts(fleet.temp.db, caller, fleet.request);
    await fleet.add('Pilot', 'installed', 'installed', 'installed');
    assert.deepEqual(await fleet.moves(24), ['approve']);
  });

  test('rolls back what it approved, and nothing else', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    await approveUpdates(db, caller, { updates: [UPDATE], groups: ['Field'], action: 'Install', nowMs });
    await fleet.start();
    await fleet.due(24);
    assert.deepEqual(await fleet.approvals(), ['Field: Install', 'Office: Install', 'Pilot: Install']);
    await rollBackRollouts(db, caller, { ...fleet.request, dryRun: true });
    assert.equal((await fleet.approvals()).length, 3);
    await rollBackRollouts(db, caller, fleet.request);
    assert.deepEqual(await fleet.approvals(), ['Field: Install']);
    assert.equal((await fleet.view()).state, 'rolled-back');
    await fleet.start();
    assert.equal((await fleet.view()).state, 'running');
  });

  test('rolls back by uninstalling, if the update can be', async () => {
    await using fleet = await Fleet.open();
    const { db } = fleet.temp;
    await fleet.start();
    const request = { ...fleet.request, uninstall: true };
    await assert.rejects(rollBackRollouts(db, caller, request), { code: 'OAK_UPDATE_NOT_UNINSTALLABLE' });
    await sql`UPDATE revision SET flags = flags | ${RevisionFlag.Uninstallable}`.execute(db);
    await rollBackRollouts(db, caller, request);
    assert.deepEqual(await fleet.approvals(), ['Pilot: Uninstall']);
  });

  test('leaves what was decided by hand for a group, and goes on', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    await approveUpdates(db, caller, { updates: [UPDATE], groups: ['Pilot'], action: 'Block', nowMs });
    await fleet.start();
    assert.deepEqual(await fleet.approvals(), ['Pilot: Block']);
    assert.deepEqual(await fleet.moves(24), ['approve']);
    assert.deepEqual(await fleet.approvals(), ['Office: Install', 'Pilot: Block']);
  });

  test('is paused and resumed by hand, and keeps its state over a restart', async () => {
    await using fleet = await Fleet.open();
    await fleet.start();
    await pauseRollouts(fleet.temp.db, caller, fleet.request);
    await fleet.temp.reopen();
    assert.equal((await fleet.view()).state, 'paused');
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install (rollout)']);
    assert.deepEqual(await fleet.moves(48), []);
    await fleet.temp.reopen();
    await resumeRollouts(fleet.temp.db, caller, fleet.request);
    assert.deepEqual(await fleet.approvals(), ['Office: Install', 'Pilot: Install']);
  });

  test('halts when its update is declined, expires or brings a licence', async () => {
    for (const [kind, properties] of [
      ['declined', undefined],
      ['expired', 'PublicationState="Expired"'],
      ['licence', 'EulaID="00000000-0000-4000-8000-0000000000aa"'],
    ] as const) {
      await using fleet = await Fleet.open();
      await fleet.start();
      if (properties === undefined)
        await declineUpdates(fleet.temp.db, caller, { ...fleet.request, declined: true });
      else {
        const revision = { id: UPDATE, revisionNumber: 102, type: 'Software', deployable: true } as const;
        await fleet.temp.import([updateDocument({ ...revision, properties })], 'revision');
      }
      assert.deepEqual(await fleet.moves(), ['halt']);
      assert.deepEqual((await fleet.view()).reason, { kind });
    }
  });

  test('takes each step once when two processes ask at the same time', async () => {
    await using fleet = await Fleet.open();
    await fleet.start();
    const { db, nowMs } = fleet.temp;
    const both = await Promise.all([0, 1].map(() => runDueRings(db, nowMs + 24 * HOUR)));
    assert.equal(both.flat().length, 1);
  });
});

describe('pausing everything', () => {
  test('stops every rollout that runs, holds their approvals back, and lets them go on', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    await fleet.start();
    assert.deepEqual(await pauseAll(db, caller, { paused: true, dryRun: true, nowMs }), {
      paused: true,
      rollouts: 1,
    });
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install']);
    await pauseAll(db, caller, { paused: true, nowMs });
    assert.deepEqual(await fleet.approvals(), ['Pilot: Install (rollout)']);
    await fleet.temp.reopen();
    assert.deepEqual(await fleet.moves(48), []);
    assert.equal((await fleet.view()).next, null);
    await pauseAll(fleet.temp.db, caller, { paused: false, nowMs });
    assert.deepEqual(await fleet.moves(), ['approve']);
    const actions = (await listAudit(fleet.temp.db, { subject: 'all' })).map((one) => one.action);
    assert.deepEqual(actions, ['rollout.resume-all', 'rollout.pause-all']);
  });
});

describe('rings', () => {
  test('are listed, shown, replaced and removed; a rollout keeps the ring it began with', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    await fleet.start();
    const ring = { steps: [{ group: 'field' }] };
    await assert.rejects(createRing(db, caller, { name: 'MONTHLY', ring, nowMs }), {
      code: 'OAK_RING_EXISTS',
    });
    await createRing(db, caller, { name: 'MONTHLY', ring, replace: true, nowMs });
    assert.deepEqual(
      (await viewRings(db)).map((one) => [one.name, one.open, one.steps.map((step) => step.group)]),
      [['Monthly', 1, ['Field']]],
    );
    assert.equal((await fleet.view()).steps.length, 3);
    await assert.rejects(removeRing(db, caller, { name: 'Monthly', nowMs }), { code: 'OAK_ROLLOUT_STATE' });
    await rollBackRollouts(db, caller, fleet.request);
    await removeRing(db, caller, { name: 'Monthly', nowMs });
    assert.deepEqual(await viewRings(db), []);
    assert.deepEqual((await viewRollouts(db, { limit: 10, nowMs })).items, []);
  });

  test('are refused for groups that there are not, and without steps', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    const create = (ring: unknown) => createRing(db, caller, { name: 'new', ring, nowMs });
    await assert.rejects(create({ steps: [{ group: 'Pilott' }] }), { code: 'OAK_GROUP_UNKNOWN' });
    await assert.rejects(create({ steps: [] }), { code: 'OAK_RING_INVALID' });
    await assert.rejects(showRing(db, 'Monthy'), { code: 'OAK_RING_UNKNOWN', message: /"Monthly"/ });
  });

  test('refuse updates that cannot be approved, or are on their way already', async () => {
    await using fleet = await Fleet.open();
    const { db, nowMs } = fleet.temp;
    const start = (update: string, acceptLicence = false) =>
      startRollouts(db, caller, { ring: 'Monthly', updates: [update], acceptLicence, nowMs });
    await assert.rejects(start(SAMPLE.member), { code: 'OAK_UPDATE_NOT_DEPLOYABLE' });
    await assert.rejects(start(SAMPLE.bundle), { code: 'OAK_LICENCE_NOT_ACCEPTED' });
    await start(SAMPLE.bundle, true);
    await assert.rejects(start(SAMPLE.bundle), {
      code: 'OAK_ROLLOUT_STATE',
      message: /running in "Monthly"/,
    });
    await assert.rejects(resumeRollouts(db, caller, { updates: [SAMPLE.bundle], nowMs }), {
      code: 'OAK_ROLLOUT_STATE',
    });
    await assert.rejects(pauseRollouts(db, caller, fleet.request), { code: 'OAK_ROLLOUT_UNKNOWN' });
  });
});
