import { parseDriverDate, parseDriverVersion } from '../../metadata/driver-metadata.ts';
import { parseGuid, type Guid } from '../../soap/simple-type.ts';
import type { XmlScanner } from '../../xml/scanner.ts';
import { parseDottedVersion } from '../machine/dotted-version.ts';
import type { PackageIdentity } from '../machine/package-identity.ts';
import type {
  ApplicabilityMetadata,
  CbsComparison,
  CbsMetadata,
  CbsParent,
  DriverOffer,
  MsiApplicationMetadata,
  MsiPatchMetadata,
  PatchComparison,
  PatchTarget,
} from './applicability-metadata.ts';
import { eachElement } from './each-element.ts';

type Draft = { -readonly [K in keyof ApplicabilityMetadata]: ApplicabilityMetadata[K] };

/**
 * Reads the Metadata element that the scanner stands on, up to its end. Metadata that does not say what it
 * must is left out: the operators that need it are then errors.
 */
export function readMetadata(scanner: XmlScanner): ApplicabilityMetadata {
  const drivers: DriverOffer[] = [];
  const ranges: VersionRange[] = [];
  const draft: Draft = { drivers };
  const readers: Readonly<Record<string, () => void>> = {
    'm.MsiApplicationMetadata': () => Object.assign(draft, { msiApplication: readApplication(scanner) }),
    'm.MsiPatchMetadata': () => Object.assign(draft, { msiPatch: readPatch(scanner) }),
    CbsPackageApplicabilityMetadata: () => Object.assign(draft, { cbs: readCbs(scanner) }),
    'd.WindowsDriverMetaData': () => {
      const driver = readDriver(scanner);
      if (driver.hardwareId !== '') drivers.push(driver);
    },
    // OemOnly says nothing that a computer could be asked.
    'd.WindowsDriver': () =>
      eachElement(scanner, (name) => {
        if (name === 'd.InstalledVersionRange') ranges.push(readRange(scanner));
      }),
  };
  eachElement(scanner, (name) => {
    if (Object.hasOwn(readers, name)) readers[name]();
  });
  if (ranges.length > 0) {
    draft.drivers = drivers.map((driver) => ({
      ...driver,
      installedVersionRanges: [...driver.installedVersionRanges, ...ranges],
    }));
  }
  return Object.freeze(draft);
}

function readGuid(scanner: XmlScanner): Guid | undefined {
  return parseGuid(scanner.readText().trim());
}

function pushGuid(scanner: XmlScanner, into: Guid[]): void {
  const guid = readGuid(scanner);
  if (guid !== undefined) into.push(guid);
}

function readApplication(scanner: XmlScanner): MsiApplicationMetadata | undefined {
  let found: MsiApplicationMetadata | undefined;
  eachElement(scanner, (name) => {
    if (name !== 'm.ProductCode') return;
    const version = parseDottedVersion(scanner.attribute('Version') ?? '');
    const recache = scanner.attribute('UseRecacheReinstall');
    const productCode = readGuid(scanner);
    if (productCode === undefined) return;
    found = {
      productCode,
      version,
      recache: recache === 'LowerVersion' || recache === 'AnyVersion' ? recache : 'Never',
    };
  });
  return found;
}

const PATCH_COMPARISONS: readonly PatchComparison[] = [
  'LessThan',
  'LessThanOrEqual',
  'Equal',
  'GreaterThanOrEqual',
  'GreaterThan',
];
const COMPARED_PARTS: Readonly<Record<string, number>> = {
  None: 0,
  Major: 1,
  MajorMinor: 2,
  MajorMinorUpdate: 3,
};

function readPatch(scanner: XmlScanner): MsiPatchMetadata | undefined {
  let patchCode: Guid | undefined;
  let fallbackPatchCode: Guid | undefined;
  const targets: PatchTarget[] = [];
  const productCodes: Guid[] = [];
  const obsoletes: Guid[] = [];
  eachElement(scanner, (part) => {
    if (part === 'm.FallbackPatchCode') fallbackPatchCode = readGuid(scanner);
    if (part !== 'MsiPatch') return;
    patchCode = parseGuid(scanner.attribute('PatchGUID')?.trim() ?? '');
    eachElement(scanner, (name) => {
      if (name === 'TargetProduct') targets.push(readTarget(scanner));
      else if (name === 'TargetProductCode') pushGuid(scanner, productCodes);
      else if (name === 'ObsoletedPatch') pushGuid(scanner, obsoletes);
    });
  });
  if (patchCode === undefined) return undefined;
  // Which products they are is said once for all targets that do not say it themselves.
  const all: PatchTarget = { productCodes, version: undefined, language: 0 };
  const complete = targets.map((target) =>
    target.productCodes.length > 0 ? target : { ...target, productCodes },
  );
  return { patchCode, fallbackPatchCode, targets: targets.length > 0 ? complete : [all], obsoletes };
}

function readTarget(scanner: XmlScanner): PatchTarget {
  const target = { productCodes: [] as Guid[], version: undefined as PatchTarget['version'], language: 0 };
  eachElement(scanner, (name) => {
    if (scanner.attribute('Validate') === 'false') return;
    if (name === 'TargetProductCode') pushGuid(scanner, target.productCodes);
    else if (name === 'TargetVersion') {
      const type = scanner.attribute('ComparisonType');
      const comparison = PATCH_COMPARISONS.find((known) => known === type) ?? 'Equal';
      const filter = scanner.attribute('ComparisonFilter') ?? '';
      const parts = Object.hasOwn(COMPARED_PARTS, filter) ? COMPARED_PARTS[filter] : 3;
      const value = parseDottedVersion(scanner.readText());
      if (value !== undefined) target.version = { value, comparison, parts };
    } else if (name === 'TargetLanguage') {
      const language = /^\s*(\d{1,9})\s*$/.exec(scanner.readText());
      target.language = Number(language?.[1] ?? 0);
    }
  });
  return target;
}

function readCbs(scanner: XmlScanner): CbsMetadata | undefined {
  let identity: PackageIdentity | undefined;
  const parents: CbsParent[] = [];
  eachElement(scanner, (root) => {
    if (root !== 'assembly') return;
    eachElement(scanner, (part) => {
      if (part === 'assemblyIdentity') identity ??= readIdentity(scanner);
      if (part !== 'package') return;
      eachElement(scanner, (name) => {
        if (name !== 'parent') return;
        const buildCompare = readComparison(scanner, 'buildCompare', 'EQ');
        const revisionCompare = readComparison(scanner, 'revisionCompare', 'GE');
        eachElement(scanner, (child) => {
          const parent = child === 'assemblyIdentity' ? readIdentity(scanner) : undefined;
          if (parent !== undefined) parents.push({ identity: parent, buildCompare, revisionCompare });
        });
      });
    });
  });
  return identity && { identity, parents };
}

function readComparison(scanner: XmlScanner, name: string, otherwise: CbsComparison): CbsComparison {
  const text = scanner.attribute(name)?.toUpperCase();
  const known: readonly CbsComparison[] = ['LT', 'LE', 'EQ', 'GE', 'GT'];
  return known.find((one) => one === text) ?? otherwise;
}

function readIdentity(scanner: XmlScanner): PackageIdentity | undefined {
  const name = scanner.attribute('name') ?? '';
  const version = parseDottedVersion(scanner.attribute('version') ?? '');
  if (name === '' || version === undefined) return undefined;
  const language = scanner.attribute('language') ?? '';
  return {
    name,
    publicKeyToken: scanner.attribute('publicKeyToken') ?? '',
    architecture: scanner.attribute('processorArchitecture') ?? 'neutral',
    language: language.toLowerCase() === 'neutral' ? '' : language,
    version,
  };
}

type VersionRange = DriverOffer['installedVersionRanges'][number];

function readRange(scanner: XmlScanner): VersionRange {
  const max = scanner.attribute('Max') ?? '';
  return {
    min: parseDriverVersion(scanner.attribute('Min') ?? ''),
    max: max === '' ? 2n ** 64n : parseDriverVersion(max),
  };
}

function readDriver(scanner: XmlScanner): DriverOffer {
  const attribute = (name: string): string => scanner.attribute(name) ?? '';
  const scores: [string, number][] = [];
  const distribution: Guid[] = [];
  const target: Guid[] = [];
  const compatibleProviders: string[] = [];
  const installedVersionRanges: VersionRange[] = [];
  const draft = {
    hardwareId: attribute('HardwareID').trim(),
    verDateMs: parseDriverDate(attribute('DriverVerDate')),
    verVersion: parseDriverVersion(attribute('DriverVerVersion')),
    whqlDriverId: Number(/^\d{1,10}$/.exec(attribute('WhqlDriverID'))?.[0] ?? 0),
    driverClass: attribute('Class'),
    company: attribute('Company'),
    provider: attribute('Provider'),
    manufacturer: attribute('Manufacturer'),
    model: attribute('Model'),
  };
  eachElement(scanner, (name) => {
    if (name === 'd.FeatureScore') {
      const score = /^\d{1,3}$/.exec(attribute('FeatureScore'));
      if (score !== null) scores.push([attribute('OperatingSystem').toLowerCase(), Number(score[0])]);
    } else if (name === 'd.InstalledVersionRange') {
      installedVersionRanges.push(readRange(scanner));
    } else if (name === 'd.CompatibleProvider') compatibleProviders.push(scanner.readText().trim());
    else if (name === 'd.DistributionComputerHardwareId') pushGuid(scanner, distribution);
    else if (name === 'd.TargetComputerHardwareId') pushGuid(scanner, target);
  });
  return {
    ...draft,
    featureScores: Object.fromEntries(scores),
    distributionComputerHardwareIds: distribution,
    targetComputerHardwareIds: target,
    compatibleProviders,
    installedVersionRanges,
  };
}
