import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { build, declaredCatalog } from '../../test/support/catalog-arbitrary.ts';
import { driver, software, catalog } from '../../test/support/catalog-builder.ts';
import { buildFrom, buildSnapshot } from './build-snapshot.ts';
import { APPROVAL_ACTIONS, type CatalogRows } from './catalog-rows.ts';
import { SnapshotBuilder } from './snapshot-builder.ts';
import { nextSnapshot, type CatalogSnapshot } from './snapshot.ts';

const shapes = declaredCatalog({ minRevisions: 1, maxRevisions: 60 });

/** What an import or a decision may do between two generations, as numbers to be made out. */
const step = fc.record({
  revisions: fc.nat(20),
  decided: fc.array(fc.record({ update: fc.nat(1000), declined: fc.boolean() }), { maxLength: 4 }),
  approvals: fc.array(fc.record({ update: fc.nat(1000), group: fc.nat(5), action: fc.nat(4) }), {
    maxLength: 6,
  }),
  groups: fc.nat(5),
});

describe('generations that are built one from the other', () => {
  test('are what they would be if built from everything', () => {
    fc.assert(
      fc.property(shapes, fc.array(step, { minLength: 1, maxLength: 6 }), (declared, steps) => {
        const all = rowsOf(build(declared).rows);
        const builder = new SnapshotBuilder();
        const updates = all.updates.slice();
        let revisions = 0;
        let snapshot: CatalogSnapshot | undefined;
        const generations: [CatalogSnapshot, CatalogRows][] = [];
        for (const [index, one] of steps.entries()) {
          const change = 10 + index;
          const changed = new Set(index === 0 ? updates.keys() : []);
          for (const { update, declined } of updates.length > 0 ? one.decided : []) {
            const at = update % updates.length;
            updates[at] = { ...updates[at], declined, deploymentChange: change, deploymentId: change };
            changed.add(at);
          }
          const before = revisions;
          revisions = Math.min(all.revisions.length, revisions + one.revisions);
          const groups = all.groups.slice(0, one.groups);
          const approvals = approvalsOf(all, one.approvals);
          const published = new Set(all.revisions.slice(0, revisions).map((row) => row.id));
          const rows = {
            change,
            updates: [...updates],
            revisions: all.revisions.slice(0, revisions),
            drivers: all.drivers.filter((row) => published.has(row.revisionId)),
            groups,
            approvals,
          };
          const added = all.revisions.slice(before, revisions);
          snapshot = nextSnapshot(
            snapshot,
            buildFrom(builder, {
              ...rows,
              updates: [...changed].map((at) => updates[at]),
              revisions: added,
              drivers: all.drivers.filter((row) => added.some(({ id }) => id === row.revisionId)),
            }),
          );
          generations.push([snapshot, rows]);
        }
        // Afterwards, so that a generation that a later one disturbed is found out.
        for (const [built, rows] of generations) assert.deepEqual(built, buildSnapshot(rows));
      }),
      { numRuns: 60 },
    );
  });

  test('keep what did not change', () => {
    const { rows } = catalog({ A: software(), B: driver([{ id: 'USB\\1' }]) }, { approvals: {} });
    const builder = new SnapshotBuilder();
    const first = buildFrom(builder, rows);
    const none = { ...rows, updates: [], revisions: [], drivers: [] };
    assert.ok(first.revisions !== undefined && first.scope !== undefined);
    assert.deepEqual(Object.keys(buildFrom(builder, none)), ['decisions']);
    const [update] = rows.updates;
    const declined = buildFrom(builder, { ...none, updates: [{ ...update, declined: true }] });
    assert.deepEqual(Object.keys(declined), ['scope', 'decisions']);
  });
});

function rowsOf(rows: CatalogRows) {
  return {
    updates: [...rows.updates],
    revisions: [...rows.revisions],
    drivers: [...rows.drivers],
    groups: [...rows.groups],
  };
}

function approvalsOf(
  { updates, groups }: Pick<ReturnType<typeof rowsOf>, 'updates' | 'groups'>,
  drawn: readonly { readonly update: number; readonly group: number; readonly action: number }[],
): CatalogRows['approvals'] {
  if (updates.length === 0) return [];
  const approvals = drawn.map(({ update, group, action }) => ({
    update: updates[update % updates.length].number,
    groupId: groups[group % groups.length].id,
    action: APPROVAL_ACTIONS[action],
    deadlineMs: action === 0 ? 1 : null,
    deploymentId: 100 * update + group,
    approvedMs: action,
  }));
  return [...new Map(approvals.map((one) => [`${one.update} ${one.groupId}`, one])).values()];
}
