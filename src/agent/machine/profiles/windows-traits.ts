import type { OsVersion } from '../machine.ts';
import type { AgentGenerationName } from './agent-generation.ts';

/** What tells one Windows from another; everything else of a profile follows from it. */
export interface WindowsTraits {
  readonly osVersion: OsVersion;
  readonly isServer: boolean;
  /** PRODUCT_ number, EditionID and ProductName of the edition. */
  readonly sku: number;
  readonly editionId: string;
  /** Windows 11 still calls itself Windows 10 here (observed). */
  readonly productName: string;
  /** DisplayVersion and ReleaseId, where there are any. */
  readonly displayVersion?: string;
  readonly releaseId?: string;
  /** BuildBranch and CurrentBranch. */
  readonly branch: string;
  /** The servicing baseline, where it is another build: 25H2 is serviced as 24H2. */
  readonly servicedBuild?: number;
  /** Release value of the .NET Framework 4 that comes with it, and its version. */
  readonly netRelease: number;
  readonly netVersion: string;
  readonly agent: AgentGenerationName;
}

const os = (major: number, minor: number, build: number, ubr: number, spMajor = 0): OsVersion => ({
  major,
  minor,
  build,
  ubr,
  spMajor,
  spMinor: 0,
});

const pro = { isServer: false, sku: 48, editionId: 'Professional' } as const;
const standard = { isServer: true, sku: 7, editionId: 'ServerStandard' } as const;

/** The systems there are profiles for. */
export const WINDOWS_TRAITS = {
  'windows-7-sp1': {
    ...pro,
    osVersion: os(6, 1, 7601, 24_545, 1),
    productName: 'Windows 7 Professional',
    branch: 'win7sp1_ldr_escrow',
    netRelease: 528_049,
    netVersion: '4.8.03761',
    agent: 'windows-7',
  },
  'windows-8.1': {
    ...pro,
    osVersion: os(6, 3, 9600, 20_778),
    productName: 'Windows 8.1 Pro',
    branch: 'winblue_ltsb_escrow',
    netRelease: 528_049,
    netVersion: '4.8.03761',
    agent: 'windows-8.1',
  },
  'windows-server-2012-r2': {
    ...standard,
    osVersion: os(6, 3, 9600, 21_620),
    productName: 'Windows Server 2012 R2 Standard',
    branch: 'winblue_ltsb_escrow',
    netRelease: 528_049,
    netVersion: '4.8.03761',
    agent: 'windows-8.1',
  },
  'windows-10-22h2': {
    ...pro,
    osVersion: os(10, 0, 19_045, 6_456),
    productName: 'Windows 10 Pro',
    displayVersion: '22H2',
    releaseId: '2009',
    branch: 'vb_release',
    servicedBuild: 19_041,
    netRelease: 528_372,
    netVersion: '4.8.04084',
    agent: 'windows-10-22h2',
  },
  'windows-11-23h2': {
    ...pro,
    osVersion: os(10, 0, 22_631, 6_060),
    productName: 'Windows 10 Pro',
    displayVersion: '23H2',
    releaseId: '2009',
    branch: 'ni_release',
    servicedBuild: 22_621,
    netRelease: 533_320,
    netVersion: '4.8.09032',
    agent: 'windows-11',
  },
  'windows-11-24h2': {
    ...pro,
    osVersion: os(10, 0, 26_100, 8_037),
    productName: 'Windows 10 Pro',
    displayVersion: '24H2',
    releaseId: '2009',
    branch: 'ge_release',
    netRelease: 533_320,
    netVersion: '4.8.09032',
    agent: 'windows-11',
  },
  'windows-11-25h2': {
    ...pro,
    osVersion: os(10, 0, 26_200, 8_037),
    productName: 'Windows 10 Pro',
    displayVersion: '25H2',
    releaseId: '2009',
    branch: 'ge_release',
    servicedBuild: 26_100,
    netRelease: 533_320,
    netVersion: '4.8.09032',
    agent: 'windows-11',
  },
  'windows-server-2016': {
    ...standard,
    osVersion: os(10, 0, 14_393, 8_519),
    productName: 'Windows Server 2016 Standard',
    releaseId: '1607',
    branch: 'rs1_release',
    netRelease: 528_049,
    netVersion: '4.8.03761',
    agent: 'windows-10-1607',
  },
  'windows-server-2019': {
    ...standard,
    osVersion: os(10, 0, 17_763, 7_919),
    productName: 'Windows Server 2019 Standard',
    releaseId: '1809',
    branch: 'rs5_release',
    netRelease: 528_049,
    netVersion: '4.8.03761',
    agent: 'windows-10-1809',
  },
  'windows-server-2022': {
    ...standard,
    osVersion: os(10, 0, 20_348, 4_294),
    productName: 'Windows Server 2022 Standard',
    displayVersion: '21H2',
    releaseId: '2009',
    branch: 'fe_release',
    netRelease: 528_449,
    netVersion: '4.8.04161',
    agent: 'windows-10-20h2',
  },
  'windows-server-2025': {
    ...standard,
    osVersion: os(10, 0, 26_100, 8_037),
    productName: 'Windows Server 2025 Standard',
    displayVersion: '24H2',
    releaseId: '2009',
    branch: 'ge_release',
    netRelease: 533_320,
    netVersion: '4.8.09032',
    agent: 'windows-11',
  },
} as const satisfies Readonly<Record<string, WindowsTraits>>;

export type ProfileName = keyof typeof WINDOWS_TRAITS;

/** The fourth part changes with every cumulative update, the third is that of the servicing baseline. */
export function servicedVersion({ osVersion, servicedBuild }: WindowsTraits): string {
  return `${osVersion.major}.${osVersion.minor}.${servicedBuild ?? osVersion.build}.${osVersion.ubr}`;
}

export function fullVersion({ osVersion }: WindowsTraits): string {
  return `${osVersion.major}.${osVersion.minor}.${osVersion.build}.${osVersion.ubr}`;
}
