import type { UpdateId } from '../metadata/update-identity.ts';
import type { Audience } from './audience.ts';
import type { Catalog } from './catalog.ts';
import { deploymentOf } from './deployment.ts';
import { DriverContest } from './driver-contest.ts';
import {
  beatsInstalled,
  qualityOfInstalled,
  type ComputerSpec,
  type DeviceSpec,
  type InstalledDriverSpec,
} from './driver-match.ts';
import { driversFor, printerIds } from './driver-table.ts';
import { firstPage, type PageLimits } from './page.ts';
import { hasChanged, isDeployed, memoryOf, type ScanAnswer, type Watermark } from './scan.ts';
import { ordinalOf } from './snapshot.ts';

export interface DriverQuestion {
  readonly installed: Int32Array;
  /** Revision ids of the drivers the client holds. */
  readonly cached: Int32Array;
  readonly filter: readonly UpdateId[];
  /** As in {@link ScanQuestion}: what is merely outside the filter is told apart from what is gone. */
  readonly twoGroups?: boolean;
  readonly watermark: Watermark;
  readonly audience: Audience;
  readonly page: PageLimits;
}

export interface DriverAnswer extends ScanAnswer {
  /** The hardware ids for which a driver is the best match, by ordinal. */
  readonly hardwareIds: ReadonlyMap<number, readonly string[]>;
}

/** The driver pass of SyncUpdates ([MS-WUSP] 3.1.5.7): what is better than what each device has. */
export function scanDrivers(
  catalog: Catalog,
  question: DriverQuestion,
  devices: readonly DeviceSpec[],
  computer: ComputerSpec,
): DriverAnswer {
  const eligible = new Set(catalog.needed(question.installed, question.filter).drivers);
  const contest = new DriverContest({
    driversFor: (hardwareId) =>
      driversFor(catalog.snapshot.drivers, hardwareId, (ordinal) => eligible.has(ordinal)),
    computer,
    isApproved: (ordinal) => isApproved(catalog, question.audience, ordinal),
  });
  const matches = new Map<number, Set<string>>();
  for (const device of devices) {
    const deviceIds = [...device.hardwareIds, ...device.compatibleIds].map((id) => id.toLowerCase());
    const installed = installedDriver(device);
    const toBeat = installed && qualityOfInstalled(installed, deviceIds, computer);
    // The best of what is approved, and the best of all: something unapproved must not hide what an
    // administrator approved, and yet it shall be known that it is needed.
    const { best, approved } = contest.winners(deviceIds, installed);
    for (const winner of [best, approved]) {
      if (winner === undefined) continue;
      if (toBeat !== undefined && !beatsInstalled(winner.quality, toBeat)) continue;
      const { ordinal, hardwareId } = winner.entry;
      const ids = matches.get(ordinal);
      if (ids === undefined) matches.set(ordinal, new Set([hardwareId]));
      else ids.add(hardwareId);
    }
  }
  const hardwareIds = new Map([...matches].map(([ordinal, ids]) => [ordinal, [...ids]]));
  return { ...answer(catalog, question, [...matches.keys()]), hardwareIds };
}

/** The printer drivers of the catalogue ([MS-WUSP] 3.1.5.12): there is no device to match them with. */
export function scanPrinterDrivers(catalog: Catalog, question: DriverQuestion): DriverAnswer {
  const hardwareIds = new Map<number, readonly string[]>();
  for (const ordinal of catalog.needed(question.installed, question.filter).drivers) {
    const ids = printerIds(catalog.snapshot.drivers, ordinal);
    if (ids.length > 0) hardwareIds.set(ordinal, ids);
  }
  return { ...answer(catalog, question, [...hardwareIds.keys()]), hardwareIds };
}

// A device without a driver is reported with an installedDriver all the same: no id, the year 1, version 0.
function installedDriver({ installedDriver: one }: DeviceSpec): InstalledDriverSpec | undefined {
  return one?.matchingId || (one?.verVersion ?? 0n) > 0n ? one : undefined;
}

/** Approved to be installed: what shall be removed must not keep its betters' place. */
function isApproved(catalog: Catalog, audience: Audience, ordinal: number): boolean {
  const { action } = deploymentOf(catalog.snapshot, audience, ordinal);
  return action === 'Install' || action === 'OptionalInstall';
}

function answer(catalog: Catalog, question: DriverQuestion, needed: readonly number[]): ScanAnswer {
  const { snapshot } = catalog;
  const wanted = new Set(needed);
  const held = new Set<number>();
  const changedUpdates: number[] = [];
  const outOfScopeIds: number[] = [];
  const deployedOutOfScopeIds: number[] = [];
  const memory = memoryOf(question, 'all');
  const twoGroups = question.twoGroups === true && question.filter.length > 0;
  for (const id of new Set(question.cached)) {
    const ordinal = ordinalOf(snapshot, id);
    held.add(ordinal);
    if (wanted.has(ordinal)) {
      if (hasChanged(snapshot, ordinal, memory)) changedUpdates.push(ordinal);
    } else if (twoGroups && isDeployed(snapshot, ordinal)) deployedOutOfScopeIds.push(id);
    else outOfScopeIds.push(id);
  }
  const page = firstPage(
    snapshot,
    needed.filter((ordinal) => !held.has(ordinal)),
    question.page,
  );
  return {
    newUpdates: page.ordinals,
    truncated: page.truncated,
    changedUpdates,
    outOfScopeIds,
    deployedOutOfScopeIds,
  };
}
