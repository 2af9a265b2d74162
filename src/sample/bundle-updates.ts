import { Csidl, fileVersion, regDword } from '../metadata/authoring/base-rules.ts';
import { payload } from './payload.ts';
import { bundle, commandLineUpdate, type SampleUpdate } from './sample-update.ts';
import { CATEGORY, DETECTOID } from './taxonomy.ts';

/** Bundles: one of two alternatives, and two clauses that both count. */
export function bundleUpdates(): readonly SampleUpdate[] {
  return [...scannerBundle(), ...atlasBundle()];
}

function scannerBundle(): readonly SampleUpdate[] {
  const member = (updateId: string, architecture: 'x64' | 'x86', bytes: number): SampleUpdate =>
    commandLineUpdate({
      updateId,
      title: `Oakum Sample Scanner 5.0, ${architecture}`,
      prerequisites: [DETECTOID[architecture]],
      isInstalled: regDword(
        { subkey: 'SOFTWARE\\Oakum Samples\\Scanner', value: 'Major' },
        'GreaterThanOrEqualTo',
        5,
      ),
      payloads: [payload(`scanner-5.0-${architecture}.exe`, bytes)],
    });
  return bundle(
    {
      updateId: '81dde0e4-8933-4077-8e16-5403448b328c',
      title: 'Oakum Sample Scanner 5.0 (KB9000301)',
      description: 'One of two packages, whichever fits the processor.',
      products: [CATEGORY.workstation],
      classification: 'tools',
      more: { kbArticleIds: ['9000301'] },
    },
    [
      member('5dad100d-a7ca-4618-8ca9-32b95e543f20', 'x64', 240_128),
      member('a3f39980-9e7b-4eed-8d85-b4b58c7e62d4', 'x86', 198_656),
    ],
  );
}

function atlasBundle(): readonly SampleUpdate[] {
  const member = (updateId: string, part: string, bytes: number): SampleUpdate =>
    commandLineUpdate({
      updateId,
      title: `Oakum Sample Atlas 2026, ${part}`,
      prerequisites: [DETECTOID.workstation],
      isInstalled: fileVersion(
        `Oakum Samples\\Atlas\\${part}.dll`,
        Csidl.ProgramFiles,
        'GreaterThanOrEqualTo',
        '26.1.0.0',
      ),
      payloads: [payload(`atlas-${part}.exe`, bytes)],
    });
  return bundle(
    {
      updateId: '46363347-7e92-41fe-af49-b35c6c632e1b',
      title: 'Oakum Sample Atlas 2026 (KB9000302)',
      description: 'A program and its maps; both are installed.',
      products: [CATEGORY.workstation],
      classification: 'featurePacks',
      more: { kbArticleIds: ['9000302'] },
    },
    [member('b07edd78-c737-43ed-b1f7-4fd2a524d6dc', 'program', 350_208)],
    [
      member('4113d100-efa2-4507-ba54-cb484c0e778b', 'maps-north', 901_120),
      member('8e5e9883-e189-4eb5-aa7e-42e569c5d75e', 'maps-south', 822_272),
    ],
  );
}
