import type { Kysely, Transaction } from 'kysely';
import type {
  DocumentTable,
  DriverTable,
  FileTable,
  FragmentTable,
  ImportTable,
  ListedUpdateTable,
  RevisionFileTable,
  RevisionTable,
  UpdateEntryTable,
  UpdateRelationTable,
} from './schema/catalogue-tables.ts';
import type {
  ArrivalTable,
  CategorySetTable,
  ComputerStatusTable,
  DetectionCountTable,
  PlacementTable,
  StatusHistoryTable,
  StatusTable,
  UpdateStatusTable,
} from './schema/compliance-tables.ts';
import type {
  ApprovalRequestTable,
  ApprovalTable,
  AuditTable,
  LicenceTable,
  ReleaseTable,
  RingTable,
  RolloutTable,
  RuleTable,
  Withheld,
} from './schema/decision-tables.ts';
import type {
  ComputerGroupTable,
  ComputerIdentityTable,
  ComputerTable,
  EventRefusalTable,
  EventTable,
  FindingTable,
  GroupRuleTable,
  InstalledSetTable,
  TargetGroupTable,
} from './schema/fleet-tables.ts';
import type {
  AccountTable,
  OidcPendingTable,
  SessionTable,
  SignInAttemptTable,
  SignInLinkTable,
  TokenTable,
} from './schema/identity-tables.ts';
import type {
  DeliveryTable,
  NotificationTable,
  SubscriptionTable,
  ToldConditionTable,
} from './schema/notification-tables.ts';
import type {
  HousekeepingActionTable,
  HousekeepingRunTable,
  HousekeepingTaskTable,
  IdempotentChangeTable,
  JobTable,
  PolicyTable,
  SettingTable,
  UnneededFileTable,
} from './schema/upkeep-tables.ts';

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

/** A handle for queries that need no transaction. */
export type Db = Kysely<Database>;

/** What a function takes when it must run inside a transaction. */
export type Tx = Transaction<Database>;

/** Either: for reads that may stand alone or inside a transaction. */
export type DbOrTx = Db | Tx;
