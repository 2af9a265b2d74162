import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { sampleDocuments, SAMPLE, updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listApprovals, setDeclined } from '../store/approvals.ts';
import { firstForgedAudit, listAudit } from '../store/audit.ts';
import { assignComputer } from '../store/computers.ts';
import { RevisionFlag } from '../store/schema/catalogue-tables.ts';
import { readSnapshot } from '../store/snapshot-reader.ts';
import { buildAudience } from '../catalog/audience.ts';
import { approveUpdates, declineUpdates, removeApprovals, type ApprovalRequest } from './approvals.ts';
import { createGroup } from './groups.ts';
import { acceptLicences, viewLicences } from './licences.ts';
import { findUpdate } from './updates.ts';

const caller = { name: 'test' };

async function sampleStore(): Promise<TempStore> {
  const temp = await TempStore.open();
  await temp.import(sampleDocuments());
  return temp;
}

function approve(temp: TempStore, request: Partial<ApprovalRequest>) {
  return approveUpdates(temp.db, caller, {
    updates: [SAMPLE.standalone],
    groups: ['All Computers'],
    action: 'Install',
    nowMs: 5,
    ...request,
  });
}

async function setFlag(temp: TempStore, update: string, flag: number): Promise<void> {
  const { revisionId } = await findUpdate(temp.db, update);
  await sql`UPDATE revision SET flags = flags | ${flag} WHERE id = ${revisionId}`.execute(temp.db);
}

/** What a computer in a group is told about an update. */
async function told(
  temp: TempStore,
  update: string,
  groupId: Guid = ALL_COMPUTERS,
): Promise<string | undefined> {
  const { number } = await findUpdate(temp.db, update);
  return buildAudience(readSnapshot(temp.store.reader), [groupId]).approvals.get(number)?.action;
}

async function approvalsOf(temp: TempStore, update: string): Promise<string[]> {
  const { number } = await findUpdate(temp.db, update);
  const approvals = await listApprovals(temp.db, number);
  return approvals.map(
    (one) => `${one.groupName}: ${one.action}${one.withheld === null ? '' : ` (${one.withheld})`}`,
  );
}

describe('an approval', () => {
  test('is stored with its deadline, replaces the one before, and is written down', async () => {
    await using temp = await sampleStore();
    await approve(temp, { deadlineMs: 9 });
    await approve(temp, { action: 'OptionalInstall', nowMs: 6 });
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), ['All Computers: OptionalInstall']);
    const [second, first] = await listAudit(temp.db, { subject: SAMPLE.standalone });
    assert.deepEqual([first.action, first.caller, first.timeMs], ['update.approve', 'test', 5]);
    assert.deepEqual(first.before, { approvals: [] });
    assert.deepEqual(second.before, first.after);
    const { approvals } = first.after as { readonly approvals: readonly unknown[] };
    assert.deepEqual(approvals, [
      {
        groupId: ALL_COMPUTERS,
        group: 'All Computers',
        action: 'Install',
        deadlineMs: 9,
        source: 'manual',
      },
    ]);
    assert.equal(await firstForgedAudit(temp.db), undefined);
  });

  test('changes nothing in a dry run, which tells the same', async () => {
    await using temp = await sampleStore();
    const { updates } = await approve(temp, { dryRun: true });
    assert.equal(updates[0].updateId, SAMPLE.standalone);
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), []);
    assert.equal(await temp.count('audit'), 0);
  });

  test('of several updates is all or nothing', async () => {
    await using temp = await sampleStore();
    await assert.rejects(approve(temp, { updates: [SAMPLE.standalone, SAMPLE.member] }), {
      code: 'OAK_UPDATE_NOT_DEPLOYABLE',
    });
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), []);
  });

  test('of a declined update is refused', async () => {
    await using temp = await sampleStore();
    const updates = [SAMPLE.standalone];
    await declineUpdates(temp.db, caller, { updates, declined: true, nowMs: 1 });
    for (const action of ['Install', 'NotApproved'] as const)
      await assert.rejects(approve(temp, { action }), {
        code: 'OAK_UPDATE_DECLINED',
        message: /Software 12/,
      });
  });

  test('of an expired update is refused unless it removes it', async () => {
    await using temp = await sampleStore();
    await setFlag(temp, SAMPLE.standalone, RevisionFlag.Expired | RevisionFlag.Uninstallable);
    for (const action of ['Install', 'OptionalInstall'] as const)
      await assert.rejects(approve(temp, { action }), { code: 'OAK_UPDATE_EXPIRED' });
    await approve(temp, { action: 'Uninstall' });
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), ['All Computers: Uninstall']);
  });

  test('to uninstall what cannot be is refused', async () => {
    await using temp = await sampleStore();
    await assert.rejects(approve(temp, { action: 'Uninstall' }), {
      code: 'OAK_UPDATE_NOT_UNINSTALLABLE',
      message: /Software 12/,
    });
  });

  test('has no deadline unless it installs or uninstalls', async () => {
    await using temp = await sampleStore();
    for (const action of ['OptionalInstall', 'NotApproved', 'Block'] as const)
      await assert.rejects(approve(temp, { action, deadlineMs: 9 }), { code: 'OAK_DEADLINE' });
  });

  test('for a group that there is not is refused with the nearest name', async () => {
    await using temp = await sampleStore();
    await assert.rejects(approve(temp, { groups: ['All Computer'] }), {
      code: 'OAK_GROUP_UNKNOWN',
      message: /Did you mean "All Computers"/,
    });
  });

  test('taken back lets the group inherit again', async () => {
    await using temp = await sampleStore();
    const { id } = await createGroup(temp.db, caller, { name: 'Pilot', nowMs: 1 });
    await approve(temp, {});
    await approve(temp, { groups: ['Pilot'], action: 'Block' });
    assert.equal(await told(temp, SAMPLE.standalone, id), 'Block');
    const request = { updates: [SAMPLE.standalone], groups: ['Pilot'], nowMs: 7 };
    assert.equal((await removeApprovals(temp.db, caller, { ...request, dryRun: true })).length, 1);
    assert.equal((await removeApprovals(temp.db, caller, request)).length, 1);
    assert.equal((await removeApprovals(temp.db, caller, request)).length, 0);
    assert.equal(await told(temp, SAMPLE.standalone, id), 'Install');
    assert.equal((await listAudit(temp.db, { action: 'update.unapprove' })).length, 1);
  });
});

describe('install against uninstall', () => {
  test('on one computer installs, and is reported with the groups', async () => {
    await using temp = await sampleStore();
    await setFlag(temp, SAMPLE.standalone, RevisionFlag.Uninstallable);
    const groups: Guid[] = [];
    for (const name of ['Office', 'Lab', 'Attic'])
      groups.push((await createGroup(temp.db, caller, { name, nowMs: 1 })).id);
    for (const [name, ...ids] of [
      ['both', groups[0], groups[1]],
      ['one', groups[0]],
      ['neither', groups[0], groups[2]],
    ] as const) {
      await sql`INSERT INTO computer (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms)
        VALUES (${name}, ${name}, '', '', 1, 1)`.execute(temp.db);
      await temp.db.transaction().execute((tx) => assignComputer(tx, name, ids));
    }
    assert.deepEqual((await approve(temp, { groups: ['Office'] })).warnings, []);
    const { warnings } = await approve(temp, { groups: ['Lab'], action: 'Uninstall' });
    assert.deepEqual(
      warnings.map((one) => [one.kind, one.clientId, one.install, one.uninstall]),
      [['install-and-uninstall', 'both', ['Office'], ['Lab']]],
    );
    const { number } = await findUpdate(temp.db, SAMPLE.standalone);
    const audience = buildAudience(readSnapshot(temp.store.reader), groups.slice(0, 2));
    assert.equal(audience.approvals.get(number)?.action, 'Install');
  });
});

describe('a licence', () => {
  test('must be accepted before an update can be installed', async () => {
    await using temp = await sampleStore();
    await assert.rejects(approve(temp, { updates: [SAMPLE.bundle] }), {
      code: 'OAK_LICENCE_NOT_ACCEPTED',
      message: /A bundle/,
    });
    await approve(temp, { updates: [SAMPLE.bundle], action: 'NotApproved' });
    await approve(temp, { updates: [SAMPLE.bundle], acceptLicence: true });
    assert.equal(await told(temp, SAMPLE.bundle), 'Install');
    const [licence] = await viewLicences(temp.db, {});
    assert.deepEqual([licence.acceptedBy, licence.acceptedMs], ['test', 5]);
    assert.deepEqual(await viewLicences(temp.db, { pending: true }), []);
    assert.equal((await listAudit(temp.db, { action: 'licence.accept' })).length, 1);
  });

  test('that a new revision brings stops its approvals until it is accepted', async () => {
    await using temp = await sampleStore();
    await approve(temp, {});
    const revised = (revisionNumber: number, properties: string) =>
      temp.import(
        [
          updateDocument({
            id: SAMPLE.standalone,
            revisionNumber,
            type: 'Software',
            deployable: true,
            properties,
          }),
        ],
        `revision ${revisionNumber}`,
      );
    await revised(102, '');
    assert.equal(await told(temp, SAMPLE.standalone), 'Install');
    await revised(103, 'EulaID="00000000-0000-4000-8000-0000000000aa"');
    assert.equal(await told(temp, SAMPLE.standalone), 'NotApproved');
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), ['All Computers: Install (licence)']);

    const deploymentOf = async () =>
      (await temp.db.selectFrom('approval').selectAll().execute())[0].deployment_id;
    const before = await deploymentOf();
    const accepted = await acceptLicences(temp.db, caller, { updates: [SAMPLE.standalone], nowMs: 8 });
    assert.equal(accepted.length, 1);
    assert.equal(await told(temp, SAMPLE.standalone), 'Install');
    assert.ok((await deploymentOf()) > before);
    assert.deepEqual(await acceptLicences(temp.db, caller, { updates: [SAMPLE.standalone], nowMs: 9 }), []);

    // The next revision has the same licence: nobody has to read it again.
    await revised(104, 'EulaID="00000000-0000-4000-8000-0000000000aa"');
    assert.equal(await told(temp, SAMPLE.standalone), 'Install');
    await revised(105, 'RequiresLicenseAgreementAcceptance="true"');
    assert.equal(await told(temp, SAMPLE.standalone), 'NotApproved');
  });

  test('an expired revision is not installed although an older one was approved', async () => {
    await using temp = await sampleStore();
    await approve(temp, {});
    const expired = updateDocument({
      id: SAMPLE.standalone,
      revisionNumber: 102,
      type: 'Software',
      deployable: true,
      properties: 'PublicationState="Expired"',
    });
    await temp.import([expired], 'expiry');
    assert.equal(await told(temp, SAMPLE.standalone), 'NotApproved');
    assert.deepEqual(await approvalsOf(temp, SAMPLE.standalone), ['All Computers: Install (expired)']);
  });
});

describe('declining', () => {
  for (const name of ['product', 'detectoid', 'member'] as const) {
    test(`a ${name} is refused, and nothing named with it is declined`, async () => {
      await using temp = await sampleStore();
      const updates = [SAMPLE.standalone, SAMPLE[name]];
      await assert.rejects(declineUpdates(temp.db, caller, { updates, declined: true, nowMs: 1 }), {
        code: 'OAK_UPDATE_NOT_DEPLOYABLE',
      });
      for (const update of updates) assert.equal((await findUpdate(temp.db, update)).declined, false);
    });
  }

  test('forgets approvals, and undeclined an update is not approved', async () => {
    await using temp = await sampleStore();
    await approve(temp, {});
    const updates = [SAMPLE.standalone];
    await declineUpdates(temp.db, caller, { updates, declined: true, dryRun: true, nowMs: 1 });
    assert.equal((await findUpdate(temp.db, SAMPLE.standalone)).declined, false);
    await declineUpdates(temp.db, caller, { updates, declined: true, nowMs: 1 });
    await declineUpdates(temp.db, caller, { updates, declined: false, nowMs: 2 });
    assert.equal(await told(temp, SAMPLE.standalone), undefined);
    const actions = (await listAudit(temp.db, { subject: SAMPLE.standalone })).map((one) => one.action);
    assert.deepEqual(actions, ['update.undecline', 'update.decline', 'update.approve']);
  });

  test('can be taken back for everything, also for what cannot be declined any more', async () => {
    await using temp = await sampleStore();
    const { number } = await findUpdate(temp.db, SAMPLE.product);
    await temp.db.transaction().execute((tx) => setDeclined(tx, number, true, 1));
    const request = { updates: [SAMPLE.product], declined: false, nowMs: 1 };
    assert.equal((await declineUpdates(temp.db, caller, request)).length, 1);
    assert.equal((await findUpdate(temp.db, SAMPLE.product)).declined, false);
  });
});
