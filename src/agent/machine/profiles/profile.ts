import { nearestName } from '../../../errors/nearest-name.ts';
import { OakumError } from '../../../errors/oakum-error.ts';
import type { Machine } from '../machine.ts';
import { parseMachine } from '../machine-json.ts';
import type { MachineJson } from '../machine-schema.ts';
import { deviceAttributesOf, productsOf } from './agent-attributes.ts';
import { AGENT_GENERATIONS, type AgentGeneration } from './agent-generation.ts';
import { DEFENDER_FILES, DEFENDER_KEYS, DEFENDER_RELEASES } from './defender.ts';
import {
  COMPUTER_HARDWARE_IDS,
  NOTEBOOK,
  oakumDevices,
  PROCESSOR,
  RACK_SERVER,
  type RegistrationFacts,
} from './oakum-hardware.ts';
import { nativeKeys, sharedKeys } from './windows-registry.ts';
import {
  fullVersion,
  servicedVersion,
  WINDOWS_TRAITS,
  type ProfileName,
  type WindowsTraits,
} from './windows-traits.ts';

/** A kind of computer: the machine, and what its agent says on the wire. */
export interface Profile extends AgentGeneration {
  readonly name: ProfileName;
  readonly machine: Machine;
  readonly registration: RegistrationFacts;
  /** The commercial name; systems before Windows 10 send none ([MS-WUSP] note 14). */
  readonly osDescription: string | undefined;
  /** The Products string of SyncUpdates; empty for agents that send none. */
  readonly products: string;
}

export const profileNames = Object.keys(WINDOWS_TRAITS) as readonly ProfileName[];

/**
 * The profile of a name, made anew at every call; its machine may be shared by a whole fleet.
 *
 * @throws OakumError OAK_PROFILE_UNKNOWN, which names all there are
 */
export function profile(name: string): Profile {
  const known = profileNames.find((one) => one === name.toLowerCase());
  if (known === undefined) {
    const nearest = nearestName(name.slice(0, 40), profileNames);
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    throw new OakumError('OAK_PROFILE_UNKNOWN', { detail: `There are: ${profileNames.join(', ')}.${hint}` });
  }
  const traits: WindowsTraits = WINDOWS_TRAITS[known];
  const agent = AGENT_GENERATIONS[traits.agent];
  const hardware = traits.isServer ? RACK_SERVER : NOTEBOOK;
  return {
    ...agent,
    name: known,
    machine: parseMachine(machineOf(traits, hardware)),
    registration: hardware,
    osDescription: agent.isModern ? traits.productName : undefined,
    products: productsOf(traits, releasesOf(traits)),
  };
}

function machineOf(traits: WindowsTraits, hardware: RegistrationFacts): MachineJson {
  const shared = sharedKeys(traits);
  const hasDefender = traits.osVersion.major >= 10;
  return {
    osVersion: traits.osVersion,
    productType: traits.isServer ? 3 : 1,
    // VER_SUITE_SINGLEUSERTS, and VER_SUITE_TERMINAL on servers.
    suiteMask: traits.isServer ? 0x110 : 0x100,
    sku: traits.sku,
    architecture: 'amd64',
    uiLanguage: 'en-US',
    processorCount: PROCESSOR.count,
    processorLevel: PROCESSOR.level,
    processorRevision: PROCESSOR.revision,
    ramMB: PROCESSOR.ramMB,
    registry: {
      native: { ...shared, ...nativeKeys(traits, hardware), ...(hasDefender && DEFENDER_KEYS) },
      wow64: shared,
    },
    files: { ...systemFiles(traits), ...(hasDefender && DEFENDER_FILES) },
    knownFolders: KNOWN_FOLDERS,
    packages: packagesOf(traits),
    releases: releasesOf(traits),
    licence: {
      'Kernel-ProductInfo': traits.sku,
      'Kernel-MUI-Number-Allowed': 1000,
      ...(traits.osVersion.major >= 10 && { 'UpdatePolicy-UpdateManagementGroup': 2 }),
    },
    deviceAttributes: deviceAttributesOf(traits, hardware),
    devices: oakumDevices(traits),
    computerHardwareIds: [...COMPUTER_HARDWARE_IDS],
  };
}

/** By CSIDL. */
const KNOWN_FOLDERS = {
  35: 'C:\\ProgramData',
  36: 'C:\\Windows',
  37: 'C:\\Windows\\System32',
  38: 'C:\\Program Files',
  41: 'C:\\Windows\\SysWOW64',
  42: 'C:\\Program Files (x86)',
  43: 'C:\\Program Files\\Common Files',
  44: 'C:\\Program Files (x86)\\Common Files',
} as const;

function systemFiles(traits: WindowsTraits): NonNullable<MachineJson['files']> {
  const version = servicedVersion(traits);
  const agent = AGENT_GENERATIONS[traits.agent].clientVersion;
  return {
    'C:\\Windows\\System32\\ntoskrnl.exe': { version },
    'C:\\Windows\\System32\\kernel32.dll': { version },
    'C:\\Windows\\System32\\drivers\\afd.sys': { version },
    'C:\\Windows\\System32\\wuaueng.dll': { version: traits.osVersion.major >= 10 ? version : agent },
    'C:\\Windows\\SysWOW64\\kernel32.dll': { version },
  };
}

function packagesOf(traits: WindowsTraits): string[] {
  const { osVersion } = traits;
  const build = traits.servicedBuild ?? osVersion.build;
  const token = '31bf3856ad364e35';
  const base = `${osVersion.major}.${osVersion.minor}.${build}`;
  const packages = [`Microsoft-Windows-Foundation-Package~${token}~amd64~~${base}.1`];
  if (osVersion.major < 10) return packages;
  return [
    ...packages,
    `Microsoft-Windows-${traits.isServer ? 'ServerStandard' : 'Professional'}Edition~${token}~amd64~~${base}.1`,
    `Package_for_RollupFix~${token}~amd64~~${build}.${osVersion.ubr}.1.1`,
  ];
}

/** What OSInstaller calls the system and its parts; the system itself comes first. */
function releasesOf(traits: WindowsTraits): Record<string, string> {
  if (traits.osVersion.major < 10) return {};
  return {
    [traits.isServer ? 'Server.OS.amd64' : 'Client.OS.rs2.amd64']: fullVersion(traits),
    'Windows.UpdateStackPackage.amd64': servicedVersion(traits),
    ...DEFENDER_RELEASES,
  };
}
