import type { DeploymentAction } from '../catalog/deployment.ts';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { StateName } from './status-state.ts';

/** Facts about one computer and one update, as plain data; what {@link explain} concludes from. Times in milliseconds. */
export interface ExplanationFacts {
  readonly nowMs: number;
  /** Undefined for a computer that never came, or was deleted. */
  readonly computer: ComputerFacts | undefined;
  /** Undefined for an update that nothing here mentions. */
  readonly update: UpdateFacts | undefined;
  /** Undefined where nobody decided anything. */
  readonly decision: DecisionFacts | undefined;
  /** Rollouts and rules that will approve it for the computer later. */
  readonly pending: readonly PendingDecision[];
  /** Undefined when the catalogue has no revision of it that could be sent. */
  readonly reach: ReachFacts | undefined;
  readonly supersededBy: readonly SupersederFacts[];
  readonly files: readonly FileFacts[];
  /** What the computer reported last about the update; undefined when it did not. */
  readonly status: StatusFacts | undefined;
}

export interface ComputerFacts {
  readonly clientId: string;
  readonly name: string;
  readonly registeredMs: number | null;
  readonly lastContactMs: number;
  readonly lastScanMs: number | null;
  readonly lastReportMs: number | null;
  readonly groups: readonly string[];
  /** Group names it asks for that no group has. */
  readonly unknownGroups: readonly string[];
  /** Names or hardware of the computers that share its id; empty when none do. */
  readonly sharedWith: readonly string[];
}

export interface UpdateFacts {
  readonly updateId: UpdateId;
  readonly title: string;
  readonly type: 'Category' | 'Detectoid' | 'Software' | 'Driver';
  /** Null when only others mention it, or its import has not finished. */
  readonly revisionNumber: number | null;
  readonly importing: boolean;
  readonly importedMs: number | null;
  readonly deployable: boolean;
  readonly declined: boolean;
  readonly expired: boolean;
  /** The licence that nobody accepted yet; null for none. */
  readonly unacceptedLicence: string | null;
  /** For drivers: what it is for. */
  readonly hardwareIds: readonly string[];
}

export interface DecisionFacts {
  readonly action: ApprovalAction;
  /** The group that was decided for. */
  readonly group: string;
  /** The computer's own group from which that one was reached. */
  readonly memberOf: string;
  readonly inherited: boolean;
  readonly approvedMs: number;
  readonly deadlineMs: number | null;
  /** A person, a rule or a rollout. */
  readonly source: string;
  /** Why it does not take effect; null when it does. */
  readonly withheld: string | null;
  /** Decisions of the computer's other groups that this one prevailed over. */
  readonly others: readonly { readonly action: ApprovalAction; readonly group: string }[];
}

export interface PendingDecision {
  /** The rollout or rule. */
  readonly name: string;
  readonly group: string;
  /** Null when it waits for something other than time. */
  readonly dueMs: number | null;
  readonly reason: string;
}

/** What the catalogue says about sending it to this computer. */
export interface ReachFacts {
  /** What the computer would be told to do with it. */
  readonly action: DeploymentAction;
  /** Undefined when it is not known what the computer has installed. */
  readonly unmet: readonly NamedPrerequisite[] | undefined;
  /** For bundles: undefined when it is none or what is installed is not known. */
  readonly members: readonly MemberFacts[] | undefined;
}

export interface NamedPrerequisite {
  readonly isCategory: boolean;
  readonly alternatives: readonly NamedAlternative[];
}

export interface NamedAlternative {
  readonly updateId: UpdateId;
  readonly title: string;
  /** Whether the server has it. */
  readonly known: boolean;
  /** Whether the computer was sent it and found it not installed. */
  readonly reached: boolean;
}

export interface MemberFacts {
  readonly updateId: UpdateId;
  readonly title: string;
  readonly unmet: readonly NamedPrerequisite[];
}

export interface SupersederFacts {
  readonly updateId: UpdateId;
  readonly title: string;
  /** Whether the computer is told to install it. */
  readonly approved: boolean;
  readonly state: StateName | undefined;
}

export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly sha1: string;
  readonly stored: boolean;
}

export interface StatusFacts {
  readonly state: StateName;
  readonly sinceMs: number | null;
  /** Signed; 0 for none. */
  readonly hresult: number;
}

/** Why an update is not offered, or what it is offered as. Each with the facts that prove it. */
export type Cause =
  | { readonly code: 'update-unknown' }
  | { readonly code: 'update-importing' }
  | { readonly code: 'computer-unknown' }
  | { readonly code: 'not-registered'; readonly lastContactMs: number }
  | { readonly code: 'shared-id'; readonly identities: readonly string[] }
  | { readonly code: 'not-deployable'; readonly type: UpdateFacts['type'] }
  | { readonly code: 'declined' }
  | { readonly code: 'expired' }
  | { readonly code: 'not-due'; readonly pending: readonly PendingDecision[] }
  | {
      readonly code: 'not-approved';
      readonly decision: DecisionFacts | null;
      readonly groups: readonly string[];
    }
  | { readonly code: 'blocked'; readonly decision: DecisionFacts }
  | { readonly code: 'withheld'; readonly decision: DecisionFacts }
  | { readonly code: 'licence'; readonly licence: string }
  | { readonly code: 'unknown-groups'; readonly names: readonly string[] }
  | { readonly code: 'conflict'; readonly decision: DecisionFacts }
  | { readonly code: 'out-of-scope'; readonly unmet: readonly NamedPrerequisite[] }
  | { readonly code: 'no-member-fits'; readonly members: readonly MemberFacts[] }
  | { readonly code: 'superseded'; readonly by: readonly SupersederFacts[] }
  | { readonly code: 'file-missing'; readonly files: readonly FileFacts[] }
  | { readonly code: 'not-scanned-yet'; readonly lastScanMs: number | null; readonly sinceMs: number }
  | { readonly code: 'silent'; readonly lastContactMs: number; readonly days: number }
  | { readonly code: 'not-reporting'; readonly lastReportMs: number | null; readonly days: number | null }
  | { readonly code: 'driver-not-asked'; readonly hardwareIds: readonly string[] }
  | { readonly code: 'failed'; readonly sinceMs: number | null; readonly hresult: number }
  | { readonly code: 'installed'; readonly sinceMs: number | null }
  | { readonly code: 'pending-reboot'; readonly sinceMs: number | null }
  | { readonly code: 'not-applicable'; readonly lastReportMs: number | null }
  | { readonly code: 'offered'; readonly state: StateName; readonly decision: DecisionFacts };

export type CauseCode = Cause['code'];

/** What explains the situation. */
export interface Explanation {
  /** What the computer is told to do with the update; null when it is not sent it at all, or that is not known. */
  readonly offeredAs: DeploymentAction | null;
  /** The true cause first; what may also matter behind it. Never empty. */
  readonly causes: readonly Cause[];
}
