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
    whqlDriverId: Number.parseInt(attribute('WhqlDriverID'), 10) || 0,
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
        const score = Number.parseInt(attribute('FeatureScore'), 10);
        if (score >= 0 && score <= 255) featureScores[attribute('OperatingSystem').toLowerCase()] = score;
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

/** A driver's date: an ISO date, with or without a time, or the month/day/year of an INF file. */
export function parseDriverDate(text: string): number {
  const inf = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text.trim());
  if (inf !== null) return Date.UTC(Number(inf[3]), Number(inf[1]) - 1, Number(inf[2]));
  const date = parseDateTime(
    /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? `${text.trim()}T00:00:00Z` : text.trim(),
  );
  return date === undefined ? 0 : dateTimeToMs(date);
}

/** `a.b.c.d` packed into 64 bits, most significant part first; missing parts are zero. */
export function parseDriverVersion(text: string): bigint {
  let packed = 0n;
  const parts = text.trim().split('.');
  for (let part = 0; part < 4; part++) {
    const value = Number.parseInt(parts[part] ?? '0', 10);
    packed = (packed << 16n) | BigInt(value >= 0 && value <= 0xffff ? value : 0);
  }
  return packed;
}
