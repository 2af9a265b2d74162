import type { DriverMetadata } from '../../metadata/driver-metadata.ts';
import type { Guid } from '../../soap/simple-type.ts';
import type { DottedVersion } from '../machine/dotted-version.ts';
import type { PackageIdentity } from '../machine/package-identity.ts';

/** MsiApplicationMetadata: which product an MSI update installs. */
export interface MsiApplicationMetadata {
  readonly productCode: Guid;
  /** For {@link recache}; undefined compares with nothing. */
  readonly version: DottedVersion | undefined;
  /** Whether an installed product may be replaced in place: never, when it is older, or whenever it differs. */
  readonly recache: 'Never' | 'LowerVersion' | 'AnyVersion';
}

/** One TargetProduct of an MSI patch, as far as it is to be validated. */
export interface PatchTarget {
  /** Any of these. */
  readonly productCodes: readonly Guid[];
  readonly version:
    | { readonly value: DottedVersion; readonly comparison: PatchComparison; readonly parts: number }
    | undefined;
  /** LCID; 0 for any. */
  readonly language: number;
}

export type PatchComparison = 'LessThan' | 'LessThanOrEqual' | 'Equal' | 'GreaterThanOrEqual' | 'GreaterThan';

/** MsiPatchMetadata: an MSI patch after "Extracting Patch Information as XML" of Windows Installer. */
export interface MsiPatchMetadata {
  readonly patchCode: Guid;
  /** The full-file patch that does the same. */
  readonly fallbackPatchCode: Guid | undefined;
  readonly targets: readonly PatchTarget[];
  readonly obsoletes: readonly Guid[];
}

/** A package that a CBS package may be installed over. */
export interface CbsParent {
  readonly identity: PackageIdentity;
  readonly buildCompare: CbsComparison;
  readonly revisionCompare: CbsComparison;
}

export type CbsComparison = 'LT' | 'LE' | 'EQ' | 'GE' | 'GT';

/** CbsPackageApplicabilityMetadata, of which only this is read of up to 47 MB. */
export interface CbsMetadata {
  readonly identity: PackageIdentity;
  /** One of them must be there; none for a package that needs none. */
  readonly parents: readonly CbsParent[];
}

/** One WindowsDriverMetaData, and what the rules about installed drivers need besides. */
export interface DriverOffer extends DriverMetadata {
  /** Printers: other providers whose drivers this one may replace. */
  readonly compatibleProviders: readonly string[];
  /** Installed versions that may be replaced, packed as in {@link DriverMetadata}; empty for all. */
  readonly installedVersionRanges: readonly { readonly min: bigint; readonly max: bigint }[];
}

/** What stands in the Metadata element beside the rules; each part belongs to operators that use it. */
export interface ApplicabilityMetadata {
  readonly msiApplication?: MsiApplicationMetadata;
  readonly msiPatch?: MsiPatchMetadata;
  readonly cbs?: CbsMetadata;
  readonly drivers: readonly DriverOffer[];
}

export const NO_METADATA: ApplicabilityMetadata = Object.freeze({ drivers: Object.freeze([]) });
