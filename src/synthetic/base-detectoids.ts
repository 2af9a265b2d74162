import {
  Architecture,
  processor,
  ProductType,
  windowsLanguage,
  windowsVersion,
  type Comparison,
} from '../metadata/authoring/base-rules.ts';
import type { Rule } from '../metadata/authoring/rule.ts';
import { DETECTED_LANGUAGES } from './names.ts';

/** A detectoid without prerequisites: a fact about the operating system or the processor. */
export interface BaseDetectoid {
  readonly title: string;
  readonly detectoidType: string;
  readonly rule: Rule;
  /** A Windows 11 25H2 workstation with an x64 processor has it. */
  readonly holds: boolean;
}

/** Builds of Windows 10 and 11, newest first. */
const CLIENT_BUILDS: readonly (readonly [name: string, build: number])[] = [
  ['11 25H2', 26_200],
  ['11 24H2', 26_100],
  ['11 23H2', 22_631],
  ['11 22H2', 22_621],
  ['11 21H2', 22_000],
  ['10 22H2', 19_045],
  ['10 21H2', 19_044],
  ['10 20H2', 19_042],
  ['10 2004', 19_041],
  ['10 1909', 18_363],
  ['10 1903', 18_362],
  ['10 1809', 17_763],
  ['10 1803', 17_134],
  ['10 1709', 16_299],
  ['10 1703', 15_063],
  ['10 1607', 14_393],
  ['10 1511', 10_586],
  ['10 1507', 10_240],
];

const SERVER_BUILDS: readonly (readonly [name: string, build: number])[] = [
  ['2025', 26_100],
  ['2022', 20_348],
  ['2019', 17_763],
  ['2016', 14_393],
  ['23H2', 25_398],
];

/** Those that other updates depend on, most important first. */
export const PLATFORM_DETECTOIDS: readonly BaseDetectoid[] = [
  architecture('x64', Architecture.X64),
  role('workstation', ProductType.Workstation),
  role('server', ProductType.Server),
  architecture('ARM64', Architecture.Arm64),
  architecture('x86', Architecture.X86),
  ...CLIENT_BUILDS.flatMap(([name, build]) => [
    client(`Windows ${name} or later`, 'GreaterThanOrEqualTo', build, true),
    client(`Windows ${name}`, 'EqualTo', build, build === CLIENT_BUILDS[0][1]),
  ]),
  ...SERVER_BUILDS.map(([name, build]) => server(`Windows Server ${name}`, build)),
  architecture('ARM', Architecture.Arm),
  architecture('Itanium', Architecture.Itanium),
  role('domain controller', ProductType.DomainController),
  ...DETECTED_LANGUAGES.slice(0, 6).map(language),
];

/** Those that nothing depends on. */
export const LANGUAGE_DETECTOIDS: readonly BaseDetectoid[] = DETECTED_LANGUAGES.slice(6).map(language);

function architecture(name: string, value: number): BaseDetectoid {
  return {
    title: `${name} processor`,
    detectoidType: 'Architecture',
    rule: processor(value),
    holds: value === Architecture.X64,
  };
}

function role(name: string, productType: number): BaseDetectoid {
  return {
    title: `Windows, ${name}`,
    detectoidType: 'SKU or Feature',
    rule: windowsVersion({ comparison: 'GreaterThanOrEqualTo', major: 10, minor: 0, productType }),
    holds: productType === ProductType.Workstation,
  };
}

function client(title: string, comparison: Comparison, build: number, holds: boolean): BaseDetectoid {
  const productType = ProductType.Workstation;
  return {
    title,
    detectoidType: 'Service Pack',
    rule: windowsVersion({ comparison, major: 10, minor: 0, build, productType }),
    holds,
  };
}

function server(title: string, build: number): BaseDetectoid {
  const productType = ProductType.Server;
  return {
    title,
    detectoidType: 'Service Pack',
    rule: windowsVersion({ comparison: 'EqualTo', major: 10, minor: 0, build, productType }),
    holds: false,
  };
}

function language(code: string): BaseDetectoid {
  return {
    title: `Windows in ${code}`,
    detectoidType: 'Windows Locale',
    rule: windowsLanguage(code),
    holds: false,
  };
}
