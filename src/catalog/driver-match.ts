import type { Guid } from '../soap/simple-type.ts';
import type { DriverEntry } from './driver-entry.ts';

/** A device of the client, as SystemSpec describes it ([MS-WUSP] 2.2.2.2.4). */
export interface DeviceSpec {
  readonly hardwareIds: readonly string[];
  readonly compatibleIds: readonly string[];
  readonly installedDriver: InstalledDriverSpec | undefined;
}

export interface InstalledDriverSpec {
  readonly matchingId: string | undefined;
  readonly verDateMs: number;
  readonly verVersion: bigint;
  readonly driverClass: string;
  readonly provider: string;
  readonly manufacturer: string;
  readonly matchingComputerHardwareId: Guid | undefined;
  /** 0xSSGGTHHH of the plug and play manager as a signed integer, or -1. */
  readonly rank: number;
  readonly skipProviderFiltering: boolean;
}

export interface ComputerSpec {
  /** Most specific first. */
  readonly computerHardwareIds: readonly Guid[];
  /** For example AMD64.10.0, in any letter case. */
  readonly featureScoreKey: string;
}

/** How well a driver fits a device: lower numbers are better, position by position. */
export interface MatchQuality {
  readonly computerHardwareId: number;
  readonly featureScore: number;
  readonly devicePosition: number;
  readonly verDateMs: number;
  readonly verVersion: bigint;
  readonly whqlDriverId: number;
}

const UNTARGETED = Number.MAX_SAFE_INTEGER;
const WORST_SCORE = 255;

/**
 * How a driver entry fits a device whose id at `devicePosition` it names; undefined when the driver is
 * targeted at other computers.
 */
export function qualityOf(
  entry: DriverEntry,
  devicePosition: number,
  computer: ComputerSpec,
): MatchQuality | undefined {
  const byService = targetPosition(entry.distributionComputerHardwareIds, computer);
  const byInf = targetPosition(entry.targetComputerHardwareIds, computer);
  if (byService === undefined || byInf === undefined) return undefined;
  return {
    computerHardwareId: Math.min(byService, byInf),
    featureScore: featureScore(entry, computer.featureScoreKey.toLowerCase()),
    devicePosition,
    verDateMs: entry.verDateMs,
    verVersion: entry.verVersion,
    whqlDriverId: entry.whqlDriverId,
  };
}

// The key is the client's word: `constructor` must not find what every object has.
function featureScore({ featureScores }: DriverEntry, key: string): number {
  return Object.hasOwn(featureScores, key) ? featureScores[key] : WORST_SCORE;
}

/** Position of the first of the computer's ids that is targeted; undefined when others are targeted. */
function targetPosition(targets: readonly Guid[], computer: ComputerSpec): number | undefined {
  if (targets.length === 0) return UNTARGETED;
  const position = computer.computerHardwareIds.findIndex((id) => targets.includes(id));
  return position < 0 ? undefined : position;
}

/** The installed driver in the same terms, so that an offer must beat it. */
export function qualityOfInstalled(
  installed: InstalledDriverSpec,
  deviceIds: readonly string[],
  computer: ComputerSpec,
): MatchQuality {
  const target = installed.matchingComputerHardwareId;
  const targetAt = target === undefined ? -1 : computer.computerHardwareIds.indexOf(target);
  const position =
    installed.matchingId === undefined ? -1 : deviceIds.indexOf(installed.matchingId.toLowerCase());
  return {
    computerHardwareId: targetAt < 0 ? UNTARGETED : targetAt,
    // The second byte. Unsigned drivers have negative ranks; of -1, not ranked at all, it is the worst score.
    featureScore: (installed.rank >>> 16) & 0xff,
    devicePosition: position < 0 ? Number.MAX_SAFE_INTEGER : position,
    verDateMs: installed.verDateMs,
    verVersion: installed.verVersion,
    whqlDriverId: 0,
  };
}

/**
 * The order of [MS-WUSP] 3.1.5.7, best first: computer hardware id, feature score, position among the
 * device's ids, date, version. Ties are undefined there; the driver certified last wins them here.
 */
export function compareQuality(one: MatchQuality, other: MatchQuality): number {
  return rankOffer(one, other) || other.whqlDriverId - one.whqlDriverId;
}

/** Whether an offered driver beats the installed one. An equal one does not. */
export function beatsInstalled(offer: MatchQuality, installed: MatchQuality): boolean {
  return rankOffer(offer, installed) < 0;
}

function rankOffer(one: MatchQuality, other: MatchQuality): number {
  return (
    one.computerHardwareId - other.computerHardwareId ||
    one.featureScore - other.featureScore ||
    one.devicePosition - other.devicePosition ||
    other.verDateMs - one.verDateMs ||
    (one.verVersion === other.verVersion ? 0 : one.verVersion > other.verVersion ? -1 : 1)
  );
}

export function isPrinterClass(driverClass: string): boolean {
  // "Printer" in the text, "Printers" in the metadata schema.
  return /^printers?$/i.test(driverClass);
}

/** Printers keep to their vendor: the {@link vendorOf} a driver must have, or undefined when any will do. */
export function requiredVendor(installed: InstalledDriverSpec): string | undefined {
  const bound = isPrinterClass(installed.driverClass) && !installed.skipProviderFiltering;
  return bound ? vendorOf(installed) : undefined;
}

/** Provider and manufacturer as one key; letter case does not count. */
export function vendorOf(driver: Pick<DriverEntry, 'provider' | 'manufacturer'>): string {
  return `${driver.provider}\n${driver.manufacturer}`.toLowerCase();
}
