import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sampleDocuments, SAMPLE } from '../../../test/support/sample-catalogue.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { SETTINGS_TABLE } from '../../server/settings-table.ts';
import { firstForgedAudit, listAudit } from '../../store/audit.ts';
import { approveUpdates } from '../approvals.ts';
import { addGroupRule } from '../group-rules.ts';
import { createGroup, removeGroup, viewGroups } from '../groups.ts';
import { createRing } from '../rings.ts';
import { startRollouts } from '../rollouts.ts';
import { addRule, changeRule, showRule } from '../rules.ts';
import { setSetting } from '../settings.ts';
import { applyPolicy, viewPlan, type ApplyRequest } from './apply-policy.ts';
import { exportPolicy } from './export-policy.ts';
import type { PolicyChange } from './policy-change.ts';
import { parsePolicy, type PolicyDocument } from './policy-document.ts';
import { viewDrift } from './policy-drift.ts';
import { readPolicyState } from './policy-state.ts';

const caller = { name: 'test' };
const parse = (data: object): PolicyDocument => parsePolicy({ version: 1, ...data }, SETTINGS_TABLE);

async function sampleStore(): Promise<TempStore> {
  const temp = await TempStore.open();
  await temp.import(sampleDocuments());
  return temp;
}

function apply(temp: TempStore, data: object, more: Partial<ApplyRequest> = {}) {
  const document = parse(data);
  return applyPolicy(temp.db, caller, { document, settings: SETTINGS_TABLE, nowMs: temp.nowMs, ...more });
}

const plan = (temp: TempStore, data: object, prune = false) => viewPlan(temp.db, parse(data), { prune });
const headlines = (changes: readonly PolicyChange[]): string[] =>
  changes.map((one) => `${one.kind} ${one.noun} ${one.name}`);
const paths = async (temp: TempStore): Promise<string[]> =>
  (await viewGroups(temp.db)).map((one) => one.path.slice(1).join('/')).filter((one) => one !== '');

const POLICY = {
  groups: [{ name: 'Pilot', groups: [{ name: 'Berlin' }] }, { name: 'Office' }],
  groupRules: [{ name: 'tills', group: 'Berlin', names: ['till-*'] }],
  rules: [{ name: 'Monthly', groups: ['Pilot'], products: ['example product'], afterDays: 7 }],
  rings: [{ name: 'Slow', steps: [{ group: 'Pilot' }, { group: 'Office', afterHours: 48 }] }],
  settings: { 'sync.pageUpdates': 300 },
};

describe('applying a policy', () => {
  test('makes everything as it says, once, and writes each change down', async () => {
    await using temp = await sampleStore();
    const told = await plan(temp, POLICY);
    assert.deepEqual(headlines(told.changes), [
      'create group Pilot',
      'create group Berlin',
      'create group Office',
      'create groupRule tills',
      'create rule Monthly',
      'create ring Slow',
      'create setting sync.pageUpdates',
    ]);
    assert.deepEqual(await apply(temp, POLICY), told);
    assert.deepEqual((await paths(temp)).sort(), ['Office', 'Pilot', 'Pilot/Berlin', 'Unassigned Computers']);
    assert.deepEqual((await showRule(temp.db, 'monthly')).products, ['Example Product']);
    const actions = (await listAudit(temp.db, {})).map((one) => one.action).reverse();
    assert.deepEqual(actions, [
      ...[
        'group.create',
        'group.create',
        'group.create',
        'group-rule.add',
        'rule.add',
        'ring.create',
        'setting.set',
      ],
      'policy.apply',
    ]);
    const again = await apply(temp, POLICY);
    assert.deepEqual([again.changes, again.unmanaged], [[], []]);
    assert.equal(await temp.count('audit'), actions.length);
    assert.equal(await firstForgedAudit(temp.db), undefined);
  });

  test('leaves sections alone that it does not have', async () => {
    await using temp = await sampleStore();
    await apply(temp, POLICY);
    const { changes, unmanaged } = await apply(temp, { rules: [] }, { prune: true });
    assert.deepEqual([headlines(changes), unmanaged], [['remove rule Monthly'], []]);
    assert.equal((await paths(temp)).length, 4);
  });

  test('puts back to its default what it does not say', async () => {
    await using temp = await sampleStore();
    await apply(temp, POLICY);
    await changeRule(temp.db, caller, {
      name: 'Monthly',
      rule: { deadlineDays: 3, titles: ['x'], enabled: false },
      nowMs: 1,
    });
    const { changes } = await apply(temp, POLICY);
    assert.deepEqual(headlines(changes), ['change rule Monthly']);
    const { deadlineDays, titles, enabled, afterDays } = await showRule(temp.db, 'Monthly');
    assert.deepEqual([deadlineDays, titles, enabled, afterDays], [undefined, [], true, 7]);
  });

  test('takes the order of lists that mean sets, the case of names, ids and titles for the same', async () => {
    await using temp = await sampleStore();
    const rule = { name: 'a', groups: ['Pilot', 'Office'], severities: ['Low', 'Critical'] };
    await apply(temp, { ...POLICY, rules: [{ ...rule, products: ['Example Product', 'Other Product'] }] });
    const office = (await viewGroups(temp.db)).find((one) => one.name === 'Office')!.id;
    const products = ['other product', SAMPLE.product, 'Other Product'];
    const other = { name: 'A', groups: [office, 'pilot'], severities: ['Critical', 'Low'], products };
    assert.deepEqual((await plan(temp, { ...POLICY, rules: [other] })).changes, []);
    const steps = [...POLICY.rings[0].steps].reverse();
    assert.deepEqual(headlines((await plan(temp, { rings: [{ name: 'slow', steps }] })).changes), [
      'change ring Slow',
    ]);
  });

  test('changes assignment rules and rings in place', async () => {
    await using temp = await sampleStore();
    await apply(temp, POLICY);
    const before = await readPolicyState(temp.db);
    await apply(temp, {
      groupRules: [{ name: 'Tills', group: 'Office', names: ['pos-*'] }],
      rings: [{ name: 'slow', action: 'optional', steps: [{ group: 'Office' }] }],
    });
    const after = await readPolicyState(temp.db);
    assert.deepEqual(
      [after.groupRules[0].id, after.rings[0].id, after.groupRules[0].name],
      [before.groupRules[0].id, before.rings[0].id, 'tills'],
    );
    assert.deepEqual([after.groupRules[0].rule.names, after.rings[0].ring.action], [['pos-*'], 'optional']);
    const [change] = await listAudit(temp.db, { action: 'group-rule.change' });
    assert.equal((change.before as { group: string }).group, 'Berlin');
  });

  test('does nothing in a dry run, and tells the same', async () => {
    await using temp = await sampleStore();
    const told = await apply(temp, POLICY, { dryRun: true });
    assert.equal(await temp.count('audit'), 0);
    assert.deepEqual(await plan(temp, POLICY), told);
    await assert.rejects(viewDrift(temp.db, SETTINGS_TABLE), { code: 'OAK_POLICY_NONE' });
  });

  test('does what was looked at, and nothing else', async () => {
    await using temp = await sampleStore();
    const { digest } = await plan(temp, POLICY);
    await createGroup(temp.db, caller, { name: 'Other', nowMs: 1 });
    await apply(temp, POLICY, { dryRun: true, planDigest: digest });
    await createGroup(temp.db, caller, { name: 'Office', nowMs: 1 });
    const moved = { code: 'OAK_POLICY_MOVED' };
    await assert.rejects(apply(temp, POLICY, { planDigest: digest }), moved);
    await assert.rejects(apply(temp, POLICY, { planDigest: digest, prune: true }), moved);
    await apply(temp, POLICY, { planDigest: (await plan(temp, POLICY)).digest });
  });

  test('is all or nothing: what fails in the end takes back what was done before', async () => {
    await using temp = await sampleStore();
    await apply(temp, POLICY);
    await startRollouts(temp.db, caller, { ring: 'Slow', updates: [SAMPLE.standalone], nowMs: temp.nowMs });
    const before = [await readPolicyState(temp.db), await temp.count('audit')];
    const next = { ...POLICY, groups: [{ name: 'New', groups: POLICY.groups }], rings: [], settings: {} };
    const { changes } = await plan(temp, next, true);
    assert.match(changes.find((one) => one.noun === 'ring')?.warnings.join() ?? '', /cannot be removed/);
    await assert.rejects(apply(temp, next, { prune: true }), { code: 'OAK_ROLLOUT_STATE' });
    assert.deepEqual([await readPolicyState(temp.db), await temp.count('audit')], before);
    assert.deepEqual((await viewDrift(temp.db, SETTINGS_TABLE)).changes, []);
  });
});

describe('groups of a policy', () => {
  async function withGroups(...groups: readonly (readonly [string, string?])[]): Promise<TempStore> {
    const temp = await sampleStore();
    for (const [name, parent = 'All Computers'] of groups)
      await createGroup(temp.db, caller, { name, parent, nowMs: 1 });
    return temp;
  }

  test('can be turned upside down', async () => {
    await using temp = await withGroups(['A'], ['B', 'A'], ['C', 'B']);
    const groups = [{ name: 'C', groups: [{ name: 'B', groups: [{ name: 'A' }] }] }];
    const { changes } = await apply(temp, { groups });
    assert.deepEqual(headlines(changes), ['move group C', 'move group B', 'move group A']);
    assert.deepEqual(await paths(temp), ['C', 'C/B', 'C/B/A', 'Unassigned Computers']);
  });

  test('are renamed with what they hold, once', async () => {
    await using temp = await withGroups(['Old']);
    await addRule(temp.db, caller, { name: 'r', rule: { groups: ['Old'] }, nowMs: 1 });
    await approveUpdates(temp.db, caller, {
      updates: [SAMPLE.standalone],
      groups: ['Old'],
      action: 'Install',
      nowMs: 1,
    });
    const document = {
      groups: [{ name: 'Top', groups: [{ name: 'New', formerly: 'old' }] }],
      rules: [{ name: 'r', groups: ['New'] }],
    };
    const { changes } = await apply(temp, document);
    assert.deepEqual(headlines(changes), ['create group Top', 'rename group Old', 'move group New']);
    assert.match(changes[1].warnings.join(), /group policy/);
    assert.equal((await readPolicyState(temp.db)).groups.find((one) => one.name === 'New')?.approvals, 1);
    assert.deepEqual((await apply(temp, document)).changes, []);
    // Somebody makes a new one of the old name: that one is no longer meant.
    await createGroup(temp.db, caller, { name: 'Old', nowMs: 1 });
    assert.deepEqual(headlines((await plan(temp, document)).unmanaged), ['remove group Old']);
  });

  test('may change the case of their letters', async () => {
    await using temp = await withGroups(['pilot']);
    const { changes } = await apply(temp, { groups: [{ name: 'Pilot' }] });
    assert.deepEqual([headlines(changes), changes[0].warnings], [['rename group pilot'], []]);
  });

  test('that it does not name are unmanaged, and removed only when asked for, the lowest first', async () => {
    await using temp = await withGroups(['Old'], ['Kept', 'Old'], ['Older', 'Old'], ['Oldest', 'Older']);
    await approveUpdates(temp.db, caller, {
      updates: [SAMPLE.standalone],
      groups: ['Older'],
      action: 'Install',
      nowMs: 1,
    });
    const document = { groups: [{ name: 'Kept' }] };
    const without = await apply(temp, document);
    assert.deepEqual(headlines(without.changes), ['move group Kept']);
    assert.deepEqual(headlines(without.unmanaged), [
      'remove group Oldest',
      'remove group Older',
      'remove group Old',
    ]);
    assert.match(without.unmanaged[1].warnings.join(), /1 approval for it/);
    const { digest } = await plan(temp, document, true);
    await approveUpdates(temp.db, caller, {
      updates: [SAMPLE.otherUpdate],
      groups: ['Older'],
      action: 'Install',
      nowMs: 1,
    });
    // More would be lost than was told.
    await assert.rejects(apply(temp, document, { prune: true, planDigest: digest }), {
      code: 'OAK_POLICY_MOVED',
    });
    await apply(temp, document, { prune: true });
    assert.deepEqual(await paths(temp), ['Kept', 'Unassigned Computers']);
  });

  test('are not removed while something names them, and the plan says what', async () => {
    await using temp = await withGroups(['Old'], ['Pilot']);
    const { db } = temp;
    await addGroupRule(db, caller, { name: 'tills', group: 'Old', rule: { names: ['x'] }, nowMs: 1 });
    await addRule(db, caller, { name: 'r', rule: { groups: ['Old'] }, nowMs: 1 });
    await createRing(db, caller, { name: 's', ring: { steps: [{ group: 'Old' }] }, nowMs: 1 });
    const groups = [{ name: 'Pilot' }];
    const { changes } = await plan(temp, { groups }, true);
    assert.match(changes[0].warnings.join(), /the assignment rule "tills", the rule "r", the ring "s"/);
    await assert.rejects(apply(temp, { groups }, { prune: true }), { code: 'OAK_GROUP_IN_USE' });
    const other = { groups, groupRules: [], rules: [], rings: [{ name: 's', steps: [{ group: 'Pilot' }] }] };
    assert.deepEqual((await plan(temp, other, true)).changes.at(-1)?.warnings, []);
    await apply(temp, other, { prune: true });
    assert.deepEqual(await paths(temp), ['Pilot', 'Unassigned Computers']);
  });

  test('of every server can have others below them, and are nothing else', async () => {
    await using temp = await withGroups();
    const groups = [
      { name: 'All Computers', groups: [{ name: 'A' }] },
      { name: 'unassigned computers', groups: [{ name: 'B' }] },
    ];
    await apply(temp, { groups });
    assert.deepEqual((await paths(temp)).sort(), ['A', 'Unassigned Computers', 'Unassigned Computers/B']);
    const { groups: written } = await exportPolicy(temp.db, SETTINGS_TABLE);
    assert.deepEqual((await plan(temp, { groups: written })).changes, []);
    for (const wrong of [
      [{ name: 'A', groups: [{ name: 'Unassigned Computers' }] }],
      [{ name: 'All Computers', formerly: 'A' }],
      [{ name: 'X', formerly: 'Unassigned Computers' }],
    ])
      await assert.rejects(plan(temp, { groups: wrong }), { code: 'OAK_GROUP_BUILT_IN' });
  });
});

describe('a policy that names what there is not is refused', () => {
  for (const [what, data, code, message] of [
    [
      'a group in a rule',
      { rules: [{ name: 'r', groups: ['Pilott'] }] },
      'OAK_GROUP_UNKNOWN',
      /the rule "r".*"Pilot"/,
    ],
    [
      'a group in a ring',
      { rings: [{ name: 's', steps: [{ group: 'x' }] }] },
      'OAK_GROUP_UNKNOWN',
      /the ring "s"/,
    ],
    [
      'a group in an assignment rule',
      { groupRules: [{ name: 't', group: 'x', names: ['y'] }] },
      'OAK_GROUP_UNKNOWN',
      /the assignment rule "t"/,
    ],
    [
      'a product',
      { rules: [{ name: 'r', groups: ['Pilot'], products: ['Exampel Product'] }] },
      'OAK_UPDATE_UNKNOWN',
      /In the rule "r".*"Example Product"/,
    ],
  ] as const) {
    test(what, async () => {
      await using temp = await sampleStore();
      await createGroup(temp.db, caller, { name: 'Pilot', nowMs: 1 });
      await assert.rejects(plan(temp, data), { code, message });
      await assert.rejects(apply(temp, data), { code });
    });
  }
});

describe('drift', () => {
  test('is what has become different from what was applied last', async () => {
    await using temp = await sampleStore();
    await assert.rejects(viewDrift(temp.db, SETTINGS_TABLE), { code: 'OAK_POLICY_NONE' });
    await apply(temp, POLICY);
    const inStep = await viewDrift(temp.db, SETTINGS_TABLE);
    assert.deepEqual([inStep.changes, inStep.unmanaged, inStep.appliedBy], [[], [], 'test']);
    assert.equal(inStep.appliedMs, temp.nowMs);
    await removeGroup(temp.db, caller, { group: 'Office', nowMs: 1 }).catch(() => undefined);
    await createGroup(temp.db, caller, { name: 'Stray', nowMs: 1 });
    await setSetting(temp.db, caller, SETTINGS_TABLE, { key: 'sync.pageUpdates', value: 5, nowMs: 1 });
    await setSetting(temp.db, caller, SETTINGS_TABLE, { key: 'log.level', value: 'warn', nowMs: 1 });
    const found = await viewDrift(temp.db, SETTINGS_TABLE);
    assert.deepEqual(headlines(found.changes), ['change setting sync.pageUpdates']);
    assert.deepEqual(headlines(found.unmanaged), ['remove setting log.level', 'remove group Stray']);
    temp.nowMs += 1;
    // The same policy again: nothing to write down but what had to be changed back.
    await apply(temp, POLICY);
    const [entry] = await listAudit(temp.db, { action: 'policy.apply' });
    assert.equal((entry.after as { changes: number }).changes, 1);
    assert.equal((await viewDrift(temp.db, SETTINGS_TABLE)).appliedMs, temp.nowMs);
  });
});

describe('whatever is there and whatever the policy says', () => {
  const NAMES = ['A', 'B', 'C', 'D', 'E'] as const;
  const name = fc.constantFrom(...NAMES);
  const anyName = fc.tuple(name, fc.boolean()).map(([one, low]) => (low ? one.toLowerCase() : one));
  const texts = fc.uniqueArray(fc.constantFrom('x*', 'y?', 'z'), { maxLength: 3 });
  const groups = fc
    .uniqueArray(fc.tuple(anyName, fc.option(name)), { selector: ([one]) => one.toLowerCase() })
    .map((drawn) => {
      const nodes = new Map<string, { name: string; groups: object[] }>();
      const top: object[] = [];
      for (const [one, parent] of drawn) {
        const node = { name: one, groups: [] };
        (nodes.get(parent?.toLowerCase() ?? '')?.groups ?? top).push(node);
        nodes.set(one.toLowerCase(), node);
      }
      return top;
    });
  const rule = fc.record(
    {
      name: anyName,
      groups: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
      titles: texts,
      afterDays: fc.nat(3),
      products: fc.subarray(['Example Product', 'Other Product', 'Example Family']),
      action: fc.constantFrom('install', 'not-approved'),
      deadlineDays: fc.nat(3),
      enabled: fc.boolean(),
    },
    { requiredKeys: ['name', 'groups'] },
  );
  const groupRule = fc.record({ name: anyName, group: name, names: fc.constantFrom(['x'], ['y', 'x']) });
  const step = fc.record({ group: name, afterHours: fc.nat(3) }, { requiredKeys: ['group'] });
  const ring = fc.record({ name: anyName, steps: fc.array(step, { minLength: 1, maxLength: 2 }) });
  const unique = <T extends { readonly name: string }>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.uniqueArray(one, { maxLength: 3, selector: (item) => item.name.toLowerCase() });
  const settings = fc.dictionary(
    fc.constantFrom('sync.pageUpdates', 'cookies.lifetimeMinutes'),
    fc.integer({ min: 5, max: 7 }),
    {
      maxKeys: 2,
    },
  );
  const document = fc.record(
    { groups, groupRules: unique(groupRule), rules: unique(rule), rings: unique(ring), settings },
    { requiredKeys: [] },
  );

  test('applying it leaves nothing to do, its export neither, and an error nothing done', async () => {
    await using temp = await sampleStore();
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(document, fc.boolean(), async (data, prune) => {
        const before = await readPolicyState(temp.db);
        const audits = await temp.count('audit');
        try {
          const told = await plan(temp, data, prune);
          assert.deepEqual(await apply(temp, data, { prune, planDigest: told.digest }), told);
          applied++;
          const left = await plan(temp, data, prune);
          assert.deepEqual([left.changes, left.unmanaged], [[], told.unmanaged]);
          assert.deepEqual((await viewDrift(temp.db, SETTINGS_TABLE)).changes, []);
        } catch (error) {
          assert.ok(error instanceof OakumError, String(error));
          assert.match(error.code, /^OAK_GROUP_(UNKNOWN|IN_USE)$/);
          assert.deepEqual([await readPolicyState(temp.db), await temp.count('audit')], [before, audits]);
        }
        const written = await exportPolicy(temp.db, SETTINGS_TABLE);
        const again = await viewPlan(temp.db, parsePolicy(written, SETTINGS_TABLE), { prune: true });
        assert.deepEqual(again.changes, []);
      }),
      { numRuns: 150 },
    );
    assert.ok(applied > 20, `only ${applied} of them could be applied`);
    assert.equal(await firstForgedAudit(temp.db), undefined);
  });
});
