import type { EulaFileSpec, FileSpec } from './file-spec.ts';
import type { HandlerSpec } from './handler-spec.ts';
import type { RelationsSpec } from './relations-spec.ts';
import type { Rule } from './rule.ts';

/** Title and more in one language. */
export interface TextSpec {
  readonly language: string;
  readonly title: string;
  readonly description?: string;
  readonly moreInfoUrl?: string;
}

interface CommonSpec {
  readonly updateId: string;
  readonly revisionNumber: number;
  /** xs:dateTime. */
  readonly created: string;
  readonly publisherId: string;
  /** The first one is the default language. */
  readonly texts: readonly [TextSpec, ...TextSpec[]];
  readonly relations?: RelationsSpec;
}

export interface CategorySpec extends CommonSpec {
  readonly type: 'Category';
  /** Absent for the untyped ones that Microsoft's catalogue has besides. */
  readonly categoryType?: 'Company' | 'ProductFamily' | 'Product' | 'UpdateClassification';
  readonly isInstalled: Rule;
}

export interface DetectoidSpec extends CommonSpec {
  readonly type: 'Detectoid';
  /** Architecture, SKU or Feature, Application Locale... */
  readonly detectoidType?: string;
  readonly isInstalled: Rule;
}

/** Rules of one update; a section without a rule is false. */
export interface RulesSpec {
  readonly isInstalled: Rule;
  readonly isSuperseded?: Rule;
  readonly isInstallable?: Rule;
}

export interface RebootSpec {
  readonly rebootBehavior: 'NeverReboots' | 'AlwaysRequiresReboot' | 'CanRequestReboot';
  readonly impact?: 'Normal' | 'Minor' | 'RequiresExclusiveHandling';
}

export interface EulaSpec {
  readonly eulaId: string;
  readonly files: readonly EulaFileSpec[];
}

interface PayloadSpec extends CommonSpec {
  /** May be approved; bundle members may not. */
  readonly deployable?: boolean;
  readonly expired?: boolean;
  readonly files?: readonly FileSpec[];
  /** Languages of the payload; `all` for a neutral one. */
  readonly languages?: readonly string[];
}

export interface SoftwareSpec extends PayloadSpec {
  readonly type: 'Software';
  /** A bundle has none, and no rules and no files of its own. */
  readonly handler?: HandlerSpec;
  readonly rules?: RulesSpec;
  readonly installation?: RebootSpec;
  /** Present: may be uninstalled. */
  readonly uninstallation?: RebootSpec;
  /** Replaces the operating system. */
  readonly osUpgrade?: 'swap';
  readonly supportUrl?: string;
  readonly msrcSeverity?: string;
  readonly kbArticleIds?: readonly string[];
  readonly securityBulletinIds?: readonly string[];
  readonly cveIds?: readonly string[];
  readonly eula?: EulaSpec;
}

/** A driver for one hardware id. */
export interface DriverMetadataSpec {
  readonly hardwareId: string;
  readonly whqlDriverId: number;
  /** Printers for printer drivers. */
  readonly driverClass: string;
  readonly company: string;
  readonly provider: string;
  readonly manufacturer: string;
  readonly model: string;
  /** `YYYY-MM-DD`. */
  readonly verDate: string;
  /** Four parts. */
  readonly verVersion: string;
  /** By operating system key, for example `AMD64.10.0`; lower is better. */
  readonly featureScores?: Readonly<Record<string, number>>;
}

export interface DriverSpec extends PayloadSpec {
  readonly type: 'Driver';
  readonly drivers: readonly DriverMetadataSpec[];
}

/** Everything that an update document says, and nothing about how it is written. */
export type UpdateSpec = CategorySpec | DetectoidSpec | SoftwareSpec | DriverSpec;
