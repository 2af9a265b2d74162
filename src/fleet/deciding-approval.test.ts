import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildAudience } from '../catalog/audience.ts';
import { buildSnapshot } from '../catalog/build-snapshot.ts';
import { APPROVAL_ACTIONS, type Approval, type GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { decidingApproval } from './deciding-approval.ts';

const GROUPS = 6;
const idOf = (index: number): Guid => `0a4b0000-0000-4000-8000-00000000000${index}` as Guid;

const drawn = fc.record({
  parents: fc.array(fc.nat(GROUPS - 1), { minLength: GROUPS, maxLength: GROUPS }),
  decisions: fc.uniqueArray(
    fc.record({
      group: fc.nat(GROUPS - 1),
      action: fc.constantFrom(...APPROVAL_ACTIONS),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 5 })),
      withheld: fc.constantFrom(null, null, 'licence'),
    }),
    { selector: (one) => one.group },
  ),
  computer: fc.uniqueArray(fc.nat(GROUPS - 1), { minLength: 1 }),
});

test('what is said to decide is what clients are told, whatever groups and decisions there are', () => {
  fc.assert(
    fc.property(drawn, ({ parents, decisions, computer }) => {
      const rows: GroupRow[] = parents.map((parent, index) => ({
        id: idOf(index),
        name: `group ${index}`,
        parentId: index === 0 ? null : idOf(parent % index),
      }));
      const groups = new Map(rows.map((row) => [row.id, row]));
      const isWithheld = (one: (typeof decisions)[number]): boolean =>
        one.withheld !== null && (one.action === 'Install' || one.action === 'OptionalInstall');
      const told: Approval[] = decisions.map((one) => ({
        ...{
          update: 1,
          groupId: idOf(one.group),
          deploymentId: 1,
          approvedMs: 1,
          deadlineMs: one.deadlineMs,
        },
        action: isWithheld(one) ? 'NotApproved' : one.action,
      }));
      const snapshot = buildSnapshot({
        ...{ change: 1, updates: [], revisions: [], drivers: [] },
        ...{ groups: rows, approvals: told },
      });
      const groupIds = computer.map(idOf);
      const effective = buildAudience(snapshot, groupIds).approvals.get(1);
      const deciding = decidingApproval(
        groupIds,
        groups,
        decisions.map((one) => ({
          ...{ groupId: idOf(one.group), action: one.action, deadlineMs: one.deadlineMs },
          withheld: isWithheld(one) ? one.withheld : null,
        })),
      );
      assert.equal(deciding === undefined, effective === undefined);
      if (deciding === undefined || effective === undefined) return;
      const { action, withheld, deadlineMs } = deciding.decision;
      const strong = (one: string): boolean => one !== 'NotApproved' && one !== 'Block';
      if (strong(effective.action)) {
        assert.deepEqual([action, withheld, deadlineMs], [effective.action, null, effective.deadlineMs]);
      } else assert.ok(withheld !== null || !strong(action), 'nothing is said to be in effect that is not');
    }),
    { numRuns: 2_000 },
  );
});
