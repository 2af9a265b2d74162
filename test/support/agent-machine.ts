import { parseMachine } from '../../src/agent/machine/machine-json.ts';
import type { Machine } from '../../src/agent/machine/machine.ts';
import type { MachineJson } from '../../src/agent/machine/machine-schema.ts';
import { NO_METADATA } from '../../src/agent/rules/applicability-metadata.ts';
import type { RuleContext } from '../../src/agent/rules/rule-context.ts';

export const PRODUCT = '{0a4b0000-0000-4000-8000-00000000000a}';
export const OTHER_PRODUCT = '{0a4b0000-0000-4000-8000-00000000000b}';
export const PATCH = '{0a4b0000-0000-4000-8000-0000000000c1}';
export const OLD_PATCH = '{0a4b0000-0000-4000-8000-0000000000c0}';
export const COMPONENT = '{0a4b0000-0000-4000-8000-0000000000d1}';
export const COMPUTER_IDS = [
  '0a4b0000-0000-4000-8000-0000000000e1',
  '0a4b0000-0000-4000-8000-0000000000e2',
] as const;

/** A machine with one of everything, and nothing twice: what the cases of operators ask. */
export const SMALL_MACHINE: MachineJson = {
  osVersion: { major: 10, minor: 0, build: 20_000, ubr: 500, spMajor: 1, spMinor: 2 },
  productType: 1,
  suiteMask: 0x110,
  sku: 48,
  architecture: 'amd64',
  uiLanguage: 'de-DE',
  processorCount: 4,
  processorLevel: 6,
  processorRevision: 300,
  ramMB: 4096,
  registry: {
    native: {
      'SOFTWARE\\Oakum': {
        '': { type: 'REG_SZ', data: '2.5' },
        Number: { type: 'REG_DWORD', data: 7 },
        Largest: { type: 'REG_DWORD', data: 0xffff_ffff },
        Long: { type: 'REG_QWORD', data: '7' },
        Text: { type: 'REG_SZ', data: 'Tarred Fibre' },
        Expandable: { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\Oakum' },
        Version: { type: 'REG_SZ', data: '6.3' },
        Words: { type: 'REG_MULTI_SZ', data: ['one', 'two'] },
        Bytes: { type: 'REG_BINARY', data: '0a4b' },
        Folder: { type: 'REG_SZ', data: 'C:\\Oakum\\' },
      },
      'SOFTWARE\\Oakum\\Loop\\First\\Setup': { Cluster: { type: 'REG_DWORD', data: 0 } },
      'SOFTWARE\\Oakum\\Loop\\Second\\Setup': { Cluster: { type: 'REG_DWORD', data: 1 } },
      'SOFTWARE\\Oakum\\Alike\\First': { Score: { type: 'REG_DWORD', data: 5 } },
      'SOFTWARE\\Oakum\\Alike\\Second': { Score: { type: 'REG_DWORD', data: 6 } },
      'SOFTWARE\\Oakum\\Empty': {},
      'SYSTEM\\Oakum': { Number: { type: 'REG_DWORD', data: 1 } },
    },
    wow64: {
      'SOFTWARE\\Oakum': { Number: { type: 'REG_DWORD', data: 32 } },
      'SOFTWARE\\Oakum\\Loop\\Third\\Setup': { Cluster: { type: 'REG_DWORD', data: 32 } },
    },
  },
  files: {
    'C:\\Windows\\System32\\oakum.dll': {
      version: '5.1.2600.100',
      size: 1234,
      created: '2020-01-01T00:00:00Z',
      modified: '2021-06-01T12:00:00.5Z',
      language: 1031,
    },
    'C:\\Oakum\\bin\\plain.txt': { size: 0 },
    'C:\\Oakum\\tool.exe': {
      version: '2.0',
      created: '2020-01-01T00:00:00Z',
      modified: '2021-01-01T00:00:00Z',
      size: 50,
    },
  },
  knownFolders: { 36: 'C:\\Windows', 37: 'C:\\Windows\\System32' },
  products: {
    [PRODUCT]: {
      version: '3.2.1',
      language: 1033,
      features: ['Core', 'Tools'],
      components: [COMPONENT],
      patches: [{ patchCode: PATCH, obsoletes: [OLD_PATCH] }],
    },
    [OTHER_PRODUCT]: { version: '1.0', state: 'advertised', features: ['Core'] },
  },
  packages: [
    'Oakum-Foundation~0a4b0a4b0a4b0a4b~amd64~~10.0.20000.1',
    'Oakum-Rollup~0a4b0a4b0a4b0a4b~amd64~~20000.500.1.0',
  ],
  releases: { 'Client.OS.Oakum.amd64': '10.0.20000.500' },
  licence: { 'Oakum-Edition': 48, 'Oakum-Name': 'caulker' },
  wmi: [
    {
      query: 'SELECT * FROM Win32_ComputerSystem WHERE Manufacturer = "Oakum"',
      rows: [{ Manufacturer: 'Oakum' }],
    },
    { query: 'SELECT * FROM Win32_Battery', rows: [] },
  ],
  deviceAttributes: 'OSSkuId=48;OSVersion=10.0.20000.500;Branch=oak_release;Empty=;',
  devices: [
    {
      hardwareIds: ['PCI\\VEN_0A4B&DEV_0001&REV_02', 'PCI\\VEN_0A4B&DEV_0001'],
      compatibleIds: ['PCI\\VEN_0A4B'],
      driver: {
        matchingId: 'PCI\\VEN_0A4B&DEV_0001',
        verDate: '2024-01-01',
        verVersion: '1.2.3.4',
        class: 'Net',
        manufacturer: 'Oakum',
        provider: 'Oakum',
        model: 'Oakum One',
        rank: 0x00ff_0001,
      },
    },
    { hardwareIds: ['PCI\\VEN_0A4B&DEV_0002'] },
    {
      hardwareIds: ['OAKPRINT\\Plank'],
      driver: {
        matchingId: 'OAKPRINT\\Plank',
        verDate: '2024-01-01',
        verVersion: '1.0.0.0',
        class: 'Printer',
        manufacturer: 'Oakum',
        provider: 'Oakum',
        model: 'Plank',
        rank: -1,
      },
    },
  ],
  computerHardwareIds: [...COMPUTER_IDS],
  systemMetrics: { 86: 1 },
};

/** {@link SMALL_MACHINE} with some parts replaced. */
export function smallMachine(parts: Partial<MachineJson> = {}): Machine {
  return parseMachine({ ...SMALL_MACHINE, ...parts });
}

/** A rule's context on a small machine, without metadata. */
export function contextOn(machine: Machine): RuleContext {
  return { machine, metadata: NO_METADATA };
}
