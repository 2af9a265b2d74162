import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientEvent } from '../../test/support/client-event.ts';
import { SAMPLE, sampleDocuments } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { tempWriter } from '../../test/support/temp-writer.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { deleteEventsBefore } from '../store/event-list.ts';
import { setDeclined } from '../store/approvals.ts';
import { numbersOfUpdates } from '../store/update-numbers.ts';
import { createGroup, removeGroup } from './groups.ts';
import { moveComputer } from './computers.ts';
import {
  complianceBy,
  complianceSummary,
  computerCompliance,
  computerStates,
  countSilent,
  failures,
  failureTotals,
  pendingReboots,
  silentComputers,
  updateCompliance,
  updateStates,
  updateTotals,
} from './compliance.ts';
import { complianceTrend } from './compliance-trend.ts';
import { viewEvents, viewRefusals } from './events.ts';

const CALLER = { name: 'test' };
const DAY_MS = 86_400_000;

/** Three computers: one needs and failed, one has everything, one was never heard of again. */
async function fleet(temp: TempStore): Promise<void> {
  await temp.import(sampleDocuments());
  await using writer = tempWriter(temp);
  for (const name of ['anna', 'bert', 'carl']) {
    const greeting = { clientId: `${name}-id`, dnsName: name, address: '', requestedGroups: '' };
    await writer.execute('greet', { greeting, nowMs: temp.nowMs });
  }
  temp.nowMs += 1_000;
  let index = 0;
  const send = (clientId: string, eventId: number, more = {}) => {
    const timeMs = temp.nowMs;
    const event = clientEvent(index++, { clientId, eventId, timeMs, update: undefined, ...more });
    return writer.execute('appendEvents', { receivedMs: timeMs, events: [event] });
  };
  const about = (updateId: UpdateId) => ({ update: { updateId, revisionNumber: 101 } });
  for (const clientId of ['anna-id', 'bert-id']) await send(clientId, 147);
  await send('anna-id', 156, { miscData: [`U=${SAMPLE.standalone};${SAMPLE.bundle}`, `W=${SAMPLE.driver}`] });
  await send('bert-id', 156, { miscData: [`V=${SAMPLE.standalone};${SAMPLE.bundle}`] });
  await send('anna-id', 182, { ...about(SAMPLE.standalone), hresult: 0x8007_0643 | 0 });
}

describe('compliance', () => {
  it('of a computer counts every state, by its id or its name', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const counts = await computerCompliance(temp.db, 'ANNA');
    const { unknown, notApplicable, ...known } = counts;
    assert.deepEqual(known, { needed: 1, downloaded: 0, installed: 0, failed: 1, pendingReboot: 1 });
    assert.equal(unknown, 0);
    assert.deepEqual(await computerCompliance(temp.db, 'anna-id'), counts);
    const { items: states } = await computerStates(temp.db, 'anna', { limit: 100 });
    assert.equal(states.length, notApplicable + 3);
    assert.deepEqual(
      states.slice(0, 3).map((one) => [one.updateId, one.state, one.result?.name]),
      [
        [SAMPLE.standalone, 'failed', 'ERROR_INSTALL_FAILURE'],
        [SAMPLE.driver, 'pendingReboot', undefined],
        [SAMPLE.bundle, 'needed', undefined],
      ],
    );
    const { items: some } = await computerStates(temp.db, 'anna', {
      states: ['Pending-Reboot', 'not applicable'],
      limit: 2,
    });
    assert.deepEqual(
      some.map((one) => one.state),
      ['pendingReboot', 'notApplicable'],
    );
  });

  it('of an update counts every computer', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const {
      updateId,
      title: _,
      kbArticles: __,
      declined: ___,
      ...counts
    } = await updateCompliance(temp.db, SAMPLE.standalone);
    assert.equal(updateId, SAMPLE.standalone);
    assert.deepEqual(counts, {
      ...{ unknown: 1, notApplicable: 0, needed: 0, downloaded: 0 },
      ...{ installed: 1, failed: 1, pendingReboot: 0 },
    });
    const { items: states } = await updateStates(temp.db, SAMPLE.standalone, { limit: 100 });
    assert.deepEqual(
      states.map((one) => [one.name, one.state]),
      [
        ['anna', 'failed'],
        ['bert', 'installed'],
        ['carl', 'unknown'],
      ],
    );
    assert.equal((await updateStates(temp.db, SAMPLE.standalone, { limit: 1 })).items.length, 1);
  });

  it('of groups has the groups below in it, nobody twice', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const nowMs = temp.nowMs;
    await createGroup(temp.db, CALLER, { name: 'Site', nowMs });
    await createGroup(temp.db, CALLER, { name: 'Floor', parent: 'Site', nowMs });
    await moveComputer(temp.db, CALLER, 'anna', ['Site', 'Floor'], nowMs);
    await moveComputer(temp.db, CALLER, 'bert', ['Site'], nowMs);
    const of = async (group: string) => {
      const { computers, failed, installed, withFailed, withNone } = await complianceSummary(
        temp.db,
        { group },
        'server',
      );
      return [computers, failed, installed, withFailed, withNone];
    };
    assert.deepEqual(await of('Site'), [2, 1, 2, 1, 1]);
    assert.deepEqual(await of('Floor'), [1, 1, 0, 1, 0]);
    assert.deepEqual(await of('All Computers'), [3, 1, 2, 1, 2]);
    assert.deepEqual(await of('Unassigned Computers'), [1, 0, 0, 0, 1]);
    const names = (await complianceBy(temp.db, 'group', 'server')).map((one) => [one.name, one.computers]);
    assert.deepEqual(Object.fromEntries(names), {
      'All Computers': 3,
      'Unassigned Computers': 1,
      ...{ Site: 2, Floor: 1 },
    });
    await removeGroup(temp.db, CALLER, { group: 'Site', nowMs });
    assert.deepEqual(await of('Unassigned Computers'), [3, 1, 2, 1, 2]);
  });

  it('of a family has its products in it', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const product = await complianceSummary(temp.db, { product: SAMPLE.product }, 'server');
    assert.ok(product.updates > 0);
    assert.equal(product.computers, 3);
    const family = await complianceSummary(temp.db, { product: SAMPLE.family }, 'server');
    assert.ok(family.updates >= product.updates);
    const classes = await complianceBy(temp.db, 'classification', 'server');
    assert.deepEqual(
      classes.map((one) => one.id),
      [SAMPLE.classification],
    );
  });

  it('names what fails, what waits and who is silent', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const [code] = await failureTotals(temp.db);
    assert.deepEqual([code.hex, code.name, code.computers], ['0x80070643', 'ERROR_INSTALL_FAILURE', 1]);
    const { items: failed } = await failures(temp.db, { code: '0x80070643', limit: 10 });
    assert.deepEqual(
      failed.map((one) => [one.name, one.updateId]),
      [['anna', SAMPLE.standalone]],
    );
    assert.deepEqual(await failures(temp.db, { code: '5', limit: 10 }), { items: [] });
    assert.deepEqual(
      (await pendingReboots(temp.db, { limit: 10 })).items.map((one) => one.updateId),
      [SAMPLE.driver],
    );
    for (const [beforeMs, names] of [
      [temp.nowMs, ['carl']],
      [temp.nowMs + 1, ['carl', 'anna', 'bert']],
    ] as const) {
      const silent = await silentComputers(temp.db, { beforeMs, limit: 10 });
      assert.deepEqual(
        silent.items.map((one) => one.name),
        names,
      );
      assert.equal(await countSilent(temp.db, beforeMs), names.length);
    }
    const {
      items: [most],
    } = await updateTotals(temp.db, { limit: 1 });
    assert.equal(most.needed + most.failed + most.pendingReboot, 1);
    assert.deepEqual(await updateTotals(temp.db, { cve: 'CVE-1999-0001', limit: 10 }), { items: [] });
  });

  it('has a trend with a line for each day since something was known', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const firstMs = temp.nowMs;
    temp.nowMs += 3 * DAY_MS;
    const number = (await numbersOfUpdates(temp.db, [SAMPLE.standalone])).get(SAMPLE.standalone)!;
    await temp.db.transaction().execute((tx) => setDeclined(tx, number, true, temp.nowMs));
    temp.nowMs += DAY_MS;
    const trend = await complianceTrend(temp.db, {}, { days: 30, nowMs: temp.nowMs, targeting: 'server' });
    const nameOf = (days: number): string => new Date(firstMs + days * DAY_MS).toISOString().slice(0, 10);
    assert.deepEqual(
      trend.map((one) => [one.day, one.computers, one.failed, one.withFailed]),
      [
        [nameOf(0), 3, 1, 1],
        [nameOf(1), 3, 1, 1],
        [nameOf(2), 3, 1, 1],
        [nameOf(3), 3, 0, 0],
        [nameOf(4), 3, 0, 0],
      ],
    );
    const product = { product: SAMPLE.product };
    const ofProduct = await complianceTrend(temp.db, product, {
      days: 5,
      nowMs: temp.nowMs,
      targeting: 'server',
    });
    assert.equal(ofProduct[0].updates, ofProduct.at(-1)!.updates + 1);
  });

  it('of what is not there is one clear error', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    await assert.rejects(computerCompliance(temp.db, 'annna'), { code: 'OAK_COMPUTER_UNKNOWN' });
    await assert.rejects(updateCompliance(temp.db, SAMPLE.member), { code: 'OAK_UPDATE_NOT_DEPLOYABLE' });
    await assert.rejects(complianceSummary(temp.db, { group: 'Sites' }, 'server'), {
      code: 'OAK_GROUP_UNKNOWN',
    });
    await assert.rejects(complianceSummary(temp.db, { product: 'None' }, 'server'), {
      code: 'OAK_CATEGORY_UNKNOWN',
    });
    await assert.rejects(computerStates(temp.db, 'anna', { states: ['instaled'], limit: 1 }), /"installed"/);
  });
});

describe('events', () => {
  it('are found by computer, update, kind, time and failure, the last first', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const found = async (query: object): Promise<string[]> =>
      (await viewEvents(temp.db, { limit: 10, ...query })).items.map((one) => `${one.computer} ${one.event}`);
    const all = ['anna installation failed', 'bert detection succeeded', 'anna detection succeeded'];
    assert.deepEqual(await found({}), all);
    assert.deepEqual(await found({ limit: 1 }), all.slice(0, 1));
    assert.deepEqual(await found({ computer: 'bert' }), all.slice(1, 2));
    assert.deepEqual(await found({ update: SAMPLE.standalone }), all.slice(0, 1));
    assert.deepEqual(await found({ event: 'detection succeeded' }), all.slice(1));
    assert.deepEqual(await found({ failures: true }), all.slice(0, 1));
    assert.deepEqual(await found({ failures: true, event: '147' }), []);
    assert.deepEqual(await found({ sinceMs: temp.nowMs + 1 }), []);
    assert.deepEqual(await found({ sinceMs: temp.nowMs }), all);
    await assert.rejects(found({ event: 'instalation failed' }), { code: 'OAK_EVENT_KIND_UNKNOWN' });
    assert.deepEqual(await viewRefusals(temp.db), []);
  });

  it('are deleted from the oldest on, some at a time; states stay', async () => {
    await using temp = await TempStore.open();
    await fleet(temp);
    const before = await computerCompliance(temp.db, 'anna');
    assert.equal(await deleteEventsBefore(temp.db, temp.nowMs, 10), 0);
    assert.equal(await deleteEventsBefore(temp.db, temp.nowMs + 1, 2), 2);
    const {
      items: [left],
    } = await viewEvents(temp.db, { limit: 10 });
    assert.equal(left.event, 'installation failed');
    assert.equal(await deleteEventsBefore(temp.db, temp.nowMs + 1, 2), 1);
    assert.deepEqual(await computerCompliance(temp.db, 'anna'), before);
  });
});
