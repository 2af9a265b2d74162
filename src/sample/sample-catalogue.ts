import type { Buffer } from 'node:buffer';
import {
  CLASSIFICATIONS,
  classificationSpec,
  type Classification,
} from '../metadata/authoring/classification.ts';
import { updateDocument } from '../metadata/authoring/update-document.ts';
import type { UpdateSpec } from '../metadata/authoring/update-spec.ts';
import { bundleUpdates } from './bundle-updates.ts';
import { driverUpdates } from './driver-updates.ts';
import type { Payload } from './payload.ts';
import type { SampleUpdate } from './sample-update.ts';
import { serverUpdates } from './server-updates.ts';
import { suiteUpdates } from './suite-updates.ts';
import { taxonomySpecs } from './taxonomy.ts';
import { updateChains } from './update-chains.ts';
import { workstationUpdates } from './workstation-updates.ts';

/** A document of the sample catalogue. */
export interface SampleDocument {
  readonly spec: UpdateSpec;
  /** UTF-8. */
  readonly bytes: Buffer;
}

/** The sample catalogue: the same documents and files every time it is built. */
export interface SampleCatalogue {
  /** Prerequisites and members first. */
  readonly documents: readonly SampleDocument[];
  readonly payloads: readonly Payload[];
}

/**
 * A small catalogue in which every kind of update occurs, for trying things out: everything in it is
 * invented, its files are noise, and no computer is changed by it.
 */
export function sampleCatalogue(): SampleCatalogue {
  const updates: readonly SampleUpdate[] = [
    ...workstationUpdates(),
    ...updateChains(),
    ...bundleUpdates(),
    ...suiteUpdates(),
    ...serverUpdates(),
    ...driverUpdates(),
  ];
  const classifications = Object.keys(CLASSIFICATIONS) as Classification[];
  const specs: readonly UpdateSpec[] = [
    ...classifications.map(classificationSpec),
    ...taxonomySpecs(),
    ...updates.map((update) => update.spec),
  ];
  return {
    documents: specs.map((spec) => ({ spec, bytes: updateDocument(spec) })),
    payloads: updates.flatMap((update) => update.payloads),
  };
}
