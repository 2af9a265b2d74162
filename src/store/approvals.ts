import { sql } from 'kysely';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { recountUpdates } from './counted-updates.ts';
import type { DbOrTx, Tx } from './schema.ts';
import type { Withheld } from './schema/decision-tables.ts';
import { advance } from './sequence.ts';

export interface StoredApproval {
  readonly groupId: Guid;
  readonly groupName: string;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly approvedMs: number;
  /** Who decided. */
  readonly source: DecisionSource;
  /** Why it does not take effect now. */
  readonly withheld: Withheld | null;
}

/** Who decided: a person, or a rule or a rollout on a person's behalf. Rules never change what a person decided. */
export type DecisionSource = 'manual' | `rule:${number}` | `rollout:${number}`;

/** What was decided about an update, group by group. */
export async function listApprovals(db: DbOrTx, updateNumber: number): Promise<StoredApproval[]> {
  return (await listAllApprovals(db, [updateNumber])).get(updateNumber) ?? [];
}

/** What was decided about many updates, by update number; those without a decision are absent. */
export async function listAllApprovals(
  db: DbOrTx,
  updateNumbers: readonly number[],
): Promise<Map<number, StoredApproval[]>> {
  const rows = await db
    .selectFrom('approval_in_effect as approval')
    .innerJoin('target_group', 'target_group.id', 'approval.group_id')
    .select([
      'update_number',
      'group_id',
      'name',
      'action',
      'deadline_ms',
      'approved_ms',
      'source',
      'withheld',
    ])
    .where(sql<boolean>`update_number IN (SELECT value FROM json_each(${JSON.stringify(updateNumbers)}))`)
    .orderBy('name')
    .execute();
  const approvals = new Map<number, StoredApproval[]>();
  for (const row of rows) {
    const ofUpdate = approvals.get(row.update_number) ?? [];
    approvals.set(row.update_number, ofUpdate);
    ofUpdate.push({
      groupId: row.group_id as Guid,
      groupName: row.name,
      action: row.action as ApprovalAction,
      deadlineMs: row.deadline_ms,
      approvedMs: row.approved_ms,
      source: row.source as DecisionSource,
      withheld: row.withheld,
    });
  }
  return approvals;
}

export interface Decision {
  readonly updateNumber: number;
  readonly groupId: Guid;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly nowMs: number;
  /** A person, unless said otherwise. */
  readonly source?: DecisionSource;
}

/** Stores a decision in place of an older one for the same group. */
export function putApproval(tx: Tx, decision: Decision): Promise<void> {
  return putApprovals(tx, [decision]);
}

/** The same for many decisions, with two statements for all of them. */
export async function putApprovals(tx: Tx, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  const first = await advance(tx, 'deployment_id', decisions.length);
  const rows = decisions.map((one) => [
    one.updateNumber,
    one.groupId,
    one.action,
    one.deadlineMs,
    one.nowMs,
    one.source ?? 'manual',
  ]);
  await sql`
    INSERT INTO approval (update_number, group_id, action, deadline_ms, deployment_id, approved_ms, source)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, ${first} + key, value ->> 4, value ->> 5
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (update_number, group_id) DO UPDATE SET action = excluded.action,
      deadline_ms = excluded.deadline_ms, deployment_id = excluded.deployment_id,
      approved_ms = excluded.approved_ms, source = excluded.source`.execute(tx);
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

/**
 * Remembers that a person took a decision back, so that no rule makes it again.
 *
 * @param groupId undefined for the update as a whole
 */
export async function releaseByHand(
  tx: Tx,
  released: { readonly updateNumber: number; readonly groupId?: Guid; readonly nowMs: number },
): Promise<void> {
  const values = { released_ms: released.nowMs };
  await tx
    .insertInto('release')
    .values({ update_number: released.updateNumber, group_id: released.groupId ?? '', ...values })
    .onConflict((conflict) => conflict.columns(['update_number', 'group_id']).doUpdateSet(values))
    .execute();
}

/**
 * Gives the approvals of an update new deployments without deciding anything anew: for when it begins or ends
 * that they take effect. Clients compare deployment ids.
 */
export async function renewApprovals(tx: Tx, updateNumber: number): Promise<void> {
  const rows = await tx
    .selectFrom('approval')
    .select('group_id')
    .where('update_number', '=', updateNumber)
    .execute();
  for (const row of rows) {
    await tx
      .updateTable('approval')
      .set({ deployment_id: await advance(tx, 'deployment_id') })
      .where('update_number', '=', updateNumber)
      .where('group_id', '=', row.group_id)
      .execute();
  }
}

/**
 * Declining forgets every approval, and what computers reported of the update (administration of WSUS works the
 * same way); undeclining starts afresh.
 */
export async function setDeclined(
  tx: Tx,
  updateNumber: number,
  declined: boolean,
  nowMs: number,
): Promise<void> {
  if (declined) await tx.deleteFrom('approval').where('update_number', '=', updateNumber).execute();
  await tx
    .updateTable('update_entry')
    .set(declined ? { declined: 1 } : { declined: 0, undeclined_ms: nowMs })
    .where('number', '=', updateNumber)
    .execute();
  await recountUpdates(tx, [updateNumber], nowMs);
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
  const numbers = [...new Set(updateNumbers)];
  if (numbers.length === 0) return;
  const change = await advance(tx, 'catalog_change');
  const first = await advance(tx, 'deployment_id', numbers.length);
  await sql`
    UPDATE update_entry SET
      deployment_id = ${first} + listed.key,
      deployment_ms = ${nowMs},
      deployment_change = ${change}
    FROM json_each(${JSON.stringify(numbers)}) AS listed WHERE number = listed.value`.execute(tx);
}
