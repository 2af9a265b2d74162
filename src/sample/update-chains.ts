import { regSzToVersion } from '../metadata/authoring/base-rules.ts';
import type { Rule } from '../metadata/authoring/rule.ts';
import { payload } from './payload.ts';
import { commandLineUpdate, type SampleUpdate } from './sample-update.ts';
import { CATEGORY, DETECTOID } from './taxonomy.ts';

interface Link {
  readonly updateId: string;
  readonly version: string;
  readonly bytes: number;
}

// A publisher lists every update that a new one supersedes: clients do not look through the chain.
const AGENT: readonly Link[] = [
  { updateId: '83251c82-0ca1-4c11-adbd-4c89e83a8325', version: '1.0', bytes: 120_334 },
  { updateId: 'fc199d53-180c-435d-a1c6-df900ec26cf7', version: '1.1', bytes: 121_902 },
  { updateId: '8b3bd344-642d-4f4c-8cf6-6efae7682142', version: '1.2', bytes: 133_250 },
  { updateId: '26fe4b60-4976-4ffa-bf49-1a265ea893ab', version: '1.3', bytes: 140_017 },
];

const DEFINITIONS: readonly Link[] = [
  { updateId: 'c24457d6-c6c7-4807-a92c-1157f2dc944c', version: '1.450.1', bytes: 1_048_576 },
  { updateId: '8f705407-3a1d-4313-bd8c-518bf697bedf', version: '1.450.2', bytes: 1_051_003 },
  { updateId: 'ea8bc635-d8e6-4f29-8284-f96a6e2a1674', version: '1.450.3', bytes: 1_060_444 },
];

const PLATFORM: readonly Link[] = [
  { updateId: '405cf814-034c-4128-b58a-26b0301e49cb', version: '1.0', bytes: 66_048 },
  { updateId: '9d1a0b13-0c8d-43f3-b753-78531a8eebea', version: '2.0', bytes: 70_144 },
  { updateId: 'b4757f38-0c3a-4ce4-b1bf-665122fecd3b', version: '3.0', bytes: 72_704 },
];

/** Updates that supersede each other, and updates that need each other. */
export function updateChains(): readonly SampleUpdate[] {
  return [...agentUpdates(), ...definitionUpdates(), ...platformUpdates()];
}

function agentUpdates(): SampleUpdate[] {
  return AGENT.map(({ updateId, version, bytes }, index) =>
    commandLineUpdate({
      updateId,
      title: `Oakum Sample Agent ${version} (KB900020${index})`,
      products: [CATEGORY.workstation],
      classification: 'updateRollups',
      prerequisites: [DETECTOID.workstation],
      superseded: AGENT.slice(0, index).map((older) => older.updateId),
      isInstalled: installedVersion('Agent', version),
      payloads: [payload(`agent-${version}.exe`, bytes)],
      more: { kbArticleIds: [`900020${index}`] },
    }),
  );
}

function definitionUpdates(): SampleUpdate[] {
  return DEFINITIONS.map(({ updateId, version, bytes }, index) =>
    commandLineUpdate({
      updateId,
      title: `Oakum Sample Definitions ${version} (KB9000210)`,
      products: [CATEGORY.workstation, CATEGORY.server],
      classification: 'definitionUpdates',
      superseded: DEFINITIONS.slice(0, index).map((older) => older.updateId),
      isInstalled: installedVersion('Definitions', version),
      payloads: [payload(`definitions-${version}.exe`, bytes)],
      more: { kbArticleIds: ['9000210'], installation: { rebootBehavior: 'NeverReboots', impact: 'Minor' } },
    }),
  );
}

// Each one has the one before as a prerequisite: a client learns of it only when that one is installed.
function platformUpdates(): SampleUpdate[] {
  return PLATFORM.map(({ updateId, version, bytes }, index) =>
    commandLineUpdate({
      updateId,
      title: `Oakum Sample Platform ${version} (KB900022${index})`,
      products: [CATEGORY.workstation],
      classification: 'servicePacks',
      prerequisites: PLATFORM.slice(0, index)
        .slice(-1)
        .map((before) => before.updateId),
      isInstalled: installedVersion('Platform', version),
      payloads: [payload(`platform-${version}.exe`, bytes)],
      more: { kbArticleIds: [`900022${index}`] },
    }),
  );
}

function installedVersion(program: string, version: string): Rule {
  const at = { subkey: `SOFTWARE\\Oakum Samples\\${program}`, value: 'Version' };
  return regSzToVersion(at, 'GreaterThanOrEqualTo', version);
}
