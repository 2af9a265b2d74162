import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, software, type Decision, type NamedCatalog } from '../../test/support/catalog-builder.ts';
import type { Guid } from '../soap/simple-type.ts';
import { audienceKey, buildAudience } from './audience.ts';

const GROUPS = { Everyone: null, Office: 'Everyone', Pilot: 'Office', Lab: 'Everyone', Attic: null };

function shopWith(decisions: Readonly<Record<string, Decision>>, groups: object = GROUPS): NamedCatalog {
  return catalog(
    { Fix: software(), Other: software() },
    { groups: groups as Record<string, string | null>, approvals: { Fix: decisions } },
  );
}

const until = (day: number, action: 'Install' | 'Uninstall' = 'Install'): Decision => ({
  action,
  deadline: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`,
});

/** What holds for a computer in these groups, as `Install` or `Install until 3`. */
function holds(shop: NamedCatalog, ...groups: string[]): string {
  const approval = shop.audience(...groups).approvals.get(shop.updateNumber('Fix'));
  if (approval === undefined) return 'nothing';
  const { action, deadlineMs } = approval;
  return deadlineMs === null ? action : `${action} until ${new Date(deadlineMs).getUTCDate()}`;
}

describe('the decision that holds for a computer', () => {
  const cases: readonly [
    sentence: string,
    decisions: Readonly<Record<string, Decision>>,
    groups: readonly string[],
    holds: string,
  ][] = [
    ['is its group’s', { Pilot: 'Install' }, ['Pilot'], 'Install'],
    ['is none without a decision', {}, ['Pilot'], 'nothing'],
    ['is not that of another group', { Lab: 'Install' }, ['Pilot'], 'nothing'],
    ['is not that of a group below', { Pilot: 'Install' }, ['Office'], 'nothing'],
    ['is inherited from the parent', { Office: 'Install' }, ['Pilot'], 'Install'],
    ['is inherited over several levels', { Everyone: 'Install' }, ['Pilot'], 'Install'],
    ['is not inherited from outside the line', { Everyone: 'Install' }, ['Attic'], 'nothing'],
    ['overrides the parent', { Everyone: 'Install', Office: 'NotApproved' }, ['Office'], 'NotApproved'],
    ['overrides, also with Block', { Everyone: 'Install', Office: 'Block' }, ['Office'], 'Block'],
    ['overrides for groups below', { Everyone: 'Install', Office: 'NotApproved' }, ['Pilot'], 'NotApproved'],
    [
      'overrides an override',
      { Everyone: 'Install', Office: 'Block', Pilot: 'OptionalInstall' },
      ['Pilot'],
      'OptionalInstall',
    ],
    [
      'is the nearest, not the strongest, of one line',
      { Everyone: 'Install', Office: 'Uninstall' },
      ['Pilot'],
      'Uninstall',
    ],
    ['of several groups is the only one', { Lab: 'Install' }, ['Pilot', 'Lab'], 'Install'],
    [
      'of several groups is Install rather than Uninstall',
      { Lab: 'Install', Pilot: 'Uninstall' },
      ['Pilot', 'Lab'],
      'Install',
    ],
    [
      'of several groups is Uninstall rather than OptionalInstall',
      { Lab: 'OptionalInstall', Pilot: 'Uninstall' },
      ['Pilot', 'Lab'],
      'Uninstall',
    ],
    [
      'of several groups is OptionalInstall rather than NotApproved',
      { Lab: 'OptionalInstall', Pilot: 'NotApproved' },
      ['Pilot', 'Lab'],
      'OptionalInstall',
    ],
    [
      'of several groups is OptionalInstall rather than Block',
      { Lab: 'OptionalInstall', Pilot: 'Block' },
      ['Pilot', 'Lab'],
      'OptionalInstall',
    ],
    [
      'blocks one group, and is inherited by another',
      { Everyone: 'Install', Pilot: 'Block' },
      ['Pilot', 'Lab'],
      'Install',
    ],
    [
      'has the earliest deadline of equally strong ones',
      { Lab: until(7), Pilot: until(3) },
      ['Lab', 'Pilot'],
      'Install until 3',
    ],
    [
      'has a deadline rather than none',
      { Lab: 'Install', Pilot: until(3) },
      ['Lab', 'Pilot'],
      'Install until 3',
    ],
    [
      'is the stronger one, not the one with the earlier deadline',
      { Lab: until(7), Pilot: until(3, 'Uninstall') },
      ['Lab', 'Pilot'],
      'Install until 7',
    ],
    ['is none for a computer in no group', { Everyone: 'Install' }, [], 'nothing'],
  ];
  for (const [sentence, decisions, groups, expected] of cases) {
    test(sentence, () => {
      assert.equal(holds(shopWith(decisions), ...groups), expected);
      assert.equal(holds(shopWith(decisions), ...groups.toReversed()), expected);
    });
  }

  test('of equal ones is the same in whatever order the groups are listed', () => {
    const shop = shopWith({ Lab: until(3), Pilot: until(3) });
    const groups = [shop.groupId('Lab'), shop.groupId('Pilot')];
    const ids = [groups, groups.toReversed()].map(
      (order) => buildAudience(shop.snapshot, order).approvals.get(shop.updateNumber('Fix'))?.deploymentId,
    );
    assert.equal(ids[0], ids[1]);
  });

  test('ends where groups contain each other', () => {
    const shop = shopWith({ A: 'Install' }, { A: 'C', B: 'A', C: 'B', D: 'C' });
    assert.equal(holds(shop, 'D'), 'Install');
    assert.equal(holds(shop, 'B'), 'Install');
  });

  test('is none for a group that is no more', () => {
    const shop = shopWith({ Everyone: 'Install' });
    const gone = 'ffffffff-0000-4000-8000-000000000000' as Guid;
    assert.equal(shop.catalog.audience([gone]).approvals.size, 0);
    assert.equal(shop.catalog.audience([gone, shop.groupId('Everyone')]).approvals.size, 1);
  });
});

describe('the key of an audience', () => {
  test('does not depend on the order of the groups, nor on repetition', () => {
    const { snapshot, ...shop } = namedParts();
    const one = buildAudience(snapshot, [shop.lab, shop.pilot]).key;
    assert.equal(buildAudience(snapshot, [shop.pilot, shop.lab, shop.pilot]).key, one);
    assert.equal(audienceKey([shop.lab, shop.pilot]), audienceKey([shop.pilot, shop.lab, shop.lab]));
  });

  test('differs between groups', () => {
    const { snapshot, lab, pilot } = namedParts();
    const keys = [[], [lab], [pilot], [lab, pilot]].map((groups) => buildAudience(snapshot, groups).key);
    assert.equal(new Set(keys).size, keys.length);
  });

  test('differs when a group moves below another parent, because it inherits from that', () => {
    const before = shopWith({ Lab: 'Install' }, { Everyone: null, Lab: 'Everyone', Pilot: 'Everyone' });
    const after = shopWith({ Lab: 'Install' }, { Everyone: null, Lab: 'Everyone', Pilot: 'Lab' });
    assert.notEqual(before.audience('Pilot').key, after.audience('Pilot').key);
    assert.equal(before.audience('Lab').key, after.audience('Lab').key);
  });

  function namedParts() {
    const shop = shopWith({});
    return { snapshot: shop.snapshot, lab: shop.groupId('Lab'), pilot: shop.groupId('Pilot') };
  }
});
