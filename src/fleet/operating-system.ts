import { editionOf } from './windows-edition.ts';
import { EARLIER_WINDOWS, type EarlierWindows } from './earlier-windows.ts';

/** The properties from which a server tells the client's system ([MS-WUSP] 2.2.2.2.3). Null is what is not known. */
export interface SystemFacts {
  readonly major: number | null;
  readonly minor: number | null;
  readonly build: number | null;
  readonly suiteMask: number | null;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly oldProductType: number | null;
  /** The edition, as GetProductInfo numbers them. */
  readonly newProductType: number | null;
  readonly systemMetrics: number | null;
  readonly architecture: string | null;
  /** What the client calls itself; "Windows 10 Pro" on Windows 11. */
  readonly description: string | null;
}

export interface OperatingSystem {
  /** For people, with version and edition: `Windows 11 24H2 Pro`, `Windows Server 2022 Datacenter`. */
  readonly name: string;
  /** Without them: `Windows 11`, `Windows Server 2022`. Before Windows 10 the same as `name`. */
  readonly product: string;
  /** As Microsoft names releases, for example `24H2`; undefined when there is none or it is not known. */
  readonly version: string | undefined;
  readonly edition: string | undefined;
  /** `10.0.26100`; parts that are not known are question marks. */
  readonly number: string;
  readonly isServer: boolean;
  readonly isDomainController: boolean;
}

type Release = readonly [build: number, product: string, version?: string];

/** Builds of Windows 10 and later. Clients and servers of one build have different names. */
const CLIENT_RELEASES: readonly Release[] = [
  [10_240, 'Windows 10', '1507'],
  [10_586, 'Windows 10', '1511'],
  [14_393, 'Windows 10', '1607'],
  [15_063, 'Windows 10', '1703'],
  [16_299, 'Windows 10', '1709'],
  [17_134, 'Windows 10', '1803'],
  [17_763, 'Windows 10', '1809'],
  [18_362, 'Windows 10', '1903'],
  [18_363, 'Windows 10', '1909'],
  [19_041, 'Windows 10', '2004'],
  [19_042, 'Windows 10', '20H2'],
  [19_043, 'Windows 10', '21H1'],
  [19_044, 'Windows 10', '21H2'],
  [19_045, 'Windows 10', '22H2'],
  [22_000, 'Windows 11', '21H2'],
  [22_621, 'Windows 11', '22H2'],
  [22_631, 'Windows 11', '23H2'],
  [26_100, 'Windows 11', '24H2'],
  [26_200, 'Windows 11', '25H2'],
  [28_000, 'Windows 11', '26H1'],
];

const SERVER_RELEASES: readonly Release[] = [
  [14_393, 'Windows Server 2016'],
  [16_299, 'Windows Server', '1709'],
  [17_134, 'Windows Server', '1803'],
  [17_763, 'Windows Server 2019'],
  [17_784, 'Azure Stack HCI', '20H2'],
  [18_362, 'Windows Server', '1903'],
  [18_363, 'Windows Server', '1909'],
  [19_041, 'Windows Server', '2004'],
  [19_042, 'Windows Server', '20H2'],
  [20_348, 'Windows Server 2022'],
  [20_349, 'Azure Stack HCI', '22H2'],
  [25_398, 'Windows Server', '23H2'],
  [26_100, 'Windows Server 2025'],
];

const WORKSTATION = 1;
const DOMAIN_CONTROLLER = 2;

/**
 * What a computer runs. Before Windows 10 by the table of [MS-WUSP] note 13, whose first fitting row counts;
 * from Windows 10 on, where that table leaves Windows 10, Server 2016 and Server 2019 undecided and knows
 * nothing later, by build number and product type. What the client calls itself counts only when it
 * tells nothing else.
 */
export function operatingSystemOf(facts: SystemFacts): OperatingSystem {
  const { major, minor, build, oldProductType, description } = facts;
  const number = [major, minor, build].map((part) => part ?? '?').join('.');
  const isServer = oldProductType !== null && oldProductType > WORKSTATION;
  const common = { number, isServer, isDomainController: oldProductType === DOMAIN_CONTROLLER };
  if (major === null) {
    const name = description ?? 'unknown';
    return { ...common, name, product: name, version: undefined, edition: undefined };
  }
  if (major >= 10) return { ...common, ...modern(facts, isServer) };
  const known = EARLIER_WINDOWS.find((row) => fits(row, facts));
  const name = known?.name ?? `Windows ${major}.${minor ?? '?'}`;
  return { ...common, name, product: name, version: undefined, edition: undefined };
}

function modern(
  { build, newProductType }: SystemFacts,
  isServer: boolean,
): Pick<OperatingSystem, 'name' | 'product' | 'version' | 'edition'> {
  const edition = newProductType === null ? undefined : editionOf(newProductType, isServer);
  const { product, version } = releaseOf(isServer ? SERVER_RELEASES : CLIENT_RELEASES, build, isServer);
  const name = [product, version, edition].filter((part) => part !== undefined).join(' ');
  return { name, product, version, edition };
}

/** A build between two releases is a preview of the later one, or a new one: only its family is certain. */
function releaseOf(releases: readonly Release[], build: number | null, isServer: boolean) {
  const unknown = { product: isServer ? 'Windows Server' : 'Windows 10', version: undefined };
  if (build === null) return unknown;
  const exact = releases.find(([number]) => number === build);
  if (exact !== undefined) return { product: exact[1], version: exact[2] };
  if (isServer) return unknown;
  return { product: build >= 22_000 ? 'Windows 11' : 'Windows 10', version: undefined };
}

function fits(row: EarlierWindows, facts: SystemFacts): boolean {
  if (row.major !== facts.major) return false;
  if (row.minor !== undefined && row.minor !== facts.minor) return false;
  if (row.suite !== undefined && ((facts.suiteMask ?? 0) & row.suite) === 0) return false;
  if (row.workstation === true && facts.oldProductType !== WORKSTATION) return false;
  if (row.workstation === false && (facts.oldProductType ?? 0) <= WORKSTATION) return false;
  if (row.sku !== undefined && row.sku !== facts.newProductType) return false;
  if (row.metrics !== undefined && row.metrics !== facts.systemMetrics) return false;
  return (
    row.architecture === undefined || (facts.architecture ?? '').toUpperCase().includes(row.architecture)
  );
}
