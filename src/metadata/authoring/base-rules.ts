import type { Rule } from './rule.ts';

/** ScalarComparison of the base types. */
export type Comparison =
  'LessThan' | 'LessThanOrEqualTo' | 'EqualTo' | 'GreaterThanOrEqualTo' | 'GreaterThan';

/** A version of one to four parts. */
type Version = string;

const HIVE = { Key: 'HKEY_LOCAL_MACHINE' } as const;

/** Folders that a path may begin at, by their CSIDL number. */
export const Csidl = Object.freeze({ Windows: 36, System: 37, ProgramFiles: 38 });

/** Values of Processor/@Architecture. */
export const Architecture = Object.freeze({ X86: 0, Arm: 5, Itanium: 6, X64: 9, Arm64: 12 });

/** Values of WindowsVersion/@ProductType. */
export const ProductType = Object.freeze({ Workstation: 1, DomainController: 2, Server: 3 });

export interface WindowsVersionTest {
  readonly comparison: Comparison;
  readonly major?: number;
  readonly minor?: number;
  /** Compared apart from major and minor, with the same comparison. */
  readonly build?: number;
  /** Compared for equality whatever the comparison says. */
  readonly productType?: number;
}

export function windowsVersion(test: WindowsVersionTest): Rule {
  return {
    element: 'bar:WindowsVersion',
    attributes: {
      Comparison: test.comparison,
      MajorVersion: test.major,
      MinorVersion: test.minor,
      BuildNumber: test.build,
      ProductType: test.productType,
    },
  };
}

export function processor(architecture: number): Rule {
  return { element: 'bar:Processor', attributes: { Architecture: architecture } };
}

/** @param language for example `de` or `pt-br` */
export function windowsLanguage(language: string): Rule {
  return { element: 'bar:WindowsLanguage', attributes: { Language: language } };
}

export function fileExists(path: string, csidl: number): Rule {
  return { element: 'bar:FileExists', attributes: { Path: path, Csidl: csidl } };
}

export function fileVersion(path: string, csidl: number, comparison: Comparison, version: Version): Rule {
  return {
    element: 'bar:FileVersion',
    attributes: { Path: path, Comparison: comparison, Version: version, Csidl: csidl },
  };
}

/** A registry value below HKEY_LOCAL_MACHINE. */
export interface RegistryValue {
  readonly subkey: string;
  readonly value: string;
}

/** The version of a file in the folder that a registry value names. */
export function fileVersionPrependRegSz(
  path: string,
  folder: RegistryValue,
  comparison: Comparison,
  version: Version,
): Rule {
  return {
    element: 'bar:FileVersionPrependRegSz',
    attributes: { Path: path, Comparison: comparison, Version: version, ...registry(folder) },
  };
}

export function regKeyExists(subkey: string): Rule {
  return { element: 'bar:RegKeyExists', attributes: { ...HIVE, Subkey: subkey } };
}

export function regValueExists(at: RegistryValue, type?: string): Rule {
  return { element: 'bar:RegValueExists', attributes: { ...registry(at), Type: type } };
}

export function regDword(at: RegistryValue, comparison: Comparison, data: number): Rule {
  return { element: 'bar:RegDword', attributes: { ...registry(at), Comparison: comparison, Data: data } };
}

export function regSz(
  at: RegistryValue,
  comparison: 'EqualTo' | 'BeginsWith' | 'Contains' | 'EndsWith',
  data: string,
): Rule {
  return { element: 'bar:RegSz', attributes: { ...registry(at), Comparison: comparison, Data: data } };
}

/** A registry string read as a version. */
export function regSzToVersion(at: RegistryValue, comparison: Comparison, data: Version): Rule {
  return {
    element: 'bar:RegSzToVersion',
    attributes: { ...registry(at), Comparison: comparison, Data: data },
  };
}

function registry({ subkey, value }: RegistryValue) {
  return { ...HIVE, Subkey: subkey, Value: value };
}

export function licenseDword(value: string, comparison: Comparison, data: number): Rule {
  return { element: 'bar:LicenseDword', attributes: { Value: value, Comparison: comparison, Data: data } };
}

export function wmiQuery(query: string): Rule {
  return { element: 'bar:WmiQuery', attributes: { Namespace: 'root\\cimv2', WqlQuery: query } };
}
