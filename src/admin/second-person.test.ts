import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleDocuments, SAMPLE } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { listApprovals } from '../store/approvals.ts';
import { listAudit } from '../store/audit.ts';
import { declineUpdates, type ApprovalRequest } from './approvals.ts';
import { createGroup, renameGroup } from './groups.ts';
import { createAccount } from './identity/accounts.ts';
import type { Principal } from './identity/roles.ts';
import { createToken, tokenPrincipal } from './identity/tokens.ts';
import { viewLicences } from './licences.ts';
import {
  approveOrRequest,
  confirmApproval,
  rejectApproval,
  showApprovalRequest,
  viewApprovalRequests,
  type RequestedApproval,
} from './second-person.ts';
import { findUpdate } from './updates.ts';

const DAY_MS = 86_400_000;
const STRICT = { secondPerson: true };

const kim: Principal = { name: 'kim', role: 'operator', kind: 'session', accountId: 101 };
const robin: Principal = { name: 'robin', role: 'operator', kind: 'session', accountId: 102 };
const shell: Principal = { name: 'root@localhost', role: 'administrator', kind: 'local' };

async function sampleStore(): Promise<TempStore> {
  const temp = await TempStore.open();
  await temp.import(sampleDocuments());
  return temp;
}

function ask(
  temp: TempStore,
  request: Partial<ApprovalRequest> = {},
  principal = kim,
  house = STRICT,
): Promise<RequestedApproval> {
  return approveOrRequest(
    temp.db,
    principal,
    {
      updates: [SAMPLE.standalone],
      groups: ['All Computers'],
      action: 'Install',
      nowMs: temp.nowMs,
      ...request,
    },
    house,
  );
}

/** The number of a request that waits. */
async function asked(temp: TempStore, request: Partial<ApprovalRequest> = {}): Promise<number> {
  const { request: made } = await ask(temp, request);
  assert.ok(made !== null);
  return made.id;
}

async function approvalsOf(temp: TempStore, update: string = SAMPLE.standalone): Promise<string[]> {
  const { number } = await findUpdate(temp.db, update);
  return (await listApprovals(temp.db, number)).map((one) => `${one.groupName}: ${one.action}`);
}

function confirm(temp: TempStore, id: number, principal = robin, dryRun = false) {
  return confirmApproval(temp.db, principal, { id, dryRun, nowMs: temp.nowMs });
}

const stateOf = async (temp: TempStore, id: number): Promise<string> =>
  (await showApprovalRequest(temp.db, id, temp.nowMs)).state;

describe('an approval for everybody', () => {
  test('waits for a second person, and changes nothing until then', async () => {
    await using temp = await sampleStore();
    const { request, updates } = await ask(temp);
    assert.deepEqual(await approvalsOf(temp), []);
    assert.equal(updates[0]?.updateId, SAMPLE.standalone);
    assert.deepEqual([request?.state, request?.requestedBy, request?.decidedBy], ['waiting', 'kim', null]);
    assert.deepEqual(
      request?.updates.map((one) => one.title),
      [updates[0]?.title],
    );
    assert.deepEqual(await viewApprovalRequests(temp.db, { descending: true, limit: 5, nowMs: temp.nowMs }), [
      request,
    ]);
  });

  test('is made when another account confirms it, deadline and all', async () => {
    await using temp = await sampleStore();
    const id = await asked(temp, { deadlineMs: temp.nowMs + DAY_MS });
    const { updates, request } = await confirm(temp, id);
    assert.equal(updates[0]?.updateId, SAMPLE.standalone);
    assert.deepEqual(
      [request.state, request.decidedBy, request.decidedMs],
      ['confirmed', 'robin', temp.nowMs],
    );
    assert.deepEqual(await approvalsOf(temp), ['All Computers: Install']);
    const { number } = await findUpdate(temp.db, SAMPLE.standalone);
    const [approval] = await listApprovals(temp.db, number);
    assert.equal(approval?.deadlineMs, temp.nowMs + DAY_MS);
  });

  test('is not confirmed by whoever asked, nor by a token of the same account', async () => {
    await using temp = await sampleStore();
    const { id: accountId } = await createAccount(temp.db, shell, {
      name: 'anna',
      role: 'operator',
      nowMs: temp.nowMs,
    });
    const anna: Principal = { name: 'anna', role: 'operator', kind: 'session', accountId };
    const { token } = await createToken(temp.db, anna, {
      name: 'robot',
      role: 'operator',
      nowMs: temp.nowMs,
    });
    const robot = await tokenPrincipal(temp.db, token, temp.nowMs);
    const { request } = await ask(temp, {}, anna);
    for (const oneself of [anna, robot])
      await assert.rejects(confirm(temp, request!.id, oneself), { code: 'OAK_SECOND_PERSON' });
    assert.deepEqual(await approvalsOf(temp), []);
    await confirm(temp, request!.id);
    assert.deepEqual(await approvalsOf(temp), ['All Computers: Install']);
  });

  test('is not confirmed at the machine when it was asked for there, whoever sits there', async () => {
    await using temp = await sampleStore();
    const { request } = await ask(temp, {}, shell);
    const other: Principal = { ...shell, name: 'backup@localhost' };
    await assert.rejects(confirm(temp, request!.id, other), { code: 'OAK_SECOND_PERSON' });
    await confirm(temp, request!.id);
  });

  test('that can no longer be made is refused when somebody confirms it, and goes on waiting', async () => {
    await using temp = await sampleStore();
    const id = await asked(temp);
    const decline = { updates: [SAMPLE.standalone], nowMs: temp.nowMs };
    await declineUpdates(temp.db, robin, { ...decline, declined: true });
    await assert.rejects(confirm(temp, id), { code: 'OAK_UPDATE_DECLINED' });
    assert.equal(await stateOf(temp, id), 'waiting');
    await declineUpdates(temp.db, robin, { ...decline, declined: false });
    await confirm(temp, id);
    assert.deepEqual(await approvalsOf(temp), ['All Computers: Install']);
  });

  test('that cannot be made is refused at once', async () => {
    await using temp = await sampleStore();
    await assert.rejects(ask(temp, { updates: [SAMPLE.member] }), { code: 'OAK_UPDATE_NOT_DEPLOYABLE' });
    await assert.rejects(ask(temp, { action: 'OptionalInstall', deadlineMs: 9 }), { code: 'OAK_DEADLINE' });
    assert.equal(await temp.count('approval_request'), 0);
  });

  test('is about the groups that were meant, whatever they are called by then', async () => {
    await using temp = await sampleStore();
    const { db, nowMs } = temp;
    await createGroup(db, kim, { name: 'Berlin', nowMs });
    const id = await asked(temp, { groups: ['All Computers', 'Berlin'] });
    await renameGroup(db, kim, { group: 'Berlin', name: 'Potsdam', nowMs });
    await createGroup(db, kim, { name: 'Berlin', nowMs });
    await confirm(temp, id);
    assert.deepEqual((await approvalsOf(temp)).toSorted(), ['All Computers: Install', 'Potsdam: Install']);
  });

  test('accepts licences only when it is confirmed', async () => {
    await using temp = await sampleStore();
    const pending = async (): Promise<number> => (await viewLicences(temp.db, { pending: true })).length;
    const before = await pending();
    const id = await asked(temp, { updates: [SAMPLE.bundle], acceptLicence: true });
    assert.equal(await pending(), before);
    await confirm(temp, id);
    assert.equal(await pending(), before - 1);
  });
});

describe('no second person is needed', () => {
  const cases: Readonly<Record<string, Partial<ApprovalRequest>>> = {
    'for a group of some computers': { groups: ['Berlin'] },
    'to take an update from computers': { action: 'NotApproved' },
    'to block an update': { action: 'Block' },
  };
  for (const [what, request] of Object.entries(cases)) {
    test(what, async () => {
      await using temp = await sampleStore();
      await createGroup(temp.db, kim, { name: 'Berlin', nowMs: temp.nowMs });
      assert.equal((await ask(temp, request)).request, null);
      assert.equal((await approvalsOf(temp)).length, 1);
    });
  }

  test('where the house does not want one', async () => {
    await using temp = await sampleStore();
    assert.equal((await ask(temp, {}, kim, { secondPerson: false })).request, null);
    assert.deepEqual(await approvalsOf(temp), ['All Computers: Install']);
  });
});

describe('a request for an approval', () => {
  test('is decided about once', async () => {
    await using temp = await sampleStore();
    const [confirmed, rejected] = [await asked(temp), await asked(temp)];
    await confirm(temp, confirmed);
    await rejectApproval(temp.db, robin, { id: rejected, nowMs: temp.nowMs });
    for (const id of [confirmed, rejected]) {
      await assert.rejects(confirm(temp, id), { code: 'OAK_APPROVAL_REQUEST_DECIDED' });
      await assert.rejects(rejectApproval(temp.db, kim, { id, nowMs: temp.nowMs }), {
        code: 'OAK_APPROVAL_REQUEST_DECIDED',
      });
    }
    await assert.rejects(confirm(temp, 99), { code: 'OAK_APPROVAL_REQUEST_UNKNOWN' });
  });

  test('can be taken back by whoever asked', async () => {
    await using temp = await sampleStore();
    const id = await asked(temp);
    const { state, decidedBy } = await rejectApproval(temp.db, kim, { id, nowMs: temp.nowMs });
    assert.deepEqual([state, decidedBy], ['rejected', 'kim']);
    assert.deepEqual(await approvalsOf(temp), []);
  });

  test('expires after a week, and is listed so', async () => {
    await using temp = await sampleStore();
    const id = await asked(temp);
    const { expiresMs } = await showApprovalRequest(temp.db, id, temp.nowMs);
    assert.equal(expiresMs, temp.nowMs + 7 * DAY_MS);
    temp.nowMs = expiresMs + 1;
    const next = await asked(temp);
    await assert.rejects(confirm(temp, id), { code: 'OAK_APPROVAL_REQUEST_DECIDED', message: /expired/ });
    const listed = async (state: 'waiting' | 'expired'): Promise<number[]> => {
      const query = { state, descending: false, limit: 5, nowMs: temp.nowMs };
      return (await viewApprovalRequests(temp.db, query)).map((one) => one.id);
    };
    assert.deepEqual([await listed('expired'), await listed('waiting')], [[id], [next]]);
    assert.deepEqual(await approvalsOf(temp), []);
  });

  test('in a dry run tells what would be, and is not there afterwards', async () => {
    await using temp = await sampleStore();
    assert.equal((await ask(temp, { dryRun: true })).request?.state, 'waiting');
    assert.equal(await temp.count('approval_request'), 0);
    assert.equal(await temp.count('audit'), 0);
    const id = await asked(temp);
    assert.equal((await confirm(temp, id, robin, true)).request.state, 'confirmed');
    await rejectApproval(temp.db, robin, { id, dryRun: true, nowMs: temp.nowMs });
    assert.equal(await stateOf(temp, id), 'waiting');
    assert.deepEqual(await approvalsOf(temp), []);
  });

  test('is written down with who asked and who decided', async () => {
    await using temp = await sampleStore();
    const id = await asked(temp);
    await confirm(temp, id);
    const other = await asked(temp);
    await rejectApproval(temp.db, robin, { id: other, nowMs: temp.nowMs });
    const entries = (await listAudit(temp.db, {})).toReversed();
    assert.deepEqual(
      entries.map((one) => [one.action, one.caller]),
      [
        ['approval-request.request', 'kim'],
        ['update.approve', 'robin'],
        ['approval-request.confirm', 'robin'],
        ['approval-request.request', 'kim'],
        ['approval-request.reject', 'robin'],
      ],
    );
    assert.deepEqual(entries[2]?.after, { requestedBy: 'kim' });
    const { updates } = entries[0].after as { readonly updates: readonly { readonly updateId: string }[] };
    assert.deepEqual(
      updates.map((one) => one.updateId),
      [SAMPLE.standalone],
    );
  });
});
