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
  readonly event_refusal: EventRefusalTable;
  readonly status: StatusTable;
  readonly computer_status: ComputerStatusTable;
  readonly update_status: UpdateStatusTable;
  readonly placement: PlacementTable;
  readonly category_set: CategorySetTable;
  readonly detection_count: DetectionCountTable;
  readonly arrival: ArrivalTable;
  readonly status_history: StatusHistoryTable;
  /** A view: approvals with why they must not take effect, if so. */
  readonly approval_in_effect: ApprovalTable & { readonly withheld: Withheld | null };
  readonly audit: AuditTable;
  readonly release: ReleaseTable;
  readonly licence: LicenceTable;
  readonly rule: RuleTable;
  readonly group_rule: GroupRuleTable;
  readonly ring: RingTable;
  readonly rollout: RolloutTable;
  readonly installed_set: InstalledSetTable;
  readonly computer_identity: ComputerIdentityTable;
  readonly finding: FindingTable;
  readonly housekeeping_task: HousekeepingTaskTable;
  readonly housekeeping_run: HousekeepingRunTable;
  readonly housekeeping_action: HousekeepingActionTable;
  readonly unneeded_file: UnneededFileTable;
  readonly account: AccountTable;
  readonly token: TokenTable;
  readonly session: SessionTable;
  readonly sign_in_link: SignInLinkTable;
  readonly sign_in_attempt: SignInAttemptTable;
  readonly oidc_pending: OidcPendingTable;
  readonly subscription: SubscriptionTable;
  readonly notification: NotificationTable;
  readonly delivery: DeliveryTable;
  readonly told_condition: ToldConditionTable;
  readonly setting: SettingTable;
  readonly policy: PolicyTable;
  readonly idempotent_change: IdempotentChangeTable;
  readonly job: JobTable;
  readonly approval_request: ApprovalRequestTable;
  readonly listed_update: ListedUpdateTable;
  readonly update_relation: UpdateRelationTable;
}

/** Facts about this server as a whole: identity, configuration time. */
interface ServerTable {
  readonly key: string;
  readonly value: string;
}

/** Counters that only grow. */
interface SequenceTable {
  readonly name:
    | 'catalog_change'
    | 'fleet_change'
    | 'deployment_id'
    /** Moves when an update begins or ceases to count in compliance. */
    | 'counted_change'
    /** The latest detection of any computer. */
    | 'last_detection'
    /** The day, from 1970, that the history of compliance has reached. */
    | 'status_day';
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
  /** When it was undeclined last; 0 for never. */
  readonly undeclined_ms: Generated<number>;
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

/** The newest published revision of each update that has one, and what lists sort by; see update-index.ts. */
interface ListedUpdateTable {
  readonly number: number;
  readonly revision_id: number;
  /** The beginning of the title. */
  readonly sort_title: string;
  readonly imported_ms: number;
  /** Index into SEVERITIES. */
  readonly severity: number;
}

/** What the newest published revisions say of other updates. */
interface UpdateRelationTable {
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
  /** Given when it is created, never given again; names it in {@link StatusTable}. */
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

interface ComputerGroupTable {
  readonly client_id: string;
  readonly group_id: string;
}

/**
 * Why an approval to install does not take effect: the newest revision has expired, or has a licence that nobody
 * accepted, or the rollout that approved it stands still.
 */
export type Withheld = 'expired' | 'licence' | 'rollout';

interface ApprovalTable {
  readonly update_number: number;
  readonly group_id: string;
  readonly action: string;
  readonly deadline_ms: number | null;
  readonly deployment_id: number;
  readonly approved_ms: number;
  /** Who decided: 'manual', 'rule:ID' or 'rollout:ID'. */
  readonly source: string;
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

/** How often events were not taken as they were, by what was wrong with them. */
interface EventRefusalTable {
  readonly code: string;
  readonly events: number;
  readonly last_ms: number;
  readonly last_client_id: string;
}

/**
 * What computers reported: a row for each pair of a computer and an update whose state is Needed or beyond. A row
 * counts only while its update is in {@link UpdateStatusTable}. Triggers keep the sums in the tables below
 * (migration 0004 says how).
 */
interface StatusTable {
  /** The computer's number. */
  readonly computer: number;
  readonly update_number: number;
  /** One of StatusState, 2 to 6. */
  readonly state: number;
  readonly since_ms: number;
  /** Signed; of a failure. */
  readonly hresult: number;
}

/** Rows of {@link StatusTable} by state. */
export interface StateSums {
  readonly needed: Generated<number>;
  readonly downloaded: Generated<number>;
  readonly installed: Generated<number>;
  readonly failed: Generated<number>;
  readonly pending_reboot: Generated<number>;
  /** Those of updates that count since after the computer's last detection: neither unknown nor not applicable. */
  readonly early: Generated<number>;
}

/** Sums over a set, and how many of its members have at least one of a kind. */
export interface SetSums extends StateSums {
  readonly with_needed: Generated<number>;
  readonly with_failed: Generated<number>;
  readonly with_pending: Generated<number>;
  readonly with_open: Generated<number>;
}

interface ComputerStatusTable extends StateSums {
  readonly number: Generated<number>;
  readonly client_id: string;
  readonly placement: number;
  /** The latest time in {@link ArrivalTable} before its last detection; -1 for none. */
  readonly after_ms: Generated<number>;
  /** Of the lists it reported last, as long as reporting them again changes nothing. */
  readonly lists_digest: number | null;
  /** The hour, from 1970, of its last report; -1 for never. All of them are read without reading computers. */
  readonly report_hour: Generated<number>;
}

/** A row for each update that counts in compliance. */
interface UpdateStatusTable extends StateSums {
  readonly number: number;
  readonly category_set: number;
  /** Since when it counts: published or undeclined. */
  readonly from_ms: number;
}

/** A set of groups and requested groups that computers have. */
interface PlacementTable extends SetSums {
  readonly id: Generated<number>;
  /** Ascending, with blanks between them. */
  readonly group_ids: string;
  readonly requested_groups: string;
  readonly computers: Generated<number>;
}

/** A set of categories that updates have. */
interface CategorySetTable extends SetSums {
  readonly id: Generated<number>;
  /** Update numbers, ascending, with blanks between them. */
  readonly categories: string;
  readonly updates: Generated<number>;
}

interface DetectionCountTable {
  readonly placement: number;
  readonly after_ms: number;
  readonly computers: number;
}

interface ArrivalTable {
  readonly from_ms: number;
  readonly category_set: number;
  readonly updates: number;
}

/** How things stood at the end of a day, and until the next day that has rows. */
interface StatusHistoryTable extends SetSums {
  readonly day: number;
  readonly scope: 'placement' | 'category';
  readonly first: string;
  readonly second: string;
  readonly members: number;
  readonly unknown: number;
}

interface AuditTable {
  readonly number: number;
  readonly time_ms: number;
  readonly caller: string;
  readonly action: string;
  readonly subject: string;
  /** Canonical JSON. */
  readonly before: string | null;
  readonly after: string | null;
  readonly hash: Uint8Array;
}

/** Decisions that were taken back by hand, which rules therefore leave alone. */
interface ReleaseTable {
  readonly update_number: number;
  /** Empty for all groups. */
  readonly group_id: string;
  readonly released_ms: number;
}

/** Licences that an administrator has accepted. */
interface LicenceTable {
  readonly eula_id: string;
  readonly accepted_ms: number;
  readonly caller: string;
}

/** Rules that approve updates by themselves. */
interface RuleTable {
  readonly id: Generated<number>;
  readonly name: string;
  /** JSON, see fleet/auto-approval-rule.ts. */
  readonly body: string;
  /** Updates that came before are left to runs on command. */
  readonly since_ms: number;
}

/** Rules that assign computers to groups. */
interface GroupRuleTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly group_id: string;
  /** JSON, see fleet/group-rule.ts. */
  readonly body: string;
}

interface RingTable {
  readonly id: Generated<number>;
  readonly name: string;
  /** JSON, see fleet/rollout-ring.ts. */
  readonly body: string;
}

/** An update on its way through a ring. */
export interface RolloutTable {
  readonly id: Generated<number>;
  readonly ring_id: number;
  readonly update_number: number;
  /** The ring's definition when it began. */
  readonly body: string;
  readonly state: string;
  /** How many steps were approved. */
  readonly step: number;
  /** When the last of them was; before the first, when the rollout began. */
  readonly step_ms: number;
  /** JSON: why it halted. */
  readonly reason: string | null;
  /** JSON: failures per step that somebody has seen and resumed in spite of. */
  readonly forgiven: Generated<string>;
  readonly started_ms: number;
  readonly caller: string;
}

/** Sets of installed non-leaf revision ids that computers listed, each once. */
interface InstalledSetTable {
  readonly digest: Uint8Array;
  /** Ascending int32, little-endian. */
  readonly ids: Uint8Array;
}

/** What a computer was before it became something else under the same client id. */
interface ComputerIdentityTable {
  readonly client_id: string;
  /** One of {@link IdentityKind}. */
  readonly kind: number;
  readonly identity: string;
  readonly last_ms: number;
}

export const IdentityKind = Object.freeze({ Name: 1, Hardware: 2 });

/** What is wrong with a computer and was noticed while it happened. */
interface FindingTable {
  readonly kind: string;
  readonly client_id: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly times: number;
}

/** When each task of housekeeping ran last. */
interface HousekeepingTaskTable {
  readonly task: string;
  readonly started_ms: number;
  /** Null while it runs, or when it was interrupted. */
  readonly finished_ms: number | null;
}

/** Runs of housekeeping that changed something. */
export interface HousekeepingRunTable {
  readonly id: Generated<number>;
  readonly task: string;
  readonly caller: string;
  readonly started_ms: number;
  readonly finished_ms: number | null;
  readonly actions: number;
}

/** What was declined or deleted, written in the transaction that did it. */
export interface HousekeepingActionTable {
  readonly id: Generated<number>;
  readonly run_id: number;
  readonly time_ms: number;
  readonly subject: string;
  readonly title: string;
  readonly reason: string;
}

/** Stored files that nothing needs, and since when. */
interface UnneededFileTable {
  readonly digest: Uint8Array;
  readonly since_ms: number;
  /** 1 as soon as its removal has begun. */
  readonly doomed: Generated<number>;
}

/** Changes that came with an Idempotency-Key, and what was answered. */
interface IdempotentChangeTable {
  readonly caller: string;
  readonly key: string;
  /** Digest of the operation and its input. */
  readonly request: string;
  /** JSON; null for what holds a secret. */
  readonly result: string | null;
  readonly created_ms: number;
}

/** Approvals that wait for a second person. */
interface ApprovalRequestTable {
  readonly id: Generated<number>;
  /** JSON. */
  readonly body: string;
  readonly caller: string;
  readonly person: string;
  /** One of APPROVAL_REQUEST_STATES. */
  readonly state: string;
  readonly requested_ms: number;
  readonly decided_ms: number | null;
  readonly decided_by: string | null;
}

/** Work that takes longer than anybody waits. */
interface JobTable {
  readonly id: Generated<number>;
  readonly operation: string;
  /** JSON, as the operation's declaration says. */
  readonly input: string;
  readonly caller: string;
  readonly role: string;
  /** One of JOB_STATES. */
  readonly state: string;
  readonly done: Generated<number>;
  /** 0 while nobody knows. */
  readonly total: Generated<number>;
  readonly what: Generated<string>;
  /** JSON. */
  readonly result: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly created_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly cancelled_by: string | null;
}

/** Settings that administrators keep in the store. */
interface SettingTable {
  readonly key: string;
  /** JSON. */
  readonly value: string;
  readonly changed_ms: number;
  readonly caller: string;
}

/** The policy that was applied last; one row at most. */
interface PolicyTable {
  readonly id: number;
  /** JSON, see admin/policy/policy-document.ts. */
  readonly document: string;
  readonly applied_ms: number;
  readonly caller: string;
}

export type StoredRole = 'reader' | 'operator' | 'administrator';

/** People who may sign in. */
interface AccountTable {
  /** Given once and never reused. */
  readonly id: Generated<number>;
  readonly name: string;
  /** The name as it is looked for: two accounts never differ in case alone. */
  readonly name_key: string;
  readonly role: StoredRole;
  /** Argon2id as a PHC string; null for whoever signs in another way, or not yet. */
  readonly password_hash: string | null;
  /** Base32. */
  readonly totp_secret: string | null;
  /** The secret of an enrolment that no code has confirmed yet. */
  readonly totp_pending: string | null;
  /** The last time step whose code was used: no code is good twice. */
  readonly totp_step: Generated<number>;
  readonly oidc_issuer: string | null;
  readonly oidc_subject: string | null;
  readonly disabled: Generated<number>;
  readonly created_ms: number;
  readonly last_sign_in_ms: number | null;
}

/** What programs sign in with. */
interface TokenTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly role: StoredRole;
  /** JSON array of nouns; null for all. */
  readonly scopes: string | null;
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  /** Whose it is: it goes with the account. Null for those made on the machine itself. */
  readonly account_id: number | null;
  readonly created_ms: number;
  readonly created_by: string;
  readonly expires_ms: number | null;
  readonly last_used_ms: number | null;
  readonly revoked_ms: number | null;
}

interface SessionTable {
  /** SHA-256 of the session's id. */
  readonly hash: Uint8Array;
  readonly account_id: number;
  readonly address: string;
  readonly created_ms: number;
  readonly last_seen_ms: number;
  readonly expires_ms: number;
}

/** Links that let somebody sign in once. */
interface SignInLinkTable {
  /** SHA-256 of the link's secret. */
  readonly hash: Uint8Array;
  /** Null for the link that makes the first administrator. */
  readonly account_id: number | null;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly used_ms: number | null;
}

/** Failed attempts to sign in, by name and by address. */
interface SignInAttemptTable {
  /** SHA-256 of what is counted: people type passwords where the name belongs. */
  readonly key: Uint8Array;
  readonly failures: number;
  readonly last_ms: number;
  readonly blocked_until_ms: number;
}

/** People who were sent to the identity provider and are not back yet. */
interface OidcPendingTable {
  /** SHA-256 of the state. */
  readonly state: Uint8Array;
  /** SHA-256 of what the browser keeps meanwhile. */
  readonly binding: Uint8Array;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirect_uri: string;
  readonly return_to: string;
  readonly expires_ms: number;
}

/** Who is told of what, and where. */
interface SubscriptionTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly kind: 'webhook' | 'email';
  /** JSON: patterns, see fleet/notification-event.ts. */
  readonly events: string;
  /** JSON: one address of the web, or several of mail. */
  readonly targets: string;
  /** What webhooks are signed with, base64; in clear, because it is needed to sign. */
  readonly secret: string | null;
  readonly enabled: number;
  readonly created_ms: number;
  /** When something last reached it. */
  readonly delivered_ms: Generated<number | null>;
  /** Null while the last attempt succeeded. */
  readonly failing_since_ms: Generated<number | null>;
  readonly last_error: Generated<string | null>;
  /** Notifications that were never delivered because newer ones needed the room. */
  readonly dropped: Generated<number>;
}

/** What is to be told, written in the transaction of what happened. */
interface NotificationTable {
  readonly id: Generated<number>;
  readonly uuid: string;
  readonly time_ms: number;
  readonly event: string;
  /** JSON. */
  readonly data: string;
}

interface DeliveryTable {
  readonly notification_id: number;
  readonly subscription_id: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: Generated<number>;
  /** When it was queued, or queued again by hand: attempts are given up some days later. */
  readonly queued_ms: number;
  readonly next_ms: number;
  readonly attempted_ms: Generated<number | null>;
  /** Of HTTP or SMTP. */
  readonly last_status: Generated<number | null>;
  readonly last_error: Generated<string | null>;
}

/** Conditions that hold and were told. */
interface ToldConditionTable {
  readonly event: string;
  readonly subject: string;
  readonly since_ms: number;
}

/** A handle for queries that need no transaction. */
export type Db = Kysely<Database>;
/** What a function takes when it must run inside a transaction. */
export type Tx = Transaction<Database>;
/** Either: for reads that may stand alone or inside a transaction. */
export type DbOrTx = Db | Tx;
