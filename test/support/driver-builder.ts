import type { ComputerSpec, DeviceSpec, InstalledDriverSpec } from '../../src/catalog/driver-match.ts';
import {
  parseDriverDate,
  parseDriverVersion,
  type DriverMetadata,
} from '../../src/metadata/driver-metadata.ts';
import type { Guid } from '../../src/soap/simple-type.ts';

/** What a driver says of itself for one hardware id; the rest has defaults. */
export interface DriverDeclaration {
  readonly id: string;
  /** Year-month-day; 2026-01-01. */
  readonly date?: string;
  /** 1.0.0.0. */
  readonly version?: string;
  readonly whql?: number;
  /** Net. */
  readonly class?: string;
  readonly provider?: string;
  readonly manufacturer?: string;
  /** By operating system, in lower case as the metadata reader leaves them. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Numbers of computer models it is meant for: by its INF file, and by the service. */
  readonly models?: readonly number[];
  readonly servedTo?: readonly number[];
}

/** The hardware id of all computers of one model. */
export function computerModel(number: number): Guid {
  return `c0000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Guid;
}

export function driverMetadata(declaration: DriverDeclaration): DriverMetadata {
  return {
    hardwareId: declaration.id,
    verDateMs: parseDriverDate(declaration.date ?? '2026-01-01'),
    verVersion: parseDriverVersion(declaration.version ?? '1.0.0.0'),
    whqlDriverId: declaration.whql ?? 0,
    driverClass: declaration.class ?? 'Net',
    company: '',
    provider: declaration.provider ?? 'Contoso',
    manufacturer: declaration.manufacturer ?? 'Contoso',
    model: '',
    featureScores: declaration.scores ?? {},
    distributionComputerHardwareIds: (declaration.servedTo ?? []).map(computerModel),
    targetComputerHardwareIds: (declaration.models ?? []).map(computerModel),
  };
}

export interface InstalledDeclaration {
  /** The id of the device that the driver matched. */
  readonly by?: string;
  readonly date?: string;
  readonly version?: string;
  readonly class?: string;
  readonly provider?: string;
  readonly manufacturer?: string;
  readonly model?: number;
  /** Of the plug and play manager; -1, not ranked, by default. */
  readonly rank?: number;
  readonly anyVendor?: boolean;
}

/** A device with these hardware ids, most specific first. */
export function device(
  hardwareIds: readonly string[],
  rest: { readonly compatible?: readonly string[]; readonly has?: InstalledDeclaration } = {},
): DeviceSpec {
  return {
    hardwareIds,
    compatibleIds: rest.compatible ?? [],
    installedDriver: rest.has && installed(rest.has),
  };
}

export function installed(has: InstalledDeclaration): InstalledDriverSpec {
  return {
    matchingId: has.by,
    verDateMs: parseDriverDate(has.date ?? '2026-01-01'),
    verVersion: parseDriverVersion(has.version ?? '1.0.0.0'),
    driverClass: has.class ?? 'Net',
    provider: has.provider ?? 'Contoso',
    manufacturer: has.manufacturer ?? 'Contoso',
    matchingComputerHardwareId: has.model === undefined ? undefined : computerModel(has.model),
    rank: has.rank ?? -1,
    skipProviderFiltering: has.anyVendor ?? false,
  };
}

/** A computer of these models, most specific first. */
export function computer(models: readonly number[] = [], featureScoreKey = 'AMD64.10.0'): ComputerSpec {
  return { computerHardwareIds: models.map(computerModel), featureScoreKey };
}
