import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { advance } from './sequence.ts';

export interface StoredApproval {
  readonly groupId: Guid;
  readonly groupName: string;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly approvedMs: number;
}

/** What was decided about an update, group by group. */
export async function listApprovals(db: DbOrTx, updateNumber: number): Promise<StoredApproval[]> {
  const rows = await db
    .selectFrom('approval')
    .innerJoin('target_group', 'target_group.id', 'approval.group_id')
    .select(['group_id', 'name', 'action', 'deadline_ms', 'approved_ms'])
    .where('update_number', '=', updateNumber)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    groupId: row.group_id as Guid,
    groupName: row.name,
    action: row.action as ApprovalAction,
    deadlineMs: row.deadline_ms,
    approvedMs: row.approved_ms,
  }));
}

export interface Decision {
  readonly updateNumber: number;
  readonly groupId: Guid;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly nowMs: number;
}

/** Stores a decision in place of an older one for the same group. */
export async function putApproval(tx: Tx, decision: Decision): Promise<void> {
  const values = {
    action: decision.action,
    deadline_ms: decision.deadlineMs,
    deployment_id: await advance(tx, 'deployment_id'),
    approved_ms: decision.nowMs,
  };
  await tx
    .insertInto('approval')
    .values({ update_number: decision.updateNumber, group_id: decision.groupId, ...values })
    .onConflict((conflict) => conflict.columns(['update_number', 'group_id']).doUpdateSet(values))
    .execute();
}

/** Takes a decision back; the group inherits again. */
export async function removeApproval(tx: Tx, updateNumber: number, groupId: Guid): Promise<boolean> {
  const result = await tx
    .deleteFrom('approval')
    .where('update_number', '=', updateNumber)
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Declining forgets every approval (administration of WSUS works the same way); undeclining starts afresh. */
export async function setDeclined(tx: Tx, updateNumber: number, declined: boolean): Promise<void> {
  if (declined) await tx.deleteFrom('approval').where('update_number', '=', updateNumber).execute();
  await tx
    .updateTable('update_entry')
    .set({ declined: declined ? 1 : 0 })
    .where('number', '=', updateNumber)
    .execute();
}

/**
 * Tells clients that deployments of these updates are not what they were: one change number for all, and
 * a new default deployment for each. To be called once per transaction that decided something.
 */
export async function touchDeployments(
  tx: Tx,
  updateNumbers: readonly number[],
  nowMs: number,
): Promise<void> {
  if (updateNumbers.length === 0) return;
  const change = await advance(tx, 'catalog_change');
  for (const number of updateNumbers) {
    await tx
      .updateTable('update_entry')
      .set({
        deployment_id: await advance(tx, 'deployment_id'),
        deployment_ms: nowMs,
        deployment_change: change,
      })
      .where('number', '=', number)
      .execute();
  }
}
