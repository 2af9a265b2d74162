import type { Generated } from 'kysely';

/* Updates, their documents and files. */

/** One row per UpdateID ever mentioned, imported or not. */
export interface UpdateEntryTable {
  readonly number: Generated<number>;
  readonly update_id: string;
  readonly declined: Generated<number>;
  /** The deployment of a revision nobody approved; a new id whenever something about it changed. */
  readonly deployment_id: Generated<number>;
  readonly deployment_ms: Generated<number>;
  readonly deployment_change: Generated<number>;
  /** When it was undeclined last; 0 for never. */
  readonly undeclined_ms: Generated<number>;
}

export interface RevisionTable {
  readonly id: Generated<number>;
  readonly update_number: number;
  readonly revision_number: number;
  /** Index into UPDATE_TYPES. */
  readonly type: number;
  /** Bits of {@link RevisionFlag}. */
  readonly flags: number;
  /** Prerequisites, bundles and supersedence, see relations-codec.ts. */
  readonly relations: Uint8Array;
  readonly core_bytes: number;
  readonly imported_ms: number;
  /** Change number from which clients see the revision; null while its import has not finished. */
  readonly change: number | null;
  readonly import_id: number | null;
  readonly created_ms: number | null;
  readonly title: string;
  /** Lower case. */
  readonly default_language: string;
  readonly category_type: string | null;
  readonly handler: string | null;
  readonly msrc_severity: string | null;
  readonly kb_articles: string;
  readonly security_bulletins: string;
  readonly cves: string;
  readonly eula_id: string | null;
}

export const RevisionFlag = Object.freeze({
  ExplicitlyDeployable: 1,
  Expired: 2,
  LocallyPublished: 4,
  Uninstallable: 8,
  RequiresEula: 16,
});

/** The newest published revision of each update that has one, and what lists sort by; see update-index.ts. */
export interface ListedUpdateTable {
  readonly number: number;
  readonly revision_id: number;
  /** The beginning of the title. */
  readonly sort_title: string;
  readonly imported_ms: number;
  /** Index into SEVERITIES. */
  readonly severity: number;
}

/** What the newest published revisions say of other updates. */
export interface UpdateRelationTable {
  /** Of whom it is said. */
  readonly target: number;
  /** One of {@link UpdateRelation}. */
  readonly kind: number;
  /** Who says it. */
  readonly number: number;
}

/** The target is a category that the update is in, a member of the bundle that it is, or superseded by it. */
export const UpdateRelation = Object.freeze({ Category: 1, Bundle: 2, Supersedence: 3 });

/** The original document, byte for byte (packed, see packing.ts). */
export interface DocumentTable {
  readonly revision_id: number;
  readonly body: Uint8Array;
}

/** Derived fragments, escaped for SOAP, as the xpress blocks they are sent in (see soap/passage.ts). */
export interface FragmentTable {
  readonly revision_id: number;
  /** One of {@link FragmentKind}. */
  readonly kind: number;
  readonly language: string;
  readonly geo_id: string;
  readonly body: Uint8Array;
}

export const FragmentKind = Object.freeze({ Core: 1, Extended: 2, LocalizedProperties: 3, Eula: 4 });
export type FragmentKind = (typeof FragmentKind)[keyof typeof FragmentKind];

export interface FileTable {
  readonly digest: Uint8Array;
  readonly sha256: Uint8Array | null;
  readonly name: string;
  readonly size: number;
}

export interface RevisionFileTable {
  readonly revision_id: number;
  readonly digest: Uint8Array;
}

export interface DriverTable {
  readonly revision_id: number;
  readonly hardware_id: string;
  readonly ver_date_ms: number;
  readonly ver_version: string;
  readonly whql_driver_id: number;
  readonly class: string;
  readonly provider: string;
  readonly manufacturer: string;
  readonly model: string;
  /** JSON. */
  readonly feature_scores: string;
  readonly distribution_ids: string;
  readonly target_ids: string;
}

export interface ImportTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly started_ms: number;
  readonly finished_ms: number | null;
}
