import { ARCHITECTURES, type Machine } from '../../machine/machine.ts';
import {
  anyText,
  flag,
  int,
  optional,
  required,
  scalarComparison,
  someText,
  unsignedInt,
  unsignedShort,
} from '../attribute-type.ts';
import { holdsFor, satisfyingNumbers, type ScalarComparison } from '../comparison.ts';
import { operator, type Operator } from '../operator.ts';

const versionAttributes = {
  Comparison: optional(scalarComparison, 'EqualTo'),
  MajorVersion: optional(unsignedInt),
  MinorVersion: optional(unsignedInt),
  BuildNumber: optional(unsignedInt),
  ServicePackMajor: optional(unsignedShort),
  ServicePackMinor: optional(unsignedShort),
  AllSuitesMustBePresent: optional(flag, false),
  SuiteMask: optional(unsignedShort),
  ProductType: optional(unsignedShort),
} as const;

interface VersionArguments {
  readonly Comparison: ScalarComparison;
  readonly MajorVersion: number | undefined;
  readonly MinorVersion: number | undefined;
  readonly BuildNumber: number | undefined;
  readonly ServicePackMajor: number | undefined;
  readonly ServicePackMinor: number | undefined;
  readonly AllSuitesMustBePresent: boolean;
  readonly SuiteMask: number | undefined;
  readonly ProductType: number | undefined;
}

/**
 * What VerifyVersionInfo does: version and service pack are one tuple, of which only the given parts are
 * compared, the most significant first; the build number is a test of its own with the same comparison.
 * ProductType is tested for equality whatever the comparison says (observed).
 */
function versionHolds(machine: Machine, args: VersionArguments): boolean | 'error' {
  const { osVersion, suiteMask, productType } = machine;
  const tuple: readonly (readonly [found: number, expected: number | undefined])[] = [
    [osVersion.major, args.MajorVersion],
    [osVersion.minor, args.MinorVersion],
    [osVersion.spMajor, args.ServicePackMajor],
    [osVersion.spMinor, args.ServicePackMinor],
  ];
  let order = 0;
  let asked = false;
  for (const [found, expected] of tuple) {
    if (expected === undefined) continue;
    asked = true;
    order ||= found - expected;
  }
  if (asked && !holdsFor(args.Comparison, order)) return false;
  if (args.BuildNumber !== undefined && !holdsFor(args.Comparison, osVersion.build - args.BuildNumber))
    return false;
  if (args.ProductType !== undefined && productType !== args.ProductType) return false;
  if (args.SuiteMask !== undefined) {
    const common = suiteMask & args.SuiteMask;
    return args.AllSuitesMustBePresent ? common === args.SuiteMask : common !== 0;
  }
  // VerifyVersionInfo refuses to compare nothing.
  return asked || args.BuildNumber !== undefined || args.ProductType !== undefined ? true : 'error';
}

function showOs({ osVersion, suiteMask, productType }: Machine): string {
  const { major, minor, build, spMajor, spMinor } = osVersion;
  return `${major}.${minor}.${build} SP ${spMajor}.${spMinor}, product type ${productType}, suites ${suiteMask}`;
}

const windowsVersion = (name: string): Operator =>
  operator({
    name,
    attributes: versionAttributes,
    find: (_, { machine }) => machine,
    holds: versionHolds,
    show: showOs,
  });

/** The language of the installation; false when the Multilanguage User Interface is installed. */
const windowsLanguage = (name: string): Operator =>
  operator({
    name,
    attributes: { Language: required(someText) },
    find: (_, { machine }) => machine,
    holds: ({ uiLanguage, muiLanguages }, { Language }) =>
      muiLanguages.length === 0 && languageMatches(uiLanguage, Language),
    show: ({ uiLanguage, muiLanguages }) =>
      muiLanguages.length === 0 ? uiLanguage : `Multilanguage User Interface: ${muiLanguages.join(', ')}`,
  });

/** `en` stands for every English, `en-GB` for one (RFC 4647, 3.3.1). */
function languageMatches(language: string, range: string): boolean {
  const found = language.toLowerCase();
  const wanted = range.toLowerCase();
  return found === wanted || found.startsWith(`${wanted}-`);
}

/** Operators about the operating system and the hardware ([MS-WUSP] 7, BaseApplicabilityRules). */
export const SYSTEM_OPERATORS: readonly Operator[] = [
  operator({
    name: 'b.Platform',
    attributes: { PlatformID: required(someText) },
    find: () => 'Windows',
    // The name is what is seen; the number is VER_PLATFORM_WIN32_NT.
    holds: (found, { PlatformID }) => PlatformID.toLowerCase() === found.toLowerCase() || PlatformID === '2',
    show: (found) => found,
  }),
  windowsVersion('b.WindowsVersion'),
  windowsVersion('b.PlatformVersion'),
  windowsLanguage('b.WindowsLanguage'),
  windowsLanguage('b.PlatformLanguage'),
  operator({
    name: 'b.MuiInstalled',
    attributes: {},
    find: (_, { machine }) => machine.muiLanguages,
    holds: (found) => found.length > 0,
    show: (found) => found.join(', ') || 'no Multilanguage User Interface',
  }),
  operator({
    name: 'b.MuiLanguageInstalled',
    attributes: { Language: required(someText) },
    find: (_, { machine }) => machine.muiLanguages,
    holds: (found, { Language }) => found.some((language) => languageMatches(language, Language)),
    show: (found) => found.join(', ') || 'no Multilanguage User Interface',
  }),
  operator({
    name: 'b.SystemMetric',
    attributes: { Comparison: required(scalarComparison), Index: required(int), Value: required(int) },
    find: ({ Index }, { machine }) => machine.systemMetrics.get(Index) ?? 0,
    holds: (found, { Comparison, Value }) => holdsFor(Comparison, found - Value),
    show: String,
    bringAbout: (wanted, { Comparison, Index: index, Value }) =>
      satisfyingNumbers(Comparison, Value, wanted, 0x7fff_ffff).map((value) => [
        { fact: 'system-metric', index, value },
      ]),
  }),
  operator({
    name: 'b.Processor',
    attributes: {
      Architecture: required(unsignedShort),
      Level: optional(unsignedShort),
      Revision: optional(unsignedShort),
    },
    find: (_, { machine }) => machine,
    holds: ({ architecture, processorLevel, processorRevision }, { Architecture, Level, Revision }) =>
      ARCHITECTURES[architecture] === Architecture &&
      (Level === undefined || Level === processorLevel) &&
      (Revision === undefined || Revision === processorRevision),
    show: ({ architecture, processorLevel, processorRevision }) =>
      `${architecture} (${ARCHITECTURES[architecture]}), level ${processorLevel}, revision ${processorRevision}`,
  }),
  operator({
    name: 'b.NumberOfProcessors',
    attributes: { Comparison: required(scalarComparison), Number: required(unsignedInt) },
    find: (_, { machine }) => machine.processorCount,
    holds: (found, { Comparison, Number: expected }) => holdsFor(Comparison, found - expected),
    show: String,
  }),
  operator({
    name: 'b.Memory',
    attributes: { MinSizeInMB: required(unsignedInt), Type: optional(anyText) },
    find: (_, { machine }) => machine.ramMB,
    holds: (found, { MinSizeInMB }) => found >= MinSizeInMB,
    show: (found) => `${found} MB`,
  }),
];
