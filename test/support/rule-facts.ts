import type { TreeElement } from './document-tree.ts';

/** What a computer is, as far as the rules of authored documents ask. */
export interface Facts {
  readonly version: readonly [major: number, minor: number];
  readonly build: number;
  readonly productType: number;
  readonly architecture: number;
  /** Registry values by `subkey\value`, in lower case. */
  readonly registry: Map<string, string | number>;
  /** File versions by path below their folder, in lower case. */
  readonly files: Map<string, string>;
  /** Versions of MSI products by code, in upper case. */
  readonly products: Map<string, string>;
}

/** A Windows 11 25H2 computer with an x64 processor and nothing else on it. */
export function windows11(): Facts {
  return {
    version: [10, 0],
    build: 26_200,
    productType: 1,
    architecture: 9,
    registry: new Map(),
    files: new Map(),
    products: new Map(),
  };
}

/** Whether a rule holds. Rules about things that the facts do not have are false. */
export function holds(rule: TreeElement, facts: Facts, document?: TreeElement): boolean {
  const { name, attributes: at, children } = rule;
  const all = (one: TreeElement): boolean => holds(one, facts, document);
  switch (name) {
    case 'True':
      return true;
    case 'And':
      return children.every(all);
    case 'Or':
      return children.some(all);
    case 'Not':
      return !children.some(all);
    case 'WindowsVersion':
      return windowsVersion(at, facts);
    case 'Processor':
      return Number(at.Architecture) === facts.architecture;
    case 'RegKeyExists':
      return [...facts.registry.keys()].some((key) => key.startsWith(`${at.Subkey.toLowerCase()}\\`));
    case 'RegValueExists':
      return facts.registry.has(registryKey(at));
    case 'RegDword':
    case 'RegSz':
    case 'RegSzToVersion':
      return registryValue(name, at, facts.registry.get(registryKey(at)));
    case 'FileVersion': {
      const version = facts.files.get(at.Path.toLowerCase());
      return version !== undefined && compare(order(version, at.Version), at.Comparison);
    }
    case 'MsiProductInstalled':
    case 'MsiApplicationInstalled':
    case 'MsiApplicationInstallable':
      return msi(name, at, facts, document);
    default:
      return false;
  }
}

/** Changes the facts so that a simple IsInstalled rule holds, as installing the update would. */
export function satisfy(rule: TreeElement, facts: Facts, document: TreeElement): void {
  const { name, attributes: at } = rule;
  if (name === 'RegDword') facts.registry.set(registryKey(at), Number(at.Data));
  else if (name === 'RegSz' || name === 'RegSzToVersion') facts.registry.set(registryKey(at), at.Data);
  else if (name === 'FileVersion') facts.files.set(at.Path.toLowerCase(), at.Version);
  else if (name === 'MsiApplicationInstalled') {
    const code = productCode(document);
    facts.products.set((code?.text ?? '').toUpperCase(), code?.attributes.Version ?? '');
  } else throw new Error(`no simple fact makes ${name} true`);
}

type Attributes = Readonly<Record<string, string>>;

const registryKey = (at: Attributes): string => `${at.Subkey}\\${at.Value ?? ''}`.toLowerCase();

function windowsVersion(at: Attributes, facts: Facts): boolean {
  const comparison = at.Comparison ?? 'EqualTo';
  if (at.ProductType !== undefined && Number(at.ProductType) !== facts.productType) return false;
  if (at.BuildNumber !== undefined && !compare(facts.build - Number(at.BuildNumber), comparison))
    return false;
  if (at.MajorVersion === undefined) return true;
  const wanted = `${at.MajorVersion}.${at.MinorVersion ?? facts.version[1]}`;
  return compare(order(facts.version.join('.'), wanted), comparison);
}

function registryValue(name: string, at: Attributes, value: string | number | undefined): boolean {
  if (value === undefined) return false;
  if (name === 'RegDword') return compare(Number(value) - Number(at.Data), at.Comparison);
  if (name === 'RegSzToVersion') return compare(order(String(value), at.Data), at.Comparison);
  return at.Comparison === 'EqualTo' && value === at.Data;
}

function msi(name: string, at: Attributes, facts: Facts, document: TreeElement | undefined): boolean {
  const code = at.ProductCode ?? productCode(document)?.text ?? '';
  const present = facts.products.get(code.toUpperCase());
  if (name === 'MsiApplicationInstallable') return present === undefined;
  if (present === undefined) return false;
  return at.VersionMin === undefined || order(present, at.VersionMin) >= 0;
}

function productCode(element: TreeElement | undefined): TreeElement | undefined {
  if (element === undefined || element.name === 'ProductCode') return element;
  return element.children.map(productCode).find((found) => found !== undefined);
}

function order(one: string, other: string): number {
  const parts = (text: string): number[] => text.split('.').map(Number);
  const [left, right] = [parts(one), parts(other)];
  for (let part = 0; part < 4; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compare(difference: number, comparison: string): boolean {
  switch (comparison) {
    case 'LessThan':
      return difference < 0;
    case 'LessThanOrEqualTo':
      return difference <= 0;
    case 'GreaterThanOrEqualTo':
      return difference >= 0;
    case 'GreaterThan':
      return difference > 0;
    default:
      return difference === 0;
  }
}
