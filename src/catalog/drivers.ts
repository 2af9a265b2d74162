import type { UpdateId } from '../metadata/update-identity.ts';
import type { Audience } from './audience.ts';
import type { Catalog } from './catalog.ts';
import type { DriverEntry } from './driver-entry.ts';
import {
  beatsInstalled,
  compareQuality,
  isPrinterClass,
  qualityOf,
  qualityOfInstalled,
  vendorMatches,
  type ComputerSpec,
  type DeviceSpec,
  type MatchQuality,
} from './driver-match.ts';
import { firstPage, type PageLimits } from './page.ts';
import { eachNeeded, hasChanged, type ScanAnswer, type Watermark } from './scan.ts';
import { ordinalOf, Type } from './snapshot.ts';

export interface DriverQuestion {
  readonly installed: Int32Array;
  /** Revision ids of the drivers the client holds. */
  readonly cached: Int32Array;
  readonly filter: readonly UpdateId[];
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
  const eligible = eligibleDrivers(catalog, question);
  const matches = new Map<number, Set<string>>();
  const offer = (entry: DriverEntry): void => {
    const ids = matches.get(entry.ordinal);
    if (ids === undefined) matches.set(entry.ordinal, new Set([entry.hardwareId]));
    else ids.add(entry.hardwareId);
  };
  for (const device of devices) {
    const candidates = candidatesFor(catalog, device, computer, eligible);
    // The best of what is approved, and the best of all: something unapproved must not hide what an
    // administrator approved, and yet it shall be known that it is needed.
    const approved = candidates.find(({ entry }) => isApproved(catalog, question.audience, entry.ordinal));
    for (const best of [candidates[0], approved]) if (best !== undefined) offer(best.entry);
  }
  const hardwareIds = new Map([...matches].map(([ordinal, ids]) => [ordinal, [...ids]]));
  return { ...answer(catalog, question, [...matches.keys()]), hardwareIds };
}

/** The printer drivers of the catalogue ([MS-WUSP] 3.1.5.12): there is no device to match them with. */
export function scanPrinterDrivers(catalog: Catalog, question: DriverQuestion): DriverAnswer {
  const eligible = eligibleDrivers(catalog, question);
  const hardwareIds = new Map<number, string[]>();
  for (const entries of catalog.snapshot.drivers.values()) {
    for (const entry of entries) {
      if (!eligible.has(entry.ordinal) || !isPrinterClass(entry.driverClass)) continue;
      const ids = hardwareIds.get(entry.ordinal);
      if (ids === undefined) hardwareIds.set(entry.ordinal, [entry.hardwareId]);
      else ids.push(entry.hardwareId);
    }
  }
  return { ...answer(catalog, question, [...hardwareIds.keys()]), hardwareIds };
}

function eligibleDrivers(catalog: Catalog, question: DriverQuestion): Set<number> {
  const filtered = question.filter.length > 0 ? catalog.categoryScope(question.filter) : undefined;
  const eligible = new Set<number>();
  eachNeeded(catalog, question.installed, (ordinal) => {
    if (catalog.snapshot.types[ordinal] === Type.Driver && filtered?.[ordinal] !== 0) eligible.add(ordinal);
  });
  return eligible;
}

interface Candidate {
  readonly entry: DriverEntry;
  readonly quality: MatchQuality;
}

/** Every eligible driver for a device that beats the installed one, best first. */
function candidatesFor(
  catalog: Catalog,
  device: DeviceSpec,
  computer: ComputerSpec,
  eligible: ReadonlySet<number>,
): Candidate[] {
  const deviceIds = [...device.hardwareIds, ...device.compatibleIds].map((id) => id.toLowerCase());
  const installed = hasDriver(device) ? device.installedDriver : undefined;
  const toBeat = installed && qualityOfInstalled(installed, deviceIds, computer);
  const candidates: Candidate[] = [];
  for (const [position, id] of deviceIds.entries()) {
    for (const entry of catalog.snapshot.drivers.get(id) ?? []) {
      if (!eligible.has(entry.ordinal)) continue;
      const quality = qualityOf(entry, position, computer);
      if (quality === undefined || (toBeat !== undefined && !beatsInstalled(quality, toBeat))) continue;
      if (installed !== undefined && !vendorMatches(entry, installed)) continue;
      candidates.push({ entry, quality });
    }
  }
  return candidates.sort((one, other) => compareQuality(one.quality, other.quality));
}

// A device without a driver is reported with an installedDriver all the same: no id, the year 1, version 0.
function hasDriver(device: DeviceSpec): boolean {
  const { installedDriver } = device;
  return (
    installedDriver !== undefined &&
    (installedDriver.matchingId !== undefined || installedDriver.verVersion > 0n)
  );
}

function isApproved(catalog: Catalog, audience: Audience, ordinal: number): boolean {
  const approval = audience.approvals.get(catalog.snapshot.updates[ordinal]);
  return approval !== undefined && approval.action !== 'NotApproved' && approval.action !== 'Block';
}

function answer(catalog: Catalog, question: DriverQuestion, needed: readonly number[]): ScanAnswer {
  const { snapshot } = catalog;
  const wanted = new Set(needed);
  const held = new Set<number>();
  const changedUpdates: number[] = [];
  const outOfScopeIds: number[] = [];
  for (const id of new Set(question.cached)) {
    const ordinal = ordinalOf(snapshot, id);
    held.add(ordinal);
    if (!wanted.has(ordinal)) outOfScopeIds.push(id);
    else if (hasChanged(snapshot, ordinal, question)) changedUpdates.push(ordinal);
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
    deployedOutOfScopeIds: [],
  };
}
