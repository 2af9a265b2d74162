import type { Generated } from 'kysely';

/* Computers, their groups, and what they say. */

export interface TargetGroupTable {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}

/** Rules that assign computers to groups. */
export interface GroupRuleTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly group_id: string;
  /** JSON, see fleet/group-rule.ts. */
  readonly body: string;
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
  /** Given when it is created, never given again; names it in StatusTable. */
  readonly number: number;
  /** Its last successful scan, by its events. */
  readonly last_detection_ms: number | null;
  /** When it reported its states last. */
  readonly last_report_ms: number | null;
  /** The name in its last greeting, which a registration does not change. */
  readonly greeted_name: string | null;
  /** Its last software pass of a whole scan. */
  readonly last_scan_ms: number | null;
  /** What it said then is installed, see {@link InstalledSetTable}. */
  readonly installed_set: Uint8Array | null;
  /** Who chose its groups: null for nobody, 'manual', or 'rule:ID'. */
  readonly assigned_by: string | null;
}

export interface ComputerGroupTable {
  readonly client_id: string;
  readonly group_id: string;
}

/** Sets of installed non-leaf revision ids that computers listed, each once. */
export interface InstalledSetTable {
  readonly digest: Uint8Array;
  /** Ascending int32, little-endian. */
  readonly ids: Uint8Array;
}

/** What a computer was before it became something else under the same client id. */
export interface ComputerIdentityTable {
  readonly client_id: string;
  /** One of {@link IdentityKind}. */
  readonly kind: number;
  readonly identity: string;
  readonly last_ms: number;
}

export const IdentityKind = Object.freeze({ Name: 1, Hardware: 2 });

/** What is wrong with a computer and was noticed while it happened. */
export interface FindingTable {
  readonly kind: string;
  readonly client_id: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly times: number;
}

export interface EventTable {
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

/** How often events were not taken as they were, by what was wrong with them. */
export interface EventRefusalTable {
  readonly code: string;
  readonly events: number;
  readonly last_ms: number;
  readonly last_client_id: string;
}
