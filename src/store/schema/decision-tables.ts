import type { Generated } from 'kysely';

/* What was decided, and by whom. */

/**
 * Why an approval to install does not take effect: the newest revision has expired, or has a licence that nobody
 * accepted, or the rollout that approved it stands still.
 */
export type Withheld = 'expired' | 'licence' | 'rollout';

export interface ApprovalTable {
  readonly update_number: number;
  readonly group_id: string;
  readonly action: string;
  readonly deadline_ms: number | null;
  readonly deployment_id: number;
  readonly approved_ms: number;
  /** Who decided: 'manual', 'rule:ID' or 'rollout:ID'. */
  readonly source: string;
}

/** Decisions that were taken back by hand, which rules therefore leave alone. */
export interface ReleaseTable {
  readonly update_number: number;
  /** Empty for all groups. */
  readonly group_id: string;
  readonly released_ms: number;
}

/** Licences that an administrator has accepted. */
export interface LicenceTable {
  readonly eula_id: string;
  readonly accepted_ms: number;
  readonly caller: string;
}

/** Rules that approve updates by themselves. */
export interface RuleTable {
  readonly id: Generated<number>;
  readonly name: string;
  /** JSON, see fleet/auto-approval-rule.ts. */
  readonly body: string;
  /** Updates that came before are left to runs on command. */
  readonly since_ms: number;
}

export interface RingTable {
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

/** Approvals that wait for a second person. */
export interface ApprovalRequestTable {
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

export interface AuditTable {
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
