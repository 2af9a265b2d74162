import { parseDriverDate, parseDriverVersion } from '../../../metadata/driver-metadata.ts';
import type { Guid } from '../../../soap/simple-type.ts';
import type { Device, InstalledDriver } from '../../machine/device.ts';
import { featureScoreKey, type Machine } from '../../machine/machine.ts';
import type { MachineFact, MachinePatch } from '../../machine/machine-patch.ts';
import type { DriverOffer } from '../applicability-metadata.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';

/** How an offered driver compares with what a device has. */
interface Match {
  readonly device: Device;
  readonly offer: DriverOffer;
  /** Negative when the offer is better than the installed driver, zero when they are equal. */
  readonly order: number;
}

/** What makes a driver fit a device; the smaller number is the better one, position by position. */
type Quality = readonly [target: number, featureScore: number, id: number, date: number, version: bigint];

const UNTARGETED = Number.MAX_SAFE_INTEGER;
const WORST_SCORE = 255;

function compareQuality(one: Quality, other: Quality): number {
  const byNumbers = one[0] - other[0] || one[1] - other[1] || one[2] - other[2] || one[3] - other[3];
  return byNumbers || (one[4] === other[4] ? 0 : one[4] < other[4] ? -1 : 1);
}

/** The order of [MS-WUSP] 3.1.5.7: computer hardware id, feature score, device id, date, version. */
function offerQuality(offer: DriverOffer, idAt: number, machine: Machine): Quality | undefined {
  const byService = targetPosition(offer.distributionComputerHardwareIds, machine);
  const byInf = targetPosition(offer.targetComputerHardwareIds, machine);
  if (byService < 0 || byInf < 0) return undefined;
  const key = featureScoreKey(machine).toLowerCase();
  const score = Object.hasOwn(offer.featureScores, key) ? offer.featureScores[key] : WORST_SCORE;
  return [Math.min(byService, byInf), score, idAt, -offer.verDateMs, -offer.verVersion];
}

/** Position of the first of the computer's ids that is targeted; negative when others are. */
function targetPosition(targets: readonly Guid[], machine: Machine): number {
  return targets.length === 0
    ? UNTARGETED
    : machine.computerHardwareIds.findIndex((id) => targets.includes(id));
}

function installedQuality(driver: InstalledDriver, ids: readonly string[], machine: Machine): Quality {
  const target = driver.matchingComputerHardwareId;
  const targetAt = target === undefined ? -1 : machine.computerHardwareIds.indexOf(target);
  const idAt = ids.indexOf(driver.matchingId.toLowerCase());
  return [
    targetAt < 0 ? UNTARGETED : targetAt,
    // The feature score is the second byte; of -1, not ranked at all, it is the worst one.
    (driver.rank >>> 16) & 0xff,
    idAt < 0 ? Number.MAX_SAFE_INTEGER : idAt,
    -parseDriverDate(driver.verDate),
    -parseDriverVersion(driver.verVersion),
  ];
}

/** Printer drivers are replaced by their own provider and manufacturer only, or by declared compatible ones. */
function isAllowed(offer: DriverOffer, driver: InstalledDriver): boolean {
  const installedVersion = parseDriverVersion(driver.verVersion);
  const ranges = offer.installedVersionRanges;
  if (
    ranges.length > 0 &&
    !ranges.some(({ min, max }) => min <= installedVersion && installedVersion <= max)
  ) {
    return false;
  }
  // "Printer" in the text, "Printers" in the metadata schema.
  if (!/^printers?$/i.test(driver.class) || driver.skipProviderFiltering === true) return true;
  const provider = driver.provider.toLowerCase();
  if (offer.compatibleProviders.some((one) => one.toLowerCase() === provider)) return true;
  return (
    offer.provider.toLowerCase() === provider &&
    offer.manufacturer.toLowerCase() === driver.manufacturer.toLowerCase()
  );
}

function matchOf(device: Device, offer: DriverOffer, machine: Machine): Match | undefined {
  const ids = [...device.hardwareIds, ...device.compatibleIds].map((id) => id.toLowerCase());
  const idAt = ids.indexOf(offer.hardwareId.toLowerCase());
  const quality = idAt < 0 ? undefined : offerQuality(offer, idAt, machine);
  if (quality === undefined) return undefined;
  if (device.driver === undefined) return { device, offer, order: -1 };
  if (!isAllowed(offer, device.driver)) return undefined;
  return { device, offer, order: compareQuality(quality, installedQuality(device.driver, ids, machine)) };
}

/** The best match of each device that the update has a driver for. */
function find(_: unknown, { machine, metadata: { drivers } }: RuleContext): readonly Match[] | undefined {
  if (drivers.length === 0) return undefined;
  return machine.devices.flatMap((device) => {
    const matches = drivers.flatMap((offer) => matchOf(device, offer, machine) ?? []);
    return matches.length === 0 ? [] : [matches.reduce((best, one) => (one.order < best.order ? one : best))];
  });
}

function show(matches: readonly Match[] | undefined): string {
  if (matches === undefined) return 'no WindowsDriverMetaData';
  if (matches.length === 0) return 'no device for it';
  return matches
    .map(({ device, order }) => {
      const installed =
        device.driver === undefined ? 'no driver' : `${device.driver.verDate} ${device.driver.verVersion}`;
      return `${device.hardwareIds[0]}: ${installed}, ${order < 0 ? 'worse' : order === 0 ? 'equal' : 'better'}`;
    })
    .join('; ');
}

function driverOperator(
  name: string,
  judge: (matches: readonly Match[]) => boolean,
  bringAbout: (wanted: boolean, matches: readonly Match[], context: RuleContext) => MachinePatch[] = () => [],
): Operator {
  return operator({
    name,
    attributes: {},
    find,
    holds: (matches) => (matches === undefined ? 'error' : judge(matches)),
    show,
    bringAbout: (wanted, args, context) => bringAbout(wanted, find(args, context) ?? [], context),
  });
}

function driverFact({ device, offer }: Match, machine: Machine): MachineFact {
  const key = featureScoreKey(machine).toLowerCase();
  const score = Object.hasOwn(offer.featureScores, key) ? offer.featureScores[key] : WORST_SCORE;
  const targets = [...offer.distributionComputerHardwareIds, ...offer.targetComputerHardwareIds];
  const target = machine.computerHardwareIds.find((id) => targets.includes(id));
  const parts = [48n, 32n, 16n, 0n].map((shift) => (offer.verVersion >> shift) & 0xffffn);
  return {
    fact: 'driver',
    hardwareId: device.hardwareIds[0],
    driver: {
      matchingId: offer.hardwareId,
      verDate: new Date(offer.verDateMs).toISOString().slice(0, 10),
      verVersion: parts.join('.'),
      class: /^printers?$/i.test(offer.driverClass) ? 'Printer' : offer.driverClass,
      manufacturer: offer.manufacturer,
      provider: offer.provider,
      model: offer.model,
      ...(target !== undefined && { matchingComputerHardwareId: target }),
      rank: score << 16,
    },
  };
}

/**
 * Operators about drivers ([MS-WUSP] 7, WindowsDriver): the offered driver against the one that each device
 * has. One device that it is better for is enough to make it installable, and neither installed nor superseded.
 */
export const DRIVER_OPERATORS: readonly Operator[] = [
  driverOperator(
    'd.WindowsDriverInstalled',
    (matches) => matches.some(({ order }) => order === 0) && matches.every(({ order }) => order >= 0),
    (wanted, matches, { machine }) => {
      const better = matches.filter(({ order }) => order < 0);
      return wanted && better.length > 0 ? [better.map((match) => driverFact(match, machine))] : [];
    },
  ),
  driverOperator(
    'd.WindowsDriverSuperseded',
    (matches) => matches.length > 0 && matches.every(({ order }) => order > 0),
  ),
  driverOperator('d.WindowsDriverInstallable', (matches) => matches.some(({ order }) => order < 0)),
];
