import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sampleDocuments, SAMPLE, updateDocument } from '../../test/support/sample-catalogue.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { listApprovals } from '../store/approvals.ts';
import { listAudit } from '../store/audit.ts';
import { approveUpdates, declineUpdates, removeApprovals } from './approvals.ts';
import { createGroup } from './groups.ts';
import { acceptLicences } from './licences.ts';
import { pauseAll } from './rollouts.ts';
import { addRule, changeRule, removeRule, runDueRules, runRules, showRule, viewRules } from './rules.ts';
import { findUpdate } from './updates.ts';

const caller = { name: 'test' };
const DAY = 86_400_000;

async function sampleStore(): Promise<TempStore> {
  const temp = await TempStore.open();
  for (const name of ['Pilot', 'Office']) await createGroup(temp.db, caller, { name, nowMs: temp.nowMs });
  await createGroup(temp.db, caller, { name: 'First', parent: 'Pilot', nowMs: temp.nowMs });
  await temp.import(sampleDocuments());
  return temp;
}

function add(temp: TempStore, name: string, rule: Readonly<Record<string, unknown>>) {
  return addRule(temp.db, caller, { name, rule, nowMs: temp.nowMs });
}

/** Decisions about an update, as `Pilot: Install by rule 1`. */
async function decisions(temp: TempStore, update: string): Promise<string[]> {
  const { number } = await findUpdate(temp.db, update);
  return (await listApprovals(temp.db, number)).map(
    (one) => `${one.groupName}: ${one.action} by ${one.source.replace(':', ' ')}`,
  );
}

const newUpdate = (number: number, title = `Late ${number}`): Buffer =>
  updateDocument({
    id: `0a000000-0000-4000-8000-${String(500 + number).padStart(12, '0')}` as UpdateId,
    type: 'Software',
    deployable: true,
    titles: { en: title },
    categories: [SAMPLE.product, SAMPLE.classification],
  });

describe('running rules', () => {
  test('does exactly what the dry run tells, and nothing the second time', async () => {
    await using temp = await sampleStore();
    await add(temp, 'all', { groups: ['Pilot'], deadlineDays: 3 });
    await add(temp, 'net', { groups: ['Office', 'Pilot'], driverClasses: ['Net'], priority: 1 });
    const { nowMs, db } = temp;
    const told = await runRules(db, caller, { dryRun: true, nowMs });
    assert.equal(await temp.count('approval'), 0);
    assert.deepEqual(await runRules(db, caller, { nowMs }), told);
    assert.equal(await temp.count('approval'), told.approvals.length);
    const stored = await db
      .selectFrom('approval')
      .innerJoin('update_entry', 'number', 'update_number')
      .selectAll()
      .execute();
    const key = (updateId: string, groupId: string, deadline: number | null) =>
      `${updateId} ${groupId} ${deadline}`;
    assert.deepEqual(
      stored.map((row) => key(row.update_id, row.group_id, row.deadline_ms)).sort(),
      told.approvals.map((one) => key(one.updateId, one.groupId, one.deadlineMs)).sort(),
    );
    assert.deepEqual(await decisions(temp, SAMPLE.driver), [
      'Office: Install by rule 2',
      'Pilot: Install by rule 2',
    ]);
    assert.deepEqual(await decisions(temp, SAMPLE.standalone), ['Pilot: Install by rule 1']);
    assert.deepEqual((await runRules(db, caller, { nowMs })).approvals, []);
  });

  test('passes over what has a licence that nobody accepted, and says so', async () => {
    await using temp = await sampleStore();
    await add(temp, 'bundles', { groups: ['Pilot'], titles: ['A bundle'] });
    const { nowMs, db } = temp;
    const { approvals, waiting } = await runRules(db, caller, { nowMs });
    assert.deepEqual([approvals.length, waiting.map((one) => one.updateId)], [0, [SAMPLE.bundle]]);
    await acceptLicences(db, caller, { updates: [SAMPLE.bundle], nowMs });
    assert.equal((await runRules(db, caller, { nowMs })).approvals.length, 1);
  });

  test('resolves products by their family, and leaves what it excludes alone', async () => {
    await using temp = await sampleStore();
    await add(temp, 'family', {
      groups: ['Pilot'],
      products: ['Example Family'],
      classifications: ['Example Updates'],
      excludeProducts: ['Other Product'],
      excludeTitles: ['A bundle'],
    });
    const { approvals } = await runRules(temp.db, caller, { nowMs: temp.nowMs });
    assert.deepEqual(
      approvals.map((one) => one.updateId),
      [SAMPLE.standalone],
    );
  });

  test('knows the languages of a payload', async () => {
    await using temp = await sampleStore();
    const german = newUpdate(1)
      .toString()
      .replace('<Properties ', '<Properties ')
      .replace(/(<Properties[^>]*)\/>/, '$1><Language>de</Language></Properties>');
    await temp.import([Buffer.from(german)], 'german');
    await add(temp, 'french', { groups: ['Pilot'], titles: ['Late*'], languages: ['fr'] });
    await add(temp, 'german', { groups: ['Office'], titles: ['Late*'], languages: ['de'] });
    const { approvals } = await runRules(temp.db, caller, { nowMs: temp.nowMs });
    assert.deepEqual(
      approvals.map((one) => one.rule),
      ['german'],
    );
  });

  test('decides nothing with a rule that rests, unless it is named', async () => {
    await using temp = await sampleStore();
    await add(temp, 'all', { groups: ['Pilot'], enabled: false });
    const { nowMs, db } = temp;
    assert.deepEqual((await runRules(db, caller, { nowMs })).approvals, []);
    assert.notEqual((await runRules(db, caller, { names: ['ALL'], nowMs })).approvals.length, 0);
    await assert.rejects(runRules(db, caller, { names: ['al'], nowMs }), { code: 'OAK_RULE_UNKNOWN' });
  });

  test('lets the lower number decide for a group, and among equals the earlier deadline', async () => {
    await using temp = await sampleStore();
    const titles = ['Software 12'];
    await add(temp, 'late', { groups: ['Pilot', 'Office'], titles, deadlineDays: 9 });
    await add(temp, 'early', { groups: ['Pilot', 'Office'], titles, deadlineDays: 2 });
    await add(temp, 'keep out', { groups: ['Office'], titles, priority: 5, action: 'not-approved' });
    await runRules(temp.db, caller, { nowMs: temp.nowMs });
    assert.deepEqual(await decisions(temp, SAMPLE.standalone), [
      'Office: NotApproved by rule 3',
      'Pilot: Install by rule 2',
    ]);
  });
});

describe('a decision by hand', () => {
  test('is never overridden: for the group, what it inherits from, taken back, or undeclined', async () => {
    await using temp = await sampleStore();
    const { nowMs, db } = temp;
    const decide = (update: string, group: string, action: 'NotApproved' | 'Install') =>
      approveUpdates(db, caller, { updates: [update], groups: [group], action, nowMs });
    await decide(SAMPLE.standalone, 'Pilot', 'NotApproved');
    await decide(SAMPLE.otherUpdate, 'First', 'Install');
    const removal = { updates: [SAMPLE.otherUpdate], groups: ['First'], nowMs };
    await removeApprovals(db, caller, removal);
    for (const declined of [true, false])
      await declineUpdates(db, caller, { updates: [SAMPLE.driver], declined, nowMs });
    await add(temp, 'all', { groups: ['First', 'Office'], excludeTitles: ['A bundle'] });
    await runRules(db, caller, { nowMs });
    assert.deepEqual(await decisions(temp, SAMPLE.standalone), [
      'Office: Install by rule 1',
      'Pilot: NotApproved by manual',
    ]);
    assert.deepEqual(await decisions(temp, SAMPLE.otherUpdate), ['Office: Install by rule 1']);
    assert.deepEqual(await decisions(temp, SAMPLE.driver), []);
    // Taken back by hand, it is not decided again.
    await removeApprovals(db, caller, { ...removal, groups: ['Office'] });
    await runRules(db, caller, { nowMs });
    assert.deepEqual(await decisions(temp, SAMPLE.otherUpdate), []);
  });

  test('whatever is decided by hand in whatever order, rules leave it as it is', async () => {
    const updates = [SAMPLE.standalone, SAMPLE.otherUpdate, SAMPLE.driver];
    const act = fc.record({
      update: fc.constantFrom(...updates),
      group: fc.constantFrom('All Computers', 'Pilot', 'First', 'Office'),
      does: fc.constantFrom('NotApproved', 'Block', 'Install', 'remove', 'run', 'due'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 10 }), async (acts) => {
        await using temp = await sampleStore();
        const { nowMs, db } = temp;
        await add(temp, 'all', { groups: ['First', 'Pilot', 'Office'] });
        const byHand = new Map<string, string>();
        for (const { update, group, does } of acts) {
          if (does === 'run') await runRules(db, caller, { nowMs });
          else if (does === 'due') await runDueRules(db, nowMs);
          else if (does === 'remove') {
            const changed = await removeApprovals(db, caller, { updates: [update], groups: [group], nowMs });
            if (changed.length > 0) byHand.set(`${update} ${group}`, 'nothing');
          } else {
            await approveUpdates(db, caller, {
              updates: [update],
              groups: [group],
              action: does,
              nowMs,
            });
            byHand.set(`${update} ${group}`, does);
          }
          for (const [key, action] of byHand) {
            const [id, ...words] = key.split(' ');
            const { number } = await findUpdate(db, id);
            const now = (await listApprovals(db, number)).find((one) => one.groupName === words.join(' '));
            assert.equal(now?.action ?? 'nothing', action, key);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('rules that run by themselves', () => {
  test('decide about what arrives after they were made, once', async () => {
    await using temp = await sampleStore();
    temp.nowMs += DAY;
    await add(temp, 'all', { groups: ['Pilot'] });
    assert.deepEqual((await runDueRules(temp.db, temp.nowMs)).approvals, []);
    temp.nowMs += DAY;
    await temp.import([newUpdate(1)], 'late');
    const { approvals } = await runDueRules(temp.db, temp.nowMs);
    assert.deepEqual(
      approvals.map((one) => one.title),
      ['Late 1'],
    );
    assert.deepEqual((await runDueRules(temp.db, temp.nowMs)).approvals, []);
    const [entry] = await listAudit(temp.db, { action: 'update.approve' });
    assert.equal(entry.caller, 'rules');
  });

  test('take a new revision for no new update', async () => {
    await using temp = await sampleStore();
    temp.nowMs += DAY;
    await add(temp, 'all', { groups: ['Pilot'] });
    temp.nowMs += DAY;
    const revision = updateDocument({
      id: SAMPLE.standalone,
      revisionNumber: 102,
      type: 'Software',
      deployable: true,
    });
    await temp.import([revision], 'revision');
    assert.deepEqual((await runDueRules(temp.db, temp.nowMs)).approvals, []);
  });

  test('wait until an update is old enough, and no longer', async () => {
    await using temp = await sampleStore();
    await add(temp, 'week', { groups: ['Pilot'], afterDays: 7, titles: ['Late*'] });
    await temp.import([newUpdate(1)], 'late');
    const count = async (ms: number): Promise<number> => (await runDueRules(temp.db, ms)).approvals.length;
    assert.equal(await count(temp.nowMs), 0);
    assert.equal(await count(temp.nowMs + 7 * DAY - 1), 0);
    // An import in between does not make them forget the one that waits.
    temp.nowMs += DAY;
    await temp.import([newUpdate(2)], 'later');
    assert.equal(await count(temp.nowMs), 0);
    assert.equal(await count(temp.nowMs + 6 * DAY), 1);
    assert.equal(await count(temp.nowMs + 7 * DAY), 1);
    assert.equal(await count(temp.nowMs + 70 * DAY), 0);
  });

  test('decide when a licence is accepted that they wait for', async () => {
    await using temp = await sampleStore();
    await add(temp, 'all', { groups: ['Pilot'], titles: ['A bundle'] });
    assert.equal((await runDueRules(temp.db, temp.nowMs)).waiting.length, 1);
    await acceptLicences(temp.db, caller, { updates: [SAMPLE.bundle], nowMs: temp.nowMs });
    assert.equal((await runDueRules(temp.db, temp.nowMs)).approvals.length, 1);
  });

  test('rest while everything is paused, and catch up', async () => {
    await using temp = await sampleStore();
    await add(temp, 'all', { groups: ['Pilot'] });
    const { db, nowMs } = temp;
    await pauseAll(db, caller, { paused: true, nowMs });
    assert.deepEqual((await runDueRules(db, nowMs)).approvals, []);
    await pauseAll(db, caller, { paused: false, nowMs });
    assert.notEqual((await runDueRules(db, nowMs)).approvals.length, 0);
  });

  test('begin with what arrives after they were enabled again', async () => {
    await using temp = await sampleStore();
    const change = (enabled: boolean) =>
      changeRule(temp.db, caller, { name: 'all', rule: { enabled }, nowMs: temp.nowMs });
    await add(temp, 'all', { groups: ['Pilot'], titles: ['Late*'] });
    await change(false);
    await temp.import([newUpdate(1)], 'late');
    temp.nowMs += DAY;
    await change(true);
    assert.deepEqual((await runDueRules(temp.db, temp.nowMs)).approvals, []);
    await temp.import([newUpdate(2)], 'later');
    assert.equal((await runDueRules(temp.db, temp.nowMs)).approvals[0]?.title, 'Late 2');
  });

  test('decide once when two processes ask at the same time', async () => {
    await using temp = await sampleStore();
    await add(temp, 'all', { groups: ['Pilot'] });
    const both = await Promise.all([runDueRules(temp.db, temp.nowMs), runDueRules(temp.db, temp.nowMs)]);
    assert.equal(both.filter((one) => one.approvals.length > 0).length, 1);
  });
});

describe('a rule', () => {
  test('is shown with names, stored with ids, changed in part, removed, and written down', async () => {
    await using temp = await sampleStore();
    const { db, nowMs } = temp;
    await add(temp, 'Monthly', {
      groups: ['pilot'],
      products: ['example product'],
      severities: ['Critical'],
    });
    const shown = await showRule(db, 'monthly');
    assert.deepEqual([shown.groups, shown.products], [['Pilot'], ['Example Product']]);
    await changeRule(db, caller, {
      name: 'monthly',
      rule: { severities: null, titles: ['x*'], deadlineDays: 3 },
      nowMs,
    });
    const changed = await showRule(db, 'Monthly');
    assert.deepEqual([changed.severities, changed.titles, changed.deadlineDays], [[], ['x*'], 3]);
    assert.deepEqual(changed.products, ['Example Product']);
    await removeRule(db, caller, { name: 'Monthly', dryRun: true, nowMs });
    assert.equal((await viewRules(db)).length, 1);
    await removeRule(db, caller, { name: 'Monthly', nowMs });
    assert.deepEqual(await viewRules(db), []);
    const actions = (await listAudit(db, { action: 'rule' })).map((one) => one.action);
    assert.deepEqual(actions, ['rule.remove', 'rule.change', 'rule.add']);
  });

  for (const [what, rule, expected] of [
    ['of a taken name', { groups: ['Pilot'] }, { code: 'OAK_RULE_EXISTS' }],
    ['for a group that there is not', { groups: ['Pilott'] }, { code: 'OAK_GROUP_UNKNOWN' }],
    [
      'about a product that there is not',
      { groups: ['Pilot'], products: ['Exampel Product'] },
      { code: 'OAK_UPDATE_UNKNOWN', message: /Did you mean "Example Product"/ },
    ],
    [
      'about a classification that is a product',
      { groups: ['Pilot'], classifications: ['Example Product'] },
      { code: 'OAK_UPDATE_UNKNOWN' },
    ],
    ['that says something unknown', { groups: ['Pilot'], title: ['x'] }, { code: 'OAK_RULE_INVALID' }],
  ] as const) {
    test(`${what} is refused`, async () => {
      await using temp = await sampleStore();
      await add(temp, 'taken', { groups: ['Pilot'] });
      await assert.rejects(add(temp, expected.code === 'OAK_RULE_EXISTS' ? 'TAKEN' : 'new', rule), expected);
    });
  }

  test('that there is not is refused with the nearest name', async () => {
    await using temp = await sampleStore();
    await add(temp, 'Monthly', { groups: ['Pilot'] });
    const unknown = { code: 'OAK_RULE_UNKNOWN', message: /Did you mean "Monthly"/ };
    await assert.rejects(showRule(temp.db, 'montly'), unknown);
    await assert.rejects(removeRule(temp.db, caller, { name: 'montly', nowMs: 1 }), unknown);
    await assert.rejects(changeRule(temp.db, caller, { name: 'montly', rule: {}, nowMs: 1 }), unknown);
  });
});
