import type { Guid } from '../soap/simple-type.ts';
import type { DriverMetadata } from '../metadata/driver-metadata.ts';
import type { UpdateId } from '../metadata/update-identity.ts';

/**
 * What a snapshot is built from, in terms of update numbers and revision ids: the port that a store
 * implements.
 */
export interface CatalogRows {
  /** Grows with every change that a client could notice. */
  readonly change: number;
  readonly updates: Iterable<UpdateRow>;
  /** Ascending by id; only those that are published. */
  readonly revisions: Iterable<RevisionRow>;
  readonly drivers: Iterable<DriverRow>;
  readonly groups: Iterable<GroupRow>;
  readonly approvals: Iterable<Approval>;
}

export interface UpdateRow {
  readonly number: number;
  readonly updateId: UpdateId;
  readonly declined: boolean;
  /** The deployment that holds where nothing was approved. */
  readonly deploymentId: number;
  readonly deploymentMs: number;
  /** Change number since which deployments of this update are as they are. */
  readonly deploymentChange: number;
}

export interface RevisionRow {
  readonly id: number;
  readonly update: number;
  readonly revisionNumber: number;
  /** Index into UPDATE_TYPES. */
  readonly type: number;
  readonly explicitlyDeployable: boolean;
  readonly categoryType: string | null;
  readonly coreBytes: number;
  /** With which it was published; positive. */
  readonly change: number;
  readonly relations: NumberedRelations;
}

/** Relations over update numbers. */
export interface NumberedRelations {
  readonly prerequisites: readonly { readonly isCategory: boolean; readonly updates: readonly number[] }[];
  readonly bundled: readonly (readonly NumberedMember[])[];
  readonly superseded: readonly number[];
}

export interface NumberedMember {
  readonly update: number;
  /** -1: the highest. */
  readonly revisionNumber: number;
}

export interface DriverRow extends DriverMetadata {
  readonly revisionId: number;
}

export interface GroupRow {
  readonly id: Guid;
  readonly name: string;
  readonly parentId: Guid | null;
}

/** What an administrator may decide about an update for a group. */
export const APPROVAL_ACTIONS = ['Install', 'OptionalInstall', 'Uninstall', 'NotApproved', 'Block'] as const;
export type ApprovalAction = (typeof APPROVAL_ACTIONS)[number];

export interface Approval {
  readonly update: number;
  readonly groupId: Guid;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly deploymentId: number;
  readonly approvedMs: number;
}
