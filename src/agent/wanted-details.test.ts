import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallMachine } from '../../test/support/agent-machine.ts';
import { coreUpdate, type CoreParts } from '../../test/support/core-fragment.ts';
import { Evaluation } from './evaluation/evaluation.ts';
import { wantedDetails } from './wanted-details.ts';

type Parts = CoreParts & { readonly action?: string };

const installed = { isInstalled: '<True/>' } as const;
const needed = { isInstalled: '<False/>', isInstallable: '<True/>' } as const;
const bundled = { action: 'Bundle' } as const;

function wanted(...updates: readonly Parts[]): number[] {
  const cached = updates.map(({ action = 'PreDeploymentCheck', ...parts }) => ({
    core: coreUpdate(parts),
    isLeaf: true,
    action,
  }));
  const found = wantedDetails(new Evaluation(smallMachine(), cached));
  return [...found].map(({ core }) => Number(core.updateId.slice(-12))).sort((one, other) => one - other);
}

test('what is needed is asked for, approved or not, and superseded or not', () => {
  assert.deepEqual(
    wanted(
      { id: 1, deployable: true, ...needed, action: 'Install' },
      { id: 2, deployable: true, ...needed },
      { id: 3, deployable: true, ...needed, superseded: [2] },
      { id: 4, deployable: true, ...installed },
      { id: 5, deployable: true, isInstalled: '<False/>' },
      // No person may be offered these.
      { id: 6, deployable: false, ...needed },
    ),
    [1, 2, 3],
  );
});

test('a bundle brings its needed members along, bundles among them too', () => {
  assert.deepEqual(
    wanted(
      { id: 1, deployable: true, bundled: [[2], [3]] },
      { id: 2, ...bundled, bundled: [[4], [5]] },
      { id: 3, ...bundled, ...needed },
      { id: 4, ...bundled, ...needed },
      { id: 5, ...bundled, ...installed },
      { id: 6, ...bundled, ...needed },
    ),
    [1, 2, 3, 4],
  );
});

test('the categories that the computer belongs to are asked for, detectoids are not', () => {
  const evaluate = { action: 'Evaluate' } as const;
  assert.deepEqual(
    wanted(
      { id: 1, type: 'Category', ...installed, ...evaluate },
      { id: 2, type: 'Category', isInstalled: '<False/>', ...evaluate },
      { id: 3, type: 'Detectoid', ...installed, ...evaluate },
    ),
    [1],
  );
});
