import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalog, software, type Decision } from '../../test/support/catalog-builder.ts';
import { APPROVAL_ACTIONS, type ApprovalAction } from './catalog-rows.ts';

/** Groups by number: the first is at the top, each other one below one that comes before it. */
interface Drawn {
  readonly parents: readonly number[];
  readonly decisions: readonly (readonly [group: number, action: ApprovalAction, day: number | null])[];
  readonly computer: readonly number[];
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  parents: fc.array(fc.nat(20), { maxLength: 8 }),
  decisions: fc.array(
    fc.tuple(
      fc.nat(20),
      fc.constantFrom(...APPROVAL_ACTIONS),
      fc.option(fc.integer({ min: 1, max: 28 }), { nil: null }),
    ),
    { maxLength: 8 },
  ),
  computer: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
});

const nameOf = (group: number): string => `G${group}`;

/**
 * The rules as administrators are told them, one sentence after the other, without any thought of speed:
 * what a group inherits, then what holds among several groups.
 */
function reference({
  parents,
  decisions,
  computer,
}: Drawn): readonly [ApprovalAction, number | null] | undefined {
  const count = parents.length + 1;
  const parentOf = (group: number): number => (group === 0 ? -1 : parents[group - 1] % group);
  const ofGroup = (group: number): readonly [ApprovalAction, number | null] | undefined => {
    // The last decision for a group holds.
    const own = decisions.findLast(([one]) => one % count === group);
    if (own !== undefined) return [own[1], hasDeadline(own[1]) ? own[2] : null];
    return group === 0 ? undefined : ofGroup(parentOf(group));
  };
  const found = [...new Set(computer.map((group) => group % count))].flatMap((group) => {
    const one = ofGroup(group);
    return one === undefined ? [] : [one];
  });
  for (const wanted of [['Install'], ['Uninstall'], ['OptionalInstall'], ['NotApproved', 'Block']]) {
    const alike = found.filter(([action]) => wanted.includes(action));
    if (alike.length === 0) continue;
    const days = alike.flatMap(([, day]) => day ?? []);
    return [alike[0][0], days.length === 0 ? null : Math.min(...days)];
  }
  return undefined;
}

function hasDeadline(action: ApprovalAction): boolean {
  return action === 'Install' || action === 'Uninstall';
}

test('the effective approval of any computer is what a slow reading of the rules gives', () => {
  fc.assert(
    fc.property(drawn, (one) => {
      const count = one.parents.length + 1;
      const groups = Object.fromEntries(
        Array.from({ length: count }, (_, group) => [
          nameOf(group),
          group === 0 ? null : nameOf(one.parents[group - 1] % group),
        ]),
      );
      const decisions = Object.fromEntries(
        one.decisions.map(([group, action, day]): [string, Decision] => [
          nameOf(group % count),
          day === null || !hasDeadline(action)
            ? action
            : { action, deadline: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z` },
        ]),
      );
      const shop = catalog({ Fix: software() }, { groups, approvals: { Fix: decisions } });
      const audience = shop.audience(...one.computer.map((group) => nameOf(group % count)));
      const approval = audience.approvals.get(shop.updateNumber('Fix'));
      const expected = reference(one);
      if (expected === undefined) assert.equal(approval, undefined);
      else {
        const [action, day] = expected;
        // Not approved and blocked are the same for a computer in both.
        const told = action === 'Block' ? 'NotApproved' : action;
        assert.equal(approval?.action === 'Block' ? 'NotApproved' : approval?.action, told);
        const deadline = approval?.deadlineMs ?? null;
        assert.equal(deadline === null ? null : new Date(deadline).getUTCDate(), day);
      }
    }),
    { numRuns: 500 },
  );
});
