import type { UpdateId } from '../../metadata/update-identity.ts';
import type { Guid } from '../../soap/simple-type.ts';
import type { Device } from './device.ts';
import type { DeviceAttributes } from './device-attributes.ts';
import type { DottedVersion } from './dotted-version.ts';
import type { PackageIdentity } from './package-identity.ts';
import type { Registry } from './registry.ts';
import type { WmiAnswer } from './wmi-query.ts';

export interface OsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  /** Update build revision, the fourth part of the version. */
  readonly ubr: number;
  readonly spMajor: number;
  readonly spMinor: number;
}

/** Processor architectures by their number in rules (SYSTEM_INFO.wProcessorArchitecture). */
export const ARCHITECTURES = { x86: 0, arm: 5, ia64: 6, amd64: 9, arm64: 12 } as const;
export type Architecture = keyof typeof ARCHITECTURES;

export interface MachineFile {
  /** As it was written. */
  readonly path: string;
  readonly version?: DottedVersion;
  /** In bytes. */
  readonly size?: number;
  /** Milliseconds since 1970. */
  readonly createdMs?: number;
  readonly modifiedMs?: number;
  /** LANGID of the version resource. */
  readonly language?: number;
}

/** INSTALLSTATE of Windows Installer. The first three count as installed. */
export const PRODUCT_STATES = ['local', 'source', 'default', 'advertised', 'absent'] as const;
export type ProductState = (typeof PRODUCT_STATES)[number];

export interface MsiPatch {
  readonly patchCode: Guid;
  /** Patches that this one makes obsolete. */
  readonly obsoletes: readonly Guid[];
}

export interface MsiProduct {
  readonly productCode: Guid;
  readonly version: DottedVersion;
  /** LCID. */
  readonly language: number;
  readonly state: ProductState;
  /** Installed ones. Windows Installer tells `Tools` and `tools` apart. */
  readonly features: readonly string[];
  readonly components: readonly Guid[];
  readonly patches: readonly MsiPatch[];
}

/** A release as OSInstaller names it, for example Client.OS.RS2.AMD64. */
export interface ProductRelease {
  readonly name: string;
  readonly version: DottedVersion;
}

export interface LicenceValue {
  readonly name: string;
  readonly value: number | string;
}

/**
 * A simulated computer: every fact that rules ask for, and nothing that runs. Data only, frozen, shared
 * between agents; {@link applyPatch} makes the machine that differs from it by some facts, and
 * {@link parseMachine} and {@link machineToJson} take it in and out of files.
 */
export interface Machine {
  readonly osVersion: OsVersion;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType: number;
  /** VER_SUITE_ bits. */
  readonly suiteMask: number;
  /** PRODUCT_ number of GetProductInfo; 48 is Pro. */
  readonly sku: number;
  readonly architecture: Architecture;
  /** Language of the installation, for example en-US. */
  readonly uiLanguage: string;
  /** Languages of the Multilanguage User Interface; empty where it is not installed. */
  readonly muiLanguages: readonly string[];
  readonly processorCount: number;
  readonly processorLevel: number;
  readonly processorRevision: number;
  readonly ramMB: number;
  readonly registry: Registry;
  /** By {@link canonicalPath}. */
  readonly files: ReadonlyMap<string, MachineFile>;
  /** By CSIDL. */
  readonly knownFolders: ReadonlyMap<number, string>;
  readonly products: ReadonlyMap<Guid, MsiProduct>;
  /** Packages of component-based servicing, by {@link packageKey}. */
  readonly packages: ReadonlyMap<string, PackageIdentity>;
  /** By name in lower case. */
  readonly releases: ReadonlyMap<string, ProductRelease>;
  /** What SLGetWindowsInformation answers, by name in lower case. */
  readonly licence: ReadonlyMap<string, LicenceValue>;
  /** By {@link wmiKey}. */
  readonly wmi: ReadonlyMap<string, WmiAnswer>;
  readonly deviceAttributes: DeviceAttributes;
  readonly devices: readonly Device[];
  /** Most specific first. */
  readonly computerHardwareIds: readonly Guid[];
  /** GetSystemMetrics by index. What is not listed is 0, as Windows answers for what it does not know. */
  readonly systemMetrics: ReadonlyMap<number, number>;
  /** Updates that were installed here once. */
  readonly installHistory: ReadonlySet<UpdateId>;
}

/** The operating system as agents write it in the driver pass, for example AMD64.10.0. */
export function featureScoreKey({ architecture, osVersion }: Machine): string {
  return `${architecture.toUpperCase()}.${osVersion.major}.${osVersion.minor}`;
}
