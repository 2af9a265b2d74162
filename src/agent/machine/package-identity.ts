import { compareDottedVersions, parseDottedVersion, type DottedVersion } from './dotted-version.ts';

/** Which package of component-based servicing: what CBS writes `name~token~architecture~language~version`. */
export interface PackageIdentity {
  readonly name: string;
  readonly publicKeyToken: string;
  /** amd64, x86, arm64, wow64... */
  readonly architecture: string;
  /** Empty for neutral. */
  readonly language: string;
  readonly version: DottedVersion;
}

/** An identity from its tilde form; undefined if it is none. */
export function parsePackageIdentity(text: string): PackageIdentity | undefined {
  const parts = text.trim().split('~');
  if (parts.length !== 5) return undefined;
  const [name, publicKeyToken, architecture, language, versionText] = parts;
  const version = parseDottedVersion(versionText);
  if (name === '' || version === undefined) return undefined;
  return { name, publicKeyToken, architecture, language: neutral(language), version };
}

export function formatPackageIdentity(identity: PackageIdentity): string {
  const { name, publicKeyToken, architecture, language, version } = identity;
  return [name, publicKeyToken, architecture, neutral(language), version.join('.')].join('~');
}

/** What identities are compared by: letter case counts nowhere in them. */
export function packageKey(identity: PackageIdentity): string {
  return formatPackageIdentity(identity).toLowerCase();
}

/** Whether two identities name the same package, in whatever versions. */
export function isSamePackage(one: PackageIdentity, other: PackageIdentity): boolean {
  return (
    one.name.toLowerCase() === other.name.toLowerCase() &&
    one.architecture.toLowerCase() === other.architecture.toLowerCase() &&
    neutral(one.language).toLowerCase() === neutral(other.language).toLowerCase()
  );
}

export function comparePackageVersions(one: PackageIdentity, other: PackageIdentity): number {
  return compareDottedVersions(one.version, other.version);
}

function neutral(language: string): string {
  return /^neutral$/i.test(language) ? '' : language;
}
