import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { exportedCores } from '../../../test/support/exported-cores.ts';
import { skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { parseUpdateId, type UpdateId } from '../../metadata/update-identity.ts';
import { profile, profileNames } from '../machine/profiles/profile.ts';
import { parseCoreFragment } from '../rules/core-update.ts';
import type { CachedUpdate } from './cached-update.ts';
import { effectOf } from './effect.ts';
import { Evaluation } from './evaluation.ts';
import { explainUpdate } from './explain-update.ts';
import { explanationText } from './explanation-text.ts';
import type { UpdateState } from './update-state.ts';
import { applyPatch } from '../machine/machine-patch.ts';

// Microsoft's well-known ids.
const KNOWN = {
  microsoft: '56309036-4c77-4dd9-951a-99ee9c246a94',
  windows: '6964aab4-c5b5-43bd-a17d-ffb4346a8e1d',
  oobeZdp: 'dd78b8a1-0b20-45c1-add6-4da72e9364cf',
  windows10: 'a3c2375d-0c8a-42f9-bce0-28333e198407',
  windows11: '72e7624a-5b00-45d2-b92f-e561c0a6a160',
  server2022: '71718f13-7324-4b0f-8f9e-2ca9dc978e53',
  server2025: 'b256987d-4693-4c87-955d-dbb9341205eb',
  defender: '8c3fcc84-7410-4a95-8b89-a166a0190486',
  securityUpdates: '0fa1201d-4330-4fa8-8ae9-b877473b6441',
} as const;

const idOf = (name: keyof typeof KNOWN): UpdateId => parseUpdateId(KNOWN[name]) as UpdateId;

describe('the exported catalogue', { skip: skipWithoutFixtures }, () => {
  let updates: readonly CachedUpdate[] = [];

  before(async () => {
    const cores = (await exportedCores()).map((core) => parseCoreFragment(core));
    const targets = new Set(
      cores.flatMap((core) => core.relations.prerequisites.flatMap(({ updateIds }) => updateIds)),
    );
    updates = cores.map((core) => ({ core, isLeaf: !targets.has(core.updateId), action: 'Evaluate' }));
  });

  it('evaluates on every profile without an error, to as many installed updates as a real agent reports', () => {
    for (const name of profileNames) {
      const evaluation = new Evaluation(profile(name).machine, updates);
      const counts: Partial<Record<UpdateState, number>> = {};
      for (const update of evaluation.updates()) {
        const state = evaluation.state(update);
        counts[state] = (counts[state] ?? 0) + 1;
      }
      assert.equal(counts.Error, undefined, name);
      assert.equal(counts.Needed, undefined, name);
      const nonLeaf = [...evaluation.updates()].filter(
        (one) => !one.isLeaf && evaluation.state(one) === 'Installed',
      );
      // A real Windows 11 reported 87 to 94; real servers refuse more than 400.
      assert.ok(nonLeaf.length > 50 && nonLeaf.length < 120, `${name}: ${nonLeaf.length}`);
    }
  });

  it('scopes products to the systems they are for', () => {
    for (const [name, installed, absent] of [
      ['windows-11-25h2', ['oobeZdp', 'windows10', 'windows11', 'defender'], ['server2022', 'server2025']],
      ['windows-10-22h2', ['oobeZdp', 'windows10', 'defender'], ['server2022']],
      ['windows-server-2022', ['server2022', 'defender'], ['oobeZdp', 'windows11']],
      ['windows-8.1', ['oobeZdp'], ['windows10', 'windows11', 'server2022', 'defender']],
      ['windows-7-sp1', [], ['oobeZdp', 'windows10', 'windows11', 'defender']],
    ] as const) {
      const evaluation = new Evaluation(profile(name).machine, updates);
      for (const one of ['microsoft', 'windows', 'securityUpdates', ...installed] as const) {
        assert.ok(evaluation.isInstalled(idOf(one)), `${name}: ${one}`);
      }
      for (const one of absent) assert.ok(!evaluation.isInstalled(idOf(one)), `${name}: no ${one}`);
    }
  });

  it('explains every update in text', () => {
    const evaluation = new Evaluation(profile('windows-server-2019').machine, updates);
    for (const { core } of updates) {
      const text = explanationText(explainUpdate(evaluation, core.updateId), { maxChildren: 4 });
      assert.match(text, /^[0-9a-f-]{36} r\d+ is /);
    }
    const explanation = explainUpdate(evaluation, idOf('windows11'));
    assert.equal(explanation.outcome, 'evaluated-only');
    assert.match(
      explanationText(explanation),
      /b\.WindowsVersion .*ProductType="1" -> 10\.0\.17763 .*product type 3/,
    );
  });

  it('finds facts that make a detectoid installed, wherever another system is not what it asks for', () => {
    const { machine } = profile('windows-11-25h2');
    let solved = 0;
    for (const { core } of updates) {
      const effect = effectOf(core, machine);
      if (effect === undefined) continue;
      solved++;
      assert.deepEqual(effectOf(core, applyPatch(machine, effect)), [], core.updateId);
    }
    assert.ok(solved > 3000, `${solved} of ${updates.length}`);
  });
});
