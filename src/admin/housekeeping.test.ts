import assert from 'node:assert/strict';
import { dayOf } from '../store/status-history.ts';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DAY_MS, FleetStore } from '../../test/support/fleet-store.ts';
import {
  MEMBER_FILES,
  SAMPLE,
  sampleDocuments,
  sha1Of,
  updateDocument,
} from '../../test/support/sample-catalogue.ts';
import { approve, decline } from '../../test/support/store-changes.ts';
import { Catalog } from '../catalog/catalog.ts';
import { ordinalOf } from '../catalog/snapshot.ts';
import { SnapshotReader, readSnapshot } from '../store/snapshot-reader.ts';
import type { ContentStore } from '../content/content-store.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import {
  HOUSEKEEPING_TASKS,
  type HousekeepingAction,
  type HousekeepingPolicy,
  type HousekeepingTask,
} from '../fleet/housekeeping-task.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { listAudit } from '../store/audit.ts';
import { declineUpdates } from './approvals.ts';
import { runHousekeeping } from './housekeeping.ts';
import { viewActions, viewRuns } from './housekeeping-history.ts';
import { findUpdate } from './updates.ts';

const CALLER = { name: 'housekeeping' };
const NEWER = '0a000000-0000-4000-8000-000000000099' as UpdateId;
const EXPIRING = '0a000000-0000-4000-8000-000000000098' as UpdateId;

const POLICY: HousekeepingPolicy = {
  expiredDays: 30,
  supersededDays: 30,
  revisionDays: 30,
  fileDays: 30,
  computerDays: 90,
  eventDays: 15,
  findingDays: 30,
  historyDays: 365,
};

const superseding = (): Buffer =>
  Buffer.from(
    updateDocument({ id: NEWER, type: 'Software', deployable: true, titles: { en: 'A newer one' } })
      .toString()
      .replace(
        '<Relationships>',
        `<Relationships><SupersededUpdates><UpdateIdentity UpdateID="${SAMPLE.standalone}"/></SupersededUpdates>`,
      ),
  );
const revised = (id: UpdateId, revisionNumber: number): Buffer =>
  updateDocument({ id, revisionNumber, type: 'Software', deployable: true });
const expired = (): Buffer =>
  updateDocument({
    id: EXPIRING,
    type: 'Software',
    deployable: true,
    properties: 'PublicationState="Expired"',
    titles: { en: 'Gone' },
  });

interface Kept {
  readonly fleet: FleetStore;
  readonly content: ContentStore;
  run(task: HousekeepingTask, policy?: Partial<HousekeepingPolicy>): Promise<readonly HousekeepingAction[]>;
  dryRun(
    task: HousekeepingTask,
    policy?: Partial<HousekeepingPolicy>,
  ): Promise<readonly HousekeepingAction[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function open(documents: readonly Uint8Array[] = sampleDocuments()): Promise<Kept> {
  const fleet = await FleetStore.open(documents);
  const content = await openFolderContentStore(join(fleet.temp.dataFolder, 'content'));
  const doing =
    (dryRun: boolean) =>
    async (task: HousekeepingTask, policy: Partial<HousekeepingPolicy> = {}) => {
      const options = {
        db: fleet.db,
        content,
        policy: { ...POLICY, ...policy },
        now: fleet.temp.now,
        dryRun,
      };
      return (await runHousekeeping(options, CALLER, [task])).flatMap((outcome) => outcome.actions);
    };
  return {
    fleet,
    content,
    run: doing(false),
    dryRun: doing(true),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}

/** What a dry run tells must be what the run then does, and the run must leave nothing for another. */
async function exactly(kept: Kept, task: HousekeepingTask, subjects: readonly string[]): Promise<void> {
  const dry = await kept.dryRun(task);
  const page = { task, limit: 1000 };
  const before = await viewRuns(kept.fleet.db, page);
  assert.deepEqual(before.items, [], 'a dry run leaves no trace');
  const done = await kept.run(task);
  assert.deepEqual(done, dry);
  assert.deepEqual(
    done.map((one) => one.subject),
    subjects,
  );
  const { items: runs } = await viewRuns(kept.fleet.db, page);
  const { items: actions } = await viewActions(kept.fleet.db, page);
  assert.deepEqual(
    actions.map((one) => one.subject).toSorted(),
    [...subjects].toSorted(),
    'everything is listed',
  );
  assert.deepEqual(
    runs.map((one) => [one.actions, one.finishedMs !== null]),
    subjects.length > 0 ? [[subjects.length, true]] : [],
  );
  assert.deepEqual(await kept.run(task), []);
}

describe('superseded updates are declined', () => {
  async function superseded(): Promise<Kept> {
    const kept = await open([...sampleDocuments(), superseding()]);
    const { fleet } = kept;
    await approve(fleet.temp.store, { updateId: NEWER, action: 'Install', nowMs: fleet.nowMs });
    return kept;
  }

  test('when the newer one is approved, nobody needs them and nobody decided for 30 days', async () => {
    await using kept = await superseded();
    kept.fleet.advance(30 * DAY_MS);
    assert.deepEqual(await kept.dryRun('superseded'), []);
    kept.fleet.advance(1);
    await exactly(kept, 'superseded', [SAMPLE.standalone]);
    assert.equal((await findUpdate(kept.fleet.db, SAMPLE.standalone)).declined, true);
    const [entry] = await listAudit(kept.fleet.db, { subject: SAMPLE.standalone });
    assert.deepEqual([entry.action, entry.caller], ['update.decline', 'housekeeping']);
  });

  for (const [name, spoil] of [
    [
      'the newer one is not approved any more',
      (fleet) => approve(fleet.temp.store, { updateId: NEWER, action: 'NotApproved', nowMs: fleet.nowMs }),
    ],
    ['the newer one is declined', (fleet) => decline(fleet.temp.store, NEWER, fleet.nowMs)],
    [
      'they are approved themselves',
      (fleet) =>
        approve(fleet.temp.store, { updateId: SAMPLE.standalone, action: 'Install', nowMs: fleet.nowMs }),
    ],
    [
      'a computer needs them',
      async (fleet) => {
        await fleet.scanned('c1', []);
        await fleet.report('c1', { needed: [SAMPLE.standalone] });
      },
    ],
    [
      'somebody has undeclined them by hand',
      async (fleet) => {
        for (const declined of [true, false])
          await declineUpdates(fleet.db, CALLER, {
            updates: [SAMPLE.standalone],
            declined,
            nowMs: fleet.nowMs,
          });
      },
    ],
  ] as const satisfies readonly (readonly [string, (fleet: FleetStore) => Promise<unknown>])[]) {
    test(`but not when ${name}`, async () => {
      await using kept = await superseded();
      await spoil(kept.fleet);
      kept.fleet.advance(31 * DAY_MS);
      await exactly(kept, 'superseded', []);
    });
  }
});

describe('expired updates are declined', () => {
  test('when nobody decided about them for 30 days, an approval without effect notwithstanding', async () => {
    await using kept = await open([...sampleDocuments(), expired()]);
    await approve(kept.fleet.temp.store, { updateId: EXPIRING, action: 'Install', nowMs: kept.fleet.nowMs });
    kept.fleet.advance(31 * DAY_MS);
    await exactly(kept, 'expired', [EXPIRING]);
  });

  test('but not while they are approved for removal', async () => {
    await using kept = await open([...sampleDocuments(), expired()]);
    await approve(kept.fleet.temp.store, {
      updateId: EXPIRING,
      action: 'Uninstall',
      nowMs: kept.fleet.nowMs,
    });
    kept.fleet.advance(31 * DAY_MS);
    await exactly(kept, 'expired', []);
  });

  test('and never where it is switched off', async () => {
    await using kept = await open([...sampleDocuments(), expired()]);
    kept.fleet.advance(31 * DAY_MS);
    assert.deepEqual(await kept.run('expired', { expiredDays: 0 }), []);
  });
});

describe('old revisions are deleted', () => {
  test('30 days after a newer one came, with everything derived from them, and servers notice', async () => {
    await using kept = await open();
    const { fleet } = kept;
    const reader = new SnapshotReader(fleet.temp.store.reader);
    reader.read();
    const [old] = await fleet.revisionIds([SAMPLE.standalone]);
    await fleet.temp.import([revised(SAMPLE.standalone, 102), revised(SAMPLE.standalone, 103)]);
    reader.read();
    fleet.advance(30 * DAY_MS);
    assert.deepEqual(await kept.dryRun('revisions'), []);
    fleet.advance(1);
    await exactly(kept, 'revisions', [SAMPLE.standalone, SAMPLE.standalone]);
    assert.equal((await findUpdate(fleet.db, SAMPLE.standalone)).revisionNumber, 103);
    for (const table of ['document', 'fragment'] as const) {
      const rows = fleet.db.selectFrom(table).selectAll().where('revision_id', '=', old);
      assert.deepEqual(await rows.execute(), []);
    }
    const change = reader.read();
    assert.ok(change?.revisions !== undefined, 'a full reload');
    const { snapshot } = new Catalog(readSnapshot(fleet.temp.store.reader));
    assert.equal(ordinalOf(snapshot, old), -1);
  });

  test('but not those that a bundle names, nor any of what a prerequisite names', async () => {
    await using kept = await open();
    await kept.fleet.temp.import([
      updateDocument({ id: SAMPLE.member, revisionNumber: 102, type: 'Software' }),
      updateDocument({ id: SAMPLE.detectoid, revisionNumber: 102, type: 'Detectoid' }),
      updateDocument({ id: SAMPLE.product, revisionNumber: 102, type: 'Category' }),
    ]);
    kept.fleet.advance(31 * DAY_MS);
    await exactly(kept, 'revisions', []);
  });

  test('nor what an import that has not finished will refer to', async () => {
    await using kept = await open();
    const { fleet } = kept;
    await fleet.temp.import([revised(SAMPLE.standalone, 102)]);
    fleet.advance(31 * DAY_MS);
    await fleet.temp.import([
      updateDocument({ id: NEWER, type: 'Software', deployable: true, members: [SAMPLE.standalone] }),
    ]);
    await fleet.db
      .updateTable('revision')
      .set({ change: null })
      .where('id', 'in', await fleet.revisionIds([NEWER]))
      .execute();
    await exactly(kept, 'revisions', []);
  });

  test('and what the store knows of their files goes with them', async () => {
    await using kept = await open();
    const { fleet } = kept;
    const withFile = updateDocument({
      id: NEWER,
      type: 'Software',
      deployable: true,
      files: `<Files><File Digest="${Buffer.alloc(20, 7).toString('base64')}" DigestAlgorithm="SHA1" FileName="f" Size="1" Modified="2026-09-30T10:00:00Z"><AdditionalDigest Algorithm="SHA256">${Buffer.alloc(32, 7).toString('base64')}</AdditionalDigest></File></Files>`,
    });
    await fleet.temp.import([withFile, revised(NEWER, 102)]);
    const files = await fleet.temp.count('file');
    fleet.advance(31 * DAY_MS);
    await exactly(kept, 'revisions', [NEWER]);
    assert.equal(await fleet.temp.count('file'), files - 1);
  });
});

describe('stored files are deleted', () => {
  const hex = (content: Uint8Array): string => sha1Of(content).toString('hex').toUpperCase();

  async function stored(): Promise<Kept> {
    const kept = await open();
    for (const { content } of MEMBER_FILES) {
      const writer = kept.content.writer({ sha1: sha1Of(content), size: content.length });
      await writer.write(content);
      await writer.commit();
    }
    return kept;
  }
  const isStored = async (kept: Kept): Promise<boolean> =>
    (await kept.content.stat(sha1Of(MEMBER_FILES[0].content))) !== undefined;
  const both = MEMBER_FILES.map((file) => hex(file.content)).toSorted();

  test('when nothing has needed them for 30 days', async () => {
    await using kept = await stored();
    // The update came lately.
    assert.deepEqual(await kept.run('files'), []);
    kept.fleet.advance(31 * DAY_MS);
    assert.deepEqual(await kept.run('files'), [], 'noticed only now');
    kept.fleet.advance(29 * DAY_MS);
    assert.deepEqual(await kept.run('files'), []);
    kept.fleet.advance(DAY_MS);
    await exactly(kept, 'files', both);
    assert.equal(await isStored(kept), false);
  });

  for (const [name, need] of [
    [
      'their bundle is approved',
      (fleet) =>
        approve(fleet.temp.store, { updateId: SAMPLE.bundle, action: 'Install', nowMs: fleet.nowMs }),
    ],
    [
      'a computer needs their bundle',
      async (fleet) => {
        await fleet.scanned('c1', []);
        await fleet.report('c1', { needed: [SAMPLE.bundle] });
      },
    ],
  ] as const satisfies readonly (readonly [string, (fleet: FleetStore) => Promise<unknown>])[]) {
    test(`but not while ${name}, and the days begin anew afterwards`, async () => {
      await using kept = await stored();
      kept.fleet.advance(31 * DAY_MS);
      await kept.run('files');
      kept.fleet.advance(29 * DAY_MS);
      await need(kept.fleet);
      await kept.run('files');
      kept.fleet.advance(31 * DAY_MS);
      assert.deepEqual(await kept.run('files'), []);
      await decline(kept.fleet.temp.store, SAMPLE.bundle, kept.fleet.nowMs);
      await kept.run('files');
      assert.equal(await isStored(kept), true);
      kept.fleet.advance(31 * DAY_MS);
      assert.deepEqual(
        (await kept.run('files')).map((one) => one.subject),
        both,
      );
    });
  }

  test('a removal that died half-way is finished and listed by the next run', async () => {
    await using kept = await stored();
    kept.fleet.advance(31 * DAY_MS);
    await kept.run('files');
    await kept.fleet.db.updateTable('unneeded_file').set({ doomed: 1 }).execute();
    // One file was removed before the process died, the other was not.
    await kept.content.remove(sha1Of(MEMBER_FILES[0].content));
    const done = await kept.run('files');
    assert.deepEqual(done.map((one) => one.subject).toSorted(), both);
    assert.equal(await kept.fleet.temp.count('unneeded_file'), 0);
  });

  test('and one that became needed meanwhile stays', async () => {
    await using kept = await stored();
    kept.fleet.advance(31 * DAY_MS);
    await kept.run('files');
    await kept.fleet.db.updateTable('unneeded_file').set({ doomed: 1 }).execute();
    await approve(kept.fleet.temp.store, {
      updateId: SAMPLE.bundle,
      action: 'Install',
      nowMs: kept.fleet.nowMs,
    });
    assert.deepEqual(await kept.run('files'), []);
    assert.equal(await isStored(kept), true);
  });
});

test('computers that were silent for long are deleted, and come back by themselves', async () => {
  await using kept = await open();
  const { fleet } = kept;
  await fleet.scanned('c1', []);
  await fleet.report('c1', { needed: [SAMPLE.standalone] });
  fleet.advance(60 * DAY_MS);
  await fleet.scanned('c2', []);
  fleet.advance(31 * DAY_MS);
  await exactly(kept, 'computers', ['c1']);
  assert.equal(await fleet.temp.count('status'), 0);
});

test('events are deleted after their days, many at once, and listed as a number', async () => {
  await using kept = await open();
  const { fleet } = kept;
  const row = {
    ...{
      client_id: 'c1',
      namespace_id: 1,
      event_id: 183,
      source_id: 101,
      time_ms: 1,
      received_ms: fleet.nowMs,
    },
    ...{ update_id: SAMPLE.standalone, revision_number: 1, hresult: 0, app_name: '' },
    ...{ replacement_strings: '[]', misc_data: '[]' },
  };
  for (let at = 0; at < 2_100; at += 100) {
    const rows = Array.from({ length: 100 }, (_, index) => ({ ...row, instance_id: `event-${at + index}` }));
    await fleet.db.insertInto('event').values(rows).execute();
  }
  fleet.advance(10 * DAY_MS);
  await fleet.scanned('c1', []);
  await fleet.failed('c1', SAMPLE.standalone, -1);
  fleet.advance(6 * DAY_MS);
  await exactly(kept, 'events', ['events']);
  const { items } = await viewActions(fleet.db, { task: 'events', limit: 1 });
  assert.equal(items[0].reason, 'deleted: 2100');
  assert.equal(await fleet.temp.count('event'), 1);
});

test('findings that passed and sets that no computer has are deleted', async () => {
  await using kept = await open();
  const { fleet } = kept;
  for (const name of ['a', 'b', 'a']) await fleet.greet('c1', name);
  await fleet.scanned('c1', [SAMPLE.product], 'a');
  assert.deepEqual(await kept.run('records'), []);
  fleet.advance(31 * DAY_MS);
  await fleet.scanned('c1', [SAMPLE.product, SAMPLE.detectoid], 'a');
  const done = await kept.run('records');
  assert.deepEqual(
    done.map((one) => [one.subject, one.reason]),
    [
      ['findings', 'deleted: 1'],
      ['identities', 'deleted: 2'],
      ['installedSets', 'deleted: 1'],
    ],
  );
});

test('trends are kept for two years', async () => {
  await using kept = await open();
  const { fleet } = kept;
  const today = dayOf(fleet.temp.now());
  const row = {
    ...{
      scope: 'placement' as const,
      first: '',
      second: '',
      members: 1,
      unknown: 0,
      needed: 0,
      downloaded: 0,
    },
    ...{ installed: 0, failed: 0, pending_reboot: 0, early: 0 },
    ...{ with_needed: 0, with_failed: 0, with_pending: 0, with_open: 0 },
  };
  const days = [today - 731, today - 730, today - 1];
  await fleet.db
    .insertInto('status_history')
    .values(days.map((day) => ({ ...row, day })))
    .execute();
  const done = await kept.run('records');
  assert.deepEqual(
    done.map((one) => [one.subject, one.reason]),
    [['trend', 'deleted: 1']],
  );
  const left = await fleet.db.selectFrom('status_history').select('day').orderBy('day').execute();
  assert.deepEqual(
    left.map(({ day }) => day),
    days.slice(1),
  );
});

test('a run that is stopped ends after its slice and goes on the next time', async () => {
  await using kept = await open();
  const { fleet } = kept;
  for (let index = 0; index < 12; index++) await fleet.greet(`c${index}`);
  fleet.advance(91 * DAY_MS);
  const stop = new AbortController();
  const options = { db: fleet.db, policy: POLICY, now: fleet.temp.now, signal: stop.signal };
  await runHousekeeping({ ...options, pause: async () => stop.abort() }, CALLER, ['computers']);
  assert.equal(await fleet.temp.count('computer'), 7);
  const { items: runs } = await viewRuns(fleet.db, { task: 'computers', limit: 10 });
  assert.deepEqual(
    runs.map((one) => [one.actions, one.finishedMs]),
    [[5, null]],
  );
  assert.equal((await kept.run('computers')).length, 7);
});

test('all tasks run one after the other, also on an empty store', async () => {
  await using kept = await open([]);
  const outcomes = await runHousekeeping(
    { db: kept.fleet.db, content: kept.content, policy: POLICY, now: kept.fleet.temp.now },
    CALLER,
  );
  assert.equal(outcomes.length, HOUSEKEEPING_TASKS.length);
  assert.ok(outcomes.every((outcome) => outcome.actions.length === 0));
});
