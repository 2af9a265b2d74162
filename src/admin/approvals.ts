import type { ApprovalAction, GroupRow } from '../catalog/catalog-rows.ts';
import { OakumError } from '../errors/oakum-error.ts';
import {
  listApprovals,
  listAllApprovals,
  putApprovals,
  releaseByHand,
  removeApproval,
  setDeclined,
  touchDeployments,
  type DecisionSource,
  type StoredApproval,
} from '../store/approvals.ts';
import { appendAudits } from '../store/audit.ts';
import type { Db, Tx } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { findConflicts, type ConflictWarning } from './approval-conflicts.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { findGroup } from './groups.ts';
import { requireLicence } from './licences.ts';
import { findUpdate } from './updates.ts';

export interface ApprovalRequest {
  /** Updates as people name them, see findUpdate. */
  readonly updates: readonly string[];
  readonly groups: readonly string[];
  readonly action: ApprovalAction;
  readonly deadlineMs?: number;
  /** Accepts the licences of these updates on behalf of all users. */
  readonly acceptLicence?: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/** What became of updates, and what whoever decided should know. */
export interface ApprovalOutcome {
  readonly updates: readonly ListedUpdate[];
  readonly warnings: readonly ConflictWarning[];
}

/**
 * Decides about updates for groups: all of it or nothing. Clients learn of it at their next scan.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS, OAK_GROUP_UNKNOWN; OAK_DEADLINE for an action that
 *   has none; OAK_UPDATE_NOT_DEPLOYABLE, OAK_UPDATE_DECLINED, OAK_UPDATE_EXPIRED, OAK_UPDATE_NOT_UNINSTALLABLE,
 *   OAK_LICENCE_NOT_ACCEPTED
 */
export async function approveUpdates(
  db: Db,
  caller: Caller,
  request: ApprovalRequest,
): Promise<ApprovalOutcome> {
  const mayHaveDeadline = request.action === 'Install' || request.action === 'Uninstall';
  if (request.deadlineMs !== undefined && !mayHaveDeadline) {
    throw new OakumError('OAK_DEADLINE', { detail: `The action is ${request.action}.` });
  }
  return inTransaction(db, request.dryRun, async (tx) => {
    const groups: GroupRow[] = [];
    for (const name of request.groups) groups.push(await findGroup(tx, name));
    const updates: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      requireApprovable(update, request.action);
      if (installs(request.action)) await requireLicence(tx, caller, update, request);
      updates.push(update);
    }
    const decisions = updates.flatMap((update) =>
      groups.map((group) => ({
        updateNumber: update.number,
        groupId: group.id,
        action: request.action,
        deadlineMs: request.deadlineMs ?? null,
        nowMs: request.nowMs,
      })),
    );
    await auditedAll(tx, caller, { action: 'update.approve', updates, nowMs: request.nowMs }, () =>
      putApprovals(tx, decisions),
    );
    await touchDeployments(tx, numbersOf(updates), request.nowMs);
    return { updates, warnings: await findConflicts(tx, updates) };
  });
}

/** Whether an action brings the update onto computers. */
export function installs(action: ApprovalAction): boolean {
  return action === 'Install' || action === 'OptionalInstall';
}

/** @throws OakumError when this can never be done with the update, whoever asks for it */
export function requireApprovable(update: ListedUpdate, action: ApprovalAction): void {
  const detail = described(update);
  if (!update.deployable) throw new OakumError('OAK_UPDATE_NOT_DEPLOYABLE', { detail });
  if (update.declined) throw new OakumError('OAK_UPDATE_DECLINED', { detail });
  if (update.expired && installs(action)) throw new OakumError('OAK_UPDATE_EXPIRED', { detail });
  if (action === 'Uninstall' && !update.uninstallable)
    throw new OakumError('OAK_UPDATE_NOT_UNINSTALLABLE', { detail });
}

export interface RemovalRequest {
  readonly updates: readonly string[];
  readonly groups: readonly string[];
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/** Takes decisions back, so that the groups inherit again. Rules do not make them again by themselves. */
export async function removeApprovals(
  db: Db,
  caller: Caller,
  request: RemovalRequest,
): Promise<ListedUpdate[]> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      const groups: GroupRow[] = [];
      for (const groupName of request.groups) groups.push(await findGroup(tx, groupName));
      const decided = new Set((await listApprovals(tx, update.number)).map((one) => one.groupId));
      const removed = groups.filter((group) => decided.has(group.id));
      if (removed.length === 0) continue;
      await audited(tx, caller, { action: 'update.unapprove', update, nowMs: request.nowMs }, async () => {
        for (const group of removed) {
          await removeApproval(tx, update.number, group.id);
          await releaseByHand(tx, {
            updateNumber: update.number,
            groupId: group.id,
            nowMs: request.nowMs,
          });
        }
      });
      changed.push(update);
    }
    await touchDeployments(tx, numbersOf(changed), request.nowMs);
    return changed;
  });
}

export interface DeclineRequest {
  readonly updates: readonly string[];
  readonly declined: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Hides updates from clients, or shows them again. Declining forgets their approvals. What a live bundle needs
 * goes out all the same, see catalog/scope.ts.
 *
 * @throws OakumError OAK_UPDATE_NOT_DEPLOYABLE for declining what clients get for the sake of other updates
 *   only: they would go on getting it
 */
export async function declineUpdates(
  db: Db,
  caller: Caller,
  request: DeclineRequest,
): Promise<ListedUpdate[]> {
  const { declined, nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      if (declined && !update.deployable)
        throw new OakumError('OAK_UPDATE_NOT_DEPLOYABLE', { detail: described(update) });
      if (update.declined === declined) continue;
      const action = declined ? 'update.decline' : 'update.undecline';
      await audited(tx, caller, { action, update, nowMs }, async () => {
        await setDeclined(tx, update.number, declined, nowMs);
        // Undeclined means not approved: a rule that approved it before would make that void.
        if (!declined) await releaseByHand(tx, { updateNumber: update.number, nowMs });
      });
      changed.push(update);
    }
    await touchDeployments(tx, numbersOf(changed), nowMs);
    return changed;
  });
}

/** What the audit log tells of decisions about an update. */
export interface AuditedDecision {
  readonly groupId: string;
  readonly group: string;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly source: DecisionSource;
}

/** Writes down what some work changed about an update's decisions. */
export function audited(
  tx: Tx,
  caller: Caller,
  what: { readonly action: string; readonly update: DecidedUpdate; readonly nowMs: number },
  work: () => Promise<void>,
): Promise<void> {
  const { update, ...rest } = what;
  return auditedAll(tx, caller, { ...rest, updates: [update] }, work);
}

/** The same for many updates, each of which gets an entry of its own. */
export async function auditedAll(
  tx: Tx,
  caller: Caller,
  what: { readonly action: string; readonly updates: readonly DecidedUpdate[]; readonly nowMs: number },
  work: () => Promise<void>,
): Promise<void> {
  const updates = [...new Map(what.updates.map((update) => [update.number, update])).values()];
  const numbers = updates.map((update) => update.number);
  const before = await listAllApprovals(tx, numbers);
  await work();
  const after = await listAllApprovals(tx, numbers);
  await appendAudits(
    tx,
    updates.map((update) => ({
      timeMs: what.nowMs,
      caller: caller.name,
      action: what.action,
      subject: update.updateId,
      before: decisionsOf(before.get(update.number)),
      after: decisionsOf(after.get(update.number)),
    })),
  );
}

type DecidedUpdate = Pick<ListedUpdate, 'number' | 'updateId'>;

function decisionsOf(approvals: readonly StoredApproval[] = []): { readonly approvals: AuditedDecision[] } {
  return {
    approvals: approvals.map(({ groupId, groupName, action, deadlineMs, source }) => ({
      groupId,
      group: groupName,
      action,
      deadlineMs,
      source,
    })),
  };
}

/** An update in an error message. */
export function described(update: Pick<ListedUpdate, 'title' | 'updateId'>): string {
  return `"${update.title}" (${update.updateId}).`;
}

function numbersOf(updates: readonly ListedUpdate[]): number[] {
  return [...new Set(updates.map((update) => update.number))];
}
