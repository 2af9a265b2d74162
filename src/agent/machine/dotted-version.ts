/** A version of up to four parts; parts that are not written are zero, so that 6.3 equals 6.3.0.0. */
export type DottedVersion = readonly [major: number, minor: number, build: number, revision: number];

const PATTERN = /^\s*(\d{1,10})(?:\.(\d{1,10}))?(?:\.(\d{1,10}))?(?:\.(\d{1,10}))?\s*$/;
const MAX_PART = 0xffff_ffff;

/**
 * A version from one to four parts of digits, as RegSzToVersion, Windows Installer and files write them;
 * undefined if it is none. A missing part counts as zero (observed for registry versions).
 */
export function parseDottedVersion(text: string): DottedVersion | undefined {
  const parts = PATTERN.exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined || parts.some((part) => part > MAX_PART)) return undefined;
  return [parts[0], parts[1], parts[2], parts[3]];
}

export function formatDottedVersion(version: DottedVersion): string {
  return version.join('.');
}

/** Negative, zero or positive, as sorting functions want it. */
export function compareDottedVersions(one: DottedVersion, other: DottedVersion): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2] || one[3] - other[3];
}

/** The version right after this one. */
export function nextDottedVersion([major, minor, build, revision]: DottedVersion): DottedVersion {
  return [major, minor, build, revision + 1];
}

/** A version below this one, as close as is simple; undefined for 0.0.0.0. */
export function previousDottedVersion(version: DottedVersion): DottedVersion | undefined {
  const [major, minor, build, revision] = version;
  if (revision > 0) return [major, minor, build, revision - 1];
  if (build > 0) return [major, minor, build - 1, 0];
  if (minor > 0) return [major, minor - 1, 0, 0];
  return major > 0 ? [major - 1, 0, 0, 0] : undefined;
}
