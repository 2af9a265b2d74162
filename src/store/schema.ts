import type { Generated, Kysely, Transaction } from 'kysely';

/**
 * The tables. Everything durable is keyed by UpdateID and revision number; the small integers are this
 * server's own, given once and never reused.
 */
export interface Database {
  readonly server: ServerTable;
  readonly sequence: SequenceTable;
  readonly update_entry: UpdateEntryTable;
  readonly revision: RevisionTable;
  readonly document: DocumentTable;
  readonly fragment: FragmentTable;
  readonly file: FileTable;
  readonly revision_file: RevisionFileTable;
  readonly driver: DriverTable;
  readonly import: ImportTable;
  readonly target_group: TargetGroupTable;
  readonly computer: ComputerTable;
  readonly computer_group: ComputerGroupTable;
  readonly approval: ApprovalTable;
  readonly event: EventTable;
}

/** Facts about this server as a whole: identity, configuration time. */
interface ServerTable {
  readonly key: string;
  readonly value: string;
}

/** Counters that only grow. */
interface SequenceTable {
  readonly name: 'catalog_change' | 'fleet_change' | 'deployment_id';
  readonly value: number;
}

/** One row per UpdateID ever mentioned, imported or not. */
interface UpdateEntryTable {
  readonly number: Generated<number>;
  readonly update_id: string;
  readonly declined: Generated<number>;
  /** The deployment of a revision nobody approved; a new id whenever something about it changed. */
  readonly deployment_id: Generated<number>;
  readonly deployment_ms: Generated<number>;
  readonly deployment_change: Generated<number>;
}

interface RevisionTable {
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

/** The original document, byte for byte (packed, see packing.ts). */
interface DocumentTable {
  readonly revision_id: number;
  readonly body: Uint8Array;
}

/** Derived fragments, escaped for SOAP, as the xpress blocks they are sent in (see soap/passage.ts). */
interface FragmentTable {
  readonly revision_id: number;
  /** One of {@link FragmentKind}. */
  readonly kind: number;
  readonly language: string;
  readonly geo_id: string;
  readonly body: Uint8Array;
}

export const FragmentKind = Object.freeze({ Core: 1, Extended: 2, LocalizedProperties: 3, Eula: 4 });
export type FragmentKind = (typeof FragmentKind)[keyof typeof FragmentKind];

interface FileTable {
  readonly digest: Uint8Array;
  readonly sha256: Uint8Array | null;
  readonly name: string;
  readonly size: number;
}

interface RevisionFileTable {
  readonly revision_id: number;
  readonly digest: Uint8Array;
}

interface DriverTable {
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

interface ImportTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly started_ms: number;
  readonly finished_ms: number | null;
}

interface TargetGroupTable {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}

export interface ComputerTable {
  readonly client_id: string;
  readonly dns_name: string;
  readonly address: string;
  /** What the client asked for, as it asked. */
  readonly requested_groups: string;
  readonly first_seen_ms: number;
  readonly last_contact_ms: number;
  /** Null until RegisterComputer. */
  readonly registered_ms: number | null;
  readonly os_major: number | null;
  readonly os_minor: number | null;
  readonly os_build: number | null;
  readonly os_sp_major: number | null;
  readonly os_sp_minor: number | null;
  readonly os_locale: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly bios_version: string | null;
  readonly bios_name: string | null;
  readonly bios_release_date: string | null;
  readonly processor_architecture: string | null;
  readonly suite_mask: number | null;
  readonly old_product_type: number | null;
  readonly new_product_type: number | null;
  readonly system_metrics: number | null;
  readonly client_version: string | null;
  readonly os_description: string | null;
  readonly oem: string | null;
  readonly device_type: string | null;
  readonly firmware_version: string | null;
  readonly mobile_operator: string | null;
}

interface ComputerGroupTable {
  readonly client_id: string;
  readonly group_id: string;
}

interface ApprovalTable {
  readonly update_number: number;
  readonly group_id: string;
  readonly action: string;
  readonly deadline_ms: number | null;
  readonly deployment_id: number;
  readonly approved_ms: number;
}

interface EventTable {
  readonly instance_id: string;
  readonly client_id: string;
  readonly namespace_id: number;
  readonly event_id: number;
  readonly source_id: number;
  readonly time_ms: number;
  readonly received_ms: number;
  readonly update_id: string | null;
  readonly revision_number: number | null;
  readonly hresult: number;
  readonly app_name: string;
  /** JSON arrays of strings, inert. */
  readonly replacement_strings: string;
  readonly misc_data: string;
}

/** A handle for queries that need no transaction. */
export type Db = Kysely<Database>;
/** What a function takes when it must run inside a transaction. */
export type Tx = Transaction<Database>;
/** Either: for reads that may stand alone or inside a transaction. */
export type DbOrTx = Db | Tx;
