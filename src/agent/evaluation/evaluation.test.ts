import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { smallMachine } from '../../../test/support/agent-machine.ts';
import { coreUpdate, updateIdOf, type CoreParts } from '../../../test/support/core-fragment.ts';
import { applyPatch } from '../machine/machine-patch.ts';
import type { CachedUpdate } from './cached-update.ts';
import { Evaluation } from './evaluation.ts';
import { installPlan } from './install-plan.ts';
import type { UpdateState } from './update-state.ts';

const T = '<True/>';
const F = '<False/>';
const E = '<b.Unheard/>';
const installed = { isInstalled: T } as const;
const needed = { isInstalled: F, isInstallable: T } as const;

function cached(parts: CoreParts & { readonly action?: string; readonly isLeaf?: boolean }): CachedUpdate {
  return { core: coreUpdate(parts), isLeaf: parts.isLeaf ?? true, action: parts.action ?? 'Evaluate' };
}

function evaluate(...updates: readonly (CoreParts & { readonly action?: string })[]): Evaluation {
  return new Evaluation(smallMachine(), updates.map(cached));
}

function states(evaluation: Evaluation): Record<string, UpdateState> {
  return Object.fromEntries(
    [...evaluation.updates()].map((one) => [Number(one.core.updateId.slice(-12)), evaluation.state(one)]),
  );
}

test('rules give an update its state', () => {
  for (const [rules, expected] of [
    [{ isInstalled: T, isInstallable: T }, 'Installed'],
    [{ isInstalled: F, isInstallable: T }, 'Needed'],
    [{ isInstallable: T }, 'Needed'],
    [{ isInstalled: F }, 'NotApplicable'],
    [{}, 'NotApplicable'],
    [{ isInstalled: F, isSuperseded: T, isInstallable: T }, 'NotApplicable'],
    [{ isInstalled: T, isSuperseded: T }, 'Installed'],
    [{ isInstalled: E, isInstallable: T }, 'Error'],
    [{ isInstalled: F, isInstallable: E }, 'Error'],
    [{ isInstalled: F, isSuperseded: E, isInstallable: T }, 'Error'],
    // What does not matter may be an error.
    [{ isInstalled: F, isSuperseded: E }, 'NotApplicable'],
    [{ isInstalled: F, isSuperseded: T, isInstallable: E }, 'NotApplicable'],
    [{ isInstalled: T, isSuperseded: E, isInstallable: E }, 'Installed'],
  ] as const) {
    assert.equal(states(evaluate({ id: 1, ...rules }))[1], expected, JSON.stringify(rules));
  }
});

test('categories and detectoids are installed or not', () => {
  for (const type of ['Category', 'Detectoid'] as const) {
    for (const [rules, expected] of [
      [{ isInstalled: T }, 'Installed'],
      [{ isInstalled: F, isInstallable: T }, 'NotApplicable'],
      [{ isInstalled: E }, 'Error'],
      [{}, 'NotApplicable'],
    ] as const) {
      assert.equal(states(evaluate({ id: 1, type, ...rules }))[1], expected);
    }
  }
});

test('every clause needs one alternative that is installed', () => {
  const others = [
    { id: 1, ...installed },
    { id: 2, ...installed },
    { id: 3, ...needed },
  ] as const;
  for (const [prerequisites, expected] of [
    [[], 'Needed'],
    [[[1]], 'Needed'],
    [[[1], [2]], 'Needed'],
    [[[3]], 'NotApplicable'],
    [[[3, 1]], 'Needed'],
    [[[1], [3]], 'NotApplicable'],
    [[[9]], 'NotApplicable'],
    [[[9, 2]], 'Needed'],
    [[[]], 'NotApplicable'],
  ] as const) {
    const parts = { id: 4, ...needed, prerequisites };
    assert.equal(states(evaluate(...others, parts))[4], expected, JSON.stringify(prerequisites));
    assert.equal(states(evaluate(parts, ...others))[4], expected, 'the order does not matter');
  }
});

test('rules are not asked before the prerequisites hold', () => {
  const evaluation = evaluate({ id: 1, isInstalled: E, prerequisites: [[2]] }, { id: 2, isInstalled: F });
  assert.equal(states(evaluation)[1], 'NotApplicable');
});

test('a prerequisite means the highest revision', () => {
  const evaluation = evaluate(
    { id: 1, revision: 2, isInstalled: F },
    { id: 1, revision: 1, ...installed },
    { id: 2, ...needed, prerequisites: [[1]] },
  );
  assert.equal(states(evaluation)[2], 'NotApplicable');
  evaluation.remove([{ updateId: updateIdOf(1), revisionNumber: 2 }]);
  assert.equal(states(evaluation)[2], 'Needed');
});

test('prerequisites in a circle hold only if something outside satisfies them', () => {
  const circle = [
    { id: 1, ...installed, prerequisites: [[2]] },
    { id: 2, ...installed, prerequisites: [[3]] },
    { id: 3, ...installed, prerequisites: [[1]] },
  ] as const;
  assert.deepEqual(states(evaluate(...circle)), {
    1: 'NotApplicable',
    2: 'NotApplicable',
    3: 'NotApplicable',
  });
  const opened = evaluate(
    circle[0],
    circle[1],
    { ...circle[2], prerequisites: [[1, 4]] },
    { id: 4, ...installed },
  );
  assert.deepEqual(states(opened), { 1: 'Installed', 2: 'Installed', 3: 'Installed', 4: 'Installed' });
  assert.deepEqual(states(evaluate({ id: 1, ...installed, prerequisites: [[1]] })), { 1: 'NotApplicable' });
});

test('a chain may be as long as it likes', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    cached({ id: index, ...installed, prerequisites: index === 0 ? [] : [[index - 1]] }),
  );
  const evaluation = new Evaluation(smallMachine(), chain.toReversed());
  assert.equal(evaluation.state(chain[19_999]), 'Installed');
});

test('states are what asking each prerequisite again and again would give', () => {
  const graph = fc.array(
    fc.record({
      isInstalled: fc.boolean(),
      prerequisites: fc.array(fc.array(fc.nat(11), { maxLength: 3 }), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(graph, (nodes) => {
      const evaluation = evaluate(
        ...nodes.map(({ isInstalled, prerequisites }, id) => ({
          id,
          isInstalled: isInstalled ? T : F,
          prerequisites,
        })),
      );
      // The least fixed point, the slow way.
      const known = new Set<number>();
      for (let before = -1; before !== known.size;) {
        before = known.size;
        for (const [id, node] of nodes.entries()) {
          if (node.isInstalled && node.prerequisites.every((clause) => clause.some((one) => known.has(one))))
            known.add(id);
        }
      }
      const found = states(evaluation);
      for (const id of nodes.keys()) assert.equal(found[id] === 'Installed', known.has(id), `update ${id}`);
    }),
  );
});

test('a bundle follows its members', () => {
  const members = [
    { id: 1, ...installed },
    { id: 2, ...needed },
    { id: 3 },
    { id: 4, ...installed },
    { id: 5, ...needed, prerequisites: [[3]] },
    { id: 6, isInstalled: E },
  ] as const;
  for (const [bundled, expected] of [
    [[[1]], 'Installed'],
    [[[2]], 'Needed'],
    [[[3]], 'NotApplicable'],
    [[[9]], 'NotApplicable'],
    // At least one member applies, and every one that does is installed.
    [[[1, 3]], 'Installed'],
    [[[1, 4], [3]], 'Installed'],
    [[[1], [4]], 'Installed'],
    // "Any alternative installed" was refuted.
    [[[1, 2]], 'Needed'],
    [[[1], [2]], 'Needed'],
    [[[2], [3]], 'Needed'],
    // A member whose prerequisites fail does not apply.
    [[[1, 5]], 'Installed'],
    [[[5]], 'NotApplicable'],
    [[[1, 6]], 'Installed'],
    [[[6]], 'NotApplicable'],
    // The exact revision.
    [[[[1, 2]]], 'NotApplicable'],
    [[[[1, 1]]], 'Installed'],
  ] as const) {
    for (const updates of [
      [...members, { id: 10, bundled }],
      [{ id: 10, bundled }, ...members],
    ]) {
      assert.equal(states(evaluate(...updates))[10], expected, JSON.stringify(bundled));
    }
  }
});

test('a bundle has prerequisites of its own, and may be a member or a prerequisite itself', () => {
  const found = states(
    evaluate(
      { id: 1, ...installed },
      { id: 2, ...needed },
      { id: 3, bundled: [[1]], prerequisites: [[9]] },
      { id: 4, bundled: [[1]] },
      { id: 5, bundled: [[4], [2]] },
      { id: 6, ...needed, prerequisites: [[4]] },
      { id: 7, ...needed, prerequisites: [[5]] },
      { id: 8, bundled: [[8, 1]] },
    ),
  );
  assert.deepEqual(found, {
    1: 'Installed',
    2: 'Needed',
    3: 'NotApplicable',
    4: 'Installed',
    5: 'Needed',
    6: 'Needed',
    7: 'NotApplicable',
    8: 'Installed',
  });
});

test('the payload of a bundle are the members that are needed, or those that are installed', () => {
  const evaluation = evaluate(
    { id: 1, ...installed },
    { id: 2, ...needed },
    { id: 3, ...needed },
    { id: 4, bundled: [[3, 1]] },
    { id: 5, bundled: [[1], [2, 4], [4, 5, 9]] },
  );
  const payload = evaluation.payload(evaluation.find(updateIdOf(5))!);
  assert.deepEqual(
    payload.map(({ core }) => core.updateId),
    [updateIdOf(2), updateIdOf(3)],
  );
  assert.deepEqual(evaluation.payload(evaluation.find(updateIdOf(1))!), []);
  const removed = evaluation.payload(evaluation.find(updateIdOf(5))!, 'Installed');
  assert.deepEqual(
    removed.map(({ core }) => core.updateId),
    [updateIdOf(1)],
  );
});

test('the cache can change, and so can the machine', () => {
  const key = 'Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\New"';
  const evaluation = evaluate({
    id: 1,
    isInstalled: `<b.RegKeyExists ${key}/>`,
    isInstallable: T,
    prerequisites: [[2]],
  });
  const update = evaluation.find(updateIdOf(1))!;
  assert.equal(evaluation.state(update), 'NotApplicable');
  evaluation.add([cached({ id: 2, ...installed })]);
  assert.equal(evaluation.state(update), 'Needed');
  const machine = applyPatch(evaluation.machine, [
    { fact: 'registry-key', key: { view: 'native', path: 'SOFTWARE\\New' }, present: true },
  ]);
  assert.equal(evaluation.on(machine).state(update), 'Installed');
  assert.equal(evaluation.state(update), 'Needed');
  evaluation.remove([{ updateId: updateIdOf(2), revisionNumber: 1 }]);
  assert.equal(evaluation.state(update), 'NotApplicable');
  assert.equal(evaluation.size, 1);
});

const plan = (evaluation: Evaluation): string[] =>
  installPlan(evaluation).map(
    ({ update, action, isAutomatic }) =>
      `${Number(update.core.updateId.slice(-12))} ${action} ${isAutomatic}`,
  );

test('offered is what may be deployed, is approved, and is needed', () => {
  const one = { deployable: true, action: 'Install' } as const;
  const evaluation = evaluate(
    { id: 1, ...needed, ...one },
    { id: 2, ...installed, ...one },
    { id: 3, ...one },
    { id: 4, ...needed, action: 'Install' },
    { id: 5, ...needed, ...one, action: 'PreDeploymentCheck' },
    { id: 6, ...needed, ...one, action: 'OptionalInstall' },
    { id: 7, ...needed, ...one, action: 'Block' },
    { id: 8, ...needed, deployable: true, action: 'Bundle' },
    { id: 9, ...installed, deployable: true, action: 'Uninstall' },
    { id: 10, ...needed, deployable: true, action: 'Uninstall' },
    { id: 11, deployable: true, action: 'Install', bundled: [[1]] },
  );
  assert.deepEqual(plan(evaluation), [
    '1 install true',
    '6 install false',
    '9 uninstall true',
    '11 install true',
  ]);
});

test('something better takes the place of an update, unless nobody approved it', () => {
  const old = { id: 1, ...needed, deployable: true, action: 'Install' } as const;
  const better = { id: 2, deployable: true, superseded: [1] } as const;
  for (const [superseder, expected] of [
    [{ ...better, ...installed, action: 'PreDeploymentCheck' }, []],
    [{ ...better, ...needed, action: 'Install' }, ['2 install true']],
    [{ ...better, ...needed, action: 'PreDeploymentCheck' }, ['1 install true']],
    [{ ...better, action: 'Install' }, ['1 install true']],
    [{ ...better, ...needed, action: 'Install', prerequisites: [[9]] }, ['1 install true']],
  ] as const) {
    const evaluation = evaluate(old, superseder);
    assert.deepEqual(plan(evaluation), expected, JSON.stringify(superseder));
    assert.equal(states(evaluation)[1], 'Needed', 'it is still reported as needed');
  }
});

test('two updates that supersede each other hide neither', () => {
  const one = { ...needed, deployable: true, action: 'Install' } as const;
  assert.deepEqual(plan(evaluate({ id: 1, ...one, superseded: [2] }, { id: 2, ...one, superseded: [1] })), [
    '1 install true',
    '2 install true',
  ]);
});
