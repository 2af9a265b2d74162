import type { Guid } from '../soap/simple-type.ts';
import { APPROVAL_ACTIONS, type Approval } from './catalog-rows.ts';

/**
 * Every decision, ascending by update number, as plain data that can be handed from thread to thread:
 * there may be one for each update and group.
 */
export interface ApprovalTable {
  /** How many updates somebody decided about. */
  readonly size: number;
  readonly updates: Int32Array;
  /** Indices into `groupIds`. */
  readonly groups: Int32Array;
  readonly groupIds: readonly Guid[];
  /** Indices into APPROVAL_ACTIONS. */
  readonly actions: Uint8Array;
  /** Milliseconds, or NaN for none. */
  readonly deadlines: Float64Array;
  readonly deploymentIds: Int32Array;
  readonly approvedMs: Float64Array;
}

/** @param rows ascending by update number, as stores keep them */
export function buildApprovals(rows: Iterable<Approval>): ApprovalTable {
  const indices = new Map<Guid, number>();
  const updates: number[] = [];
  const groups: number[] = [];
  const actions: number[] = [];
  const deadlines: number[] = [];
  const deploymentIds: number[] = [];
  const approvedMs: number[] = [];
  let size = 0;
  for (const row of rows) {
    const group = indices.get(row.groupId) ?? indices.size;
    indices.set(row.groupId, group);
    if (updates.at(-1) !== row.update) size++;
    updates.push(row.update);
    groups.push(group);
    actions.push(APPROVAL_ACTIONS.indexOf(row.action));
    deadlines.push(row.deadlineMs ?? Number.NaN);
    deploymentIds.push(row.deploymentId);
    approvedMs.push(row.approvedMs);
  }
  return {
    size,
    updates: Int32Array.from(updates),
    groups: Int32Array.from(groups),
    groupIds: [...indices.keys()],
    actions: Uint8Array.from(actions),
    deadlines: Float64Array.from(deadlines),
    deploymentIds: Int32Array.from(deploymentIds),
    approvedMs: Float64Array.from(approvedMs),
  };
}

/** Position of the first decision about an update; others follow as long as `updates` says so. */
export function firstApproval({ updates }: ApprovalTable, update: number): number {
  let low = 0;
  let high = updates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (updates[middle] < update) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function approvalAt(table: ApprovalTable, at: number): Approval {
  const deadline = table.deadlines[at];
  return {
    update: table.updates[at],
    groupId: table.groupIds[table.groups[at]],
    action: APPROVAL_ACTIONS[table.actions[at]],
    deadlineMs: Number.isNaN(deadline) ? null : deadline,
    deploymentId: table.deploymentIds[at],
    approvedMs: table.approvedMs[at],
  };
}
