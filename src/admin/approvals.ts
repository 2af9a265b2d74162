import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { putApproval, removeApproval, setDeclined, touchDeployments } from '../store/approvals.ts';
import type { Db } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import type { Caller } from './caller.ts';
import { findGroup } from './groups.ts';
import { findUpdate } from './updates.ts';

export interface ApprovalRequest {
  /** Updates as people name them, see findUpdate. */
  readonly updates: readonly string[];
  readonly groups: readonly string[];
  readonly action: ApprovalAction;
  readonly deadlineMs?: number;
  readonly nowMs: number;
}

/** Decides about updates for groups: all of it or nothing. Clients learn of it at their next scan. */
export async function approveUpdates(
  db: Db,
  _caller: Caller,
  request: ApprovalRequest,
): Promise<ListedUpdate[]> {
  const mayHaveDeadline = request.action === 'Install' || request.action === 'Uninstall';
  if (request.deadlineMs !== undefined && !mayHaveDeadline) {
    throw new OakumError('OAK_DEADLINE', { detail: `The action is ${request.action}.` });
  }
  return db.transaction().execute(async (tx) => {
    const groups = [];
    for (const name of request.groups) groups.push(await findGroup(tx, name));
    const updates: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      requireApprovable(update, request.action);
      for (const group of groups) {
        await putApproval(tx, {
          updateNumber: update.number,
          groupId: group.id,
          action: request.action,
          deadlineMs: request.deadlineMs ?? null,
          nowMs: request.nowMs,
        });
      }
      updates.push(update);
    }
    await touchDeployments(tx, numbersOf(updates), request.nowMs);
    return updates;
  });
}

function requireApprovable(update: ListedUpdate, action: ApprovalAction): void {
  const detail = described(update);
  if (!update.deployable) throw new OakumError('OAK_UPDATE_NOT_DEPLOYABLE', { detail });
  if (update.declined) throw new OakumError('OAK_UPDATE_DECLINED', { detail });
  if (update.expired && (action === 'Install' || action === 'OptionalInstall')) {
    throw new OakumError('OAK_UPDATE_EXPIRED', { detail });
  }
  if (action === 'Uninstall' && !update.uninstallable)
    throw new OakumError('OAK_UPDATE_NOT_UNINSTALLABLE', { detail });
}

export interface RemovalRequest {
  readonly updates: readonly string[];
  readonly groups: readonly string[];
  readonly nowMs: number;
}

/** Takes decisions back, so that the groups inherit again. */
export async function removeApprovals(
  db: Db,
  _caller: Caller,
  request: RemovalRequest,
): Promise<ListedUpdate[]> {
  return db.transaction().execute(async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      let removed = false;
      for (const groupName of request.groups) {
        const group = await findGroup(tx, groupName);
        removed = (await removeApproval(tx, update.number, group.id)) || removed;
      }
      if (removed) changed.push(update);
    }
    await touchDeployments(tx, numbersOf(changed), request.nowMs);
    return changed;
  });
}

/**
 * Hides updates from clients, or shows them again. Declining forgets their approvals.
 *
 * @throws OakumError OAK_UPDATE_NOT_DEPLOYABLE for declining what clients get for the sake of other updates
 *   only: they would go on getting it
 */
export async function declineUpdates(
  db: Db,
  _caller: Caller,
  request: { readonly updates: readonly string[]; readonly declined: boolean; readonly nowMs: number },
): Promise<ListedUpdate[]> {
  return db.transaction().execute(async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      if (request.declined && !update.deployable)
        throw new OakumError('OAK_UPDATE_NOT_DEPLOYABLE', { detail: described(update) });
      if (update.declined === request.declined) continue;
      await setDeclined(tx, update.number, request.declined);
      changed.push(update);
    }
    await touchDeployments(tx, numbersOf(changed), request.nowMs);
    return changed;
  });
}

function described(update: ListedUpdate): string {
  return `"${update.title}" (${update.updateId}).`;
}

function numbersOf(updates: readonly ListedUpdate[]): number[] {
  return [...new Set(updates.map((update) => update.number))];
}
