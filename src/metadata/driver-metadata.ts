import { OakumError } from '../errors/oakum-error.ts';
import { dateTimeToMs, parseDateTime, parseGuid, type Guid } from '../soap/simple-type.ts';
import type { XmlScanner } from '../xml/scanner.ts';
import { WINDOWS_DRIVER } from './namespaces.ts';
import { eachChild } from './open-document.ts';

/** One WindowsDriverMetaData: a driver for one hardware id ([MS-WUSP] 3.1.1, Driver Table and its kin). */
export interface DriverMetadata {
  readonly hardwareId: string;
  readonly verDateMs: number;
  /** Four 16-bit parts packed into 64 bits, as clients send the installed driver's. */
  readonly verVersion: bigint;
  readonly whqlDriverId: number;
  readonly driverClass: string;
  readonly company: string;
  readonly provider: string;
  readonly manufacturer: string;
  readonly model: string;
  /** By operating system key (`amd64.10.0`, lower case); lower is better. */
  readonly featureScores: Readonly<Record<string, number>>;
  /** Computers this driver is meant for: by the service, and by its INF file. */
  readonly distributionComputerHardwareIds: readonly Guid[];
  readonly targetComputerHardwareIds: readonly Guid[];
}

/** Reads the driver metadata inside the ApplicabilityRules' Metadata element, up to its end. */
export function readDriverMetadata(scanner: XmlScanner, into: DriverMetadata[]): void {
  eachChild(
    scanner,
    (name) => {
      if (name === 'WindowsDriverMetaData') into.push(readOne(scanner));
    },
    WINDOWS_DRIVER,
  );
}

function readOne(scanner: XmlScanner): DriverMetadata {
  const attribute = (name: string): string => scanner.attribute(name) ?? '';
  const featureScores: Record<string, number> = {};
  const distribution: Guid[] = [];
  const target: Guid[] = [];
  const draft = {
    hardwareId: attribute('HardwareID'),
    verDateMs: parseDriverDate(attribute('DriverVerDate')),
    verVersion: parseDriverVersion(attribute('DriverVerVersion')),
    whqlDriverId: parseDigits(attribute('WhqlDriverID'), 0xffff_ffff) ?? 0,
    driverClass: attribute('Class'),
    company: attribute('Company'),
    provider: attribute('Provider'),
    manufacturer: attribute('Manufacturer'),
    model: attribute('Model'),
  };
  if (draft.hardwareId === '') {
    throw new OakumError('OAK_DOCUMENT_INVALID', { detail: 'A driver names no hardware id.' });
  }
  eachChild(
    scanner,
    (name) => {
      if (name === 'FeatureScore') {
        const score = parseDigits(attribute('FeatureScore'), 0xff);
        if (score !== undefined) featureScores[attribute('OperatingSystem').toLowerCase()] = score;
      } else if (name === 'DistributionComputerHardwareId') pushGuid(distribution, scanner.readText());
      else if (name === 'TargetComputerHardwareId') pushGuid(target, scanner.readText());
    },
    WINDOWS_DRIVER,
  );
  return {
    ...draft,
    featureScores,
    distributionComputerHardwareIds: distribution,
    targetComputerHardwareIds: target,
  };
}

function pushGuid(guids: Guid[], text: string): void {
  const guid = parseGuid(text.trim());
  if (guid !== undefined) guids.push(guid);
}

/**
 * A driver's date in milliseconds since 1970: an ISO date, with or without a time, or the month/day/year of
 * an INF file. 0 for anything else.
 */
export function parseDriverDate(text: string): number {
  const trimmed = text.trim();
  const inf = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(trimmed);
  const iso = inf === null ? trimmed : `${inf[3]}-${inf[1].padStart(2, '0')}-${inf[2].padStart(2, '0')}`;
  const date = parseDateTime(iso.replace(/^(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?$/, '$1T00:00:00$2'));
  return date === undefined ? 0 : dateTimeToMs(date);
}

/** `a.b.c.d` packed into 64 bits, most significant part first; parts that are missing or no 16 bits are zero. */
export function parseDriverVersion(text: string): bigint {
  let packed = 0n;
  const parts = text.trim().split('.');
  for (let part = 0; part < 4; part++) {
    packed = (packed << 16n) | BigInt(parseDigits(parts[part] ?? '', 0xffff) ?? 0);
  }
  return packed;
}

function parseDigits(text: string, maximum: number): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= maximum ? Number(text) : undefined;
}
