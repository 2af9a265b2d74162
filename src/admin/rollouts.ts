import { OakumError } from '../errors/oakum-error.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import {
  listApprovals,
  putApproval,
  releaseByHand,
  removeApproval,
  renewApprovals,
  touchDeployments,
} from '../store/approvals.ts';
import { appendAudit } from '../store/audit.ts';
import {
  insertRollout,
  isAllPaused,
  listRings,
  listRollouts,
  setAllPaused,
  type RolloutState,
  type StoredRollout,
} from '../store/rings.ts';
import { forgetRuleCheck } from '../store/rules.ts';
import type { Db, Tx } from '../store/schema.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { audited, described, requireApprovable } from './approvals.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { requireLicence } from './licences.ts';
import { countsOf, OPEN_STATES } from './rings.ts';
import { advanceRollout, changeState, type At } from './rollout-steps.ts';
import { byName } from './rule-name.ts';
import { findUpdate } from './updates.ts';

export interface StartRequest {
  readonly ring: string;
  readonly updates: readonly string[];
  readonly acceptLicence?: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
  readonly targeting?: TargetingMode;
}

/**
 * Sends updates through a ring. The first step is taken at once unless it has a delay.
 *
 * @throws OakumError OAK_RING_UNKNOWN; what approving throws; OAK_ROLLOUT_STATE for an update that is on its way
 *   through a ring already
 */
export async function startRollouts(db: Db, caller: Caller, request: StartRequest): Promise<ListedUpdate[]> {
  const { nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const ring = byName(await listRings(tx), request.ring, 'OAK_RING_UNKNOWN');
    const started: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      requireApprovable(update, ring.ring.action === 'install' ? 'Install' : 'OptionalInstall');
      await requireLicence(tx, caller, update, request);
      const [open] = await listRollouts(tx, { updateNumber: update.number, states: OPEN_STATES });
      if (open !== undefined) {
        throw new OakumError('OAK_ROLLOUT_STATE', {
          detail: `${described(update)} It is ${open.state} in "${open.ringName}".`,
        });
      }
      const id = await insertRollout(tx, {
        ringId: ring.id,
        updateNumber: update.number,
        ring: ring.ring,
        startedMs: nowMs,
        caller: caller.name,
      });
      await appendAudit(tx, {
        timeMs: nowMs,
        caller: caller.name,
        action: 'rollout.start',
        subject: update.updateId,
        after: { ring: ring.name, ...ring.ring },
      });
      if (!(await isAllPaused(tx))) await advanceRollout(tx, caller, id, request);
      started.push(update);
    }
    return started;
  });
}

export interface RolloutRequest extends At {
  readonly updates: readonly string[];
  readonly dryRun?: boolean;
}

/** Stops rollouts: no further step, and who has not installed yet does not. @throws OakumError OAK_ROLLOUT_UNKNOWN, OAK_ROLLOUT_STATE */
export async function pauseRollouts(
  db: Db,
  caller: Caller,
  request: RolloutRequest,
): Promise<ListedUpdate[]> {
  return eachOpen(db, request, ['running'], (tx, rollout) =>
    changeState(tx, caller, rollout, {
      action: 'rollout.pause',
      state: 'paused',
      reason: null,
      nowMs: request.nowMs,
    }),
  );
}

/**
 * Lets rollouts go on that were paused or have halted. Failures that are there now do not halt them again; more of
 * them do.
 */
export async function resumeRollouts(
  db: Db,
  caller: Caller,
  request: RolloutRequest,
): Promise<ListedUpdate[]> {
  return eachOpen(db, request, ['paused', 'halted'], async (tx, rollout) => {
    const counts = await countsOf(tx, rollout, request.targeting ?? 'server');
    await changeState(tx, caller, rollout, {
      action: 'rollout.resume',
      state: 'running',
      reason: null,
      forgiven: counts.map((one) => one.failed),
      nowMs: request.nowMs,
    });
    if (!(await isAllPaused(tx))) await advanceRollout(tx, caller, rollout.id, request);
  });
}

/**
 * Takes back what rollouts approved. Computers that have the update keep it, unless it shall be uninstalled.
 *
 * @throws OakumError OAK_UPDATE_NOT_UNINSTALLABLE when that is asked for and cannot be
 */
export async function rollBackRollouts(
  db: Db,
  caller: Caller,
  request: RolloutRequest & { readonly uninstall?: boolean },
): Promise<ListedUpdate[]> {
  const { nowMs } = request;
  return eachOpen(db, request, OPEN_STATES, async (tx, rollout, update) => {
    if (request.uninstall === true && !update.uninstallable)
      throw new OakumError('OAK_UPDATE_NOT_UNINSTALLABLE', { detail: described(update) });
    const source = `rollout:${rollout.id}` as const;
    const own = (await listApprovals(tx, update.number)).filter((one) => one.source === source);
    await audited(tx, caller, { action: 'update.unapprove', update, nowMs }, async () => {
      for (const { groupId } of own) {
        if (request.uninstall === true) {
          const decision = { updateNumber: update.number, groupId, deadlineMs: null, nowMs, source };
          await putApproval(tx, { ...decision, action: 'Uninstall' });
        } else await removeApproval(tx, update.number, groupId);
        await releaseByHand(tx, { updateNumber: update.number, groupId, nowMs });
      }
    });
    await changeState(tx, caller, rollout, {
      action: 'rollout.roll-back',
      state: 'rolled-back',
      reason: rollout.reason,
      nowMs,
    });
  });
}

async function eachOpen(
  db: Db,
  request: RolloutRequest,
  states: readonly RolloutState[],
  change: (tx: Tx, rollout: StoredRollout, update: ListedUpdate) => Promise<void>,
): Promise<ListedUpdate[]> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const changed: ListedUpdate[] = [];
    for (const name of request.updates) {
      const update = await findUpdate(tx, name);
      const [open] = await listRollouts(tx, { updateNumber: update.number, states: OPEN_STATES });
      if (open === undefined) throw new OakumError('OAK_ROLLOUT_UNKNOWN', { detail: described(update) });
      if (!states.includes(open.state)) {
        throw new OakumError('OAK_ROLLOUT_STATE', { detail: `${described(update)} It is ${open.state}.` });
      }
      await change(tx, open, update);
      changed.push(update);
    }
    return changed;
  });
}

/**
 * Stops everything that goes on by itself, or lets it go on: no rollout and no rule approves anything, and approvals of
 * rollouts that run take no effect.
 *
 * @returns how many rollouts it stops or lets go on
 */
export async function pauseAll(
  db: Db,
  caller: Caller,
  request: { readonly paused: boolean; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<{ readonly paused: boolean; readonly rollouts: number }> {
  const { paused, nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = await isAllPaused(tx);
    const running = await listRollouts(tx, { states: ['running'] });
    if (before === paused) return { paused, rollouts: running.length };
    await setAllPaused(tx, paused);
    await forgetRuleCheck(tx);
    for (const { updateNumber } of running) await renewApprovals(tx, updateNumber);
    await touchDeployments(
      tx,
      running.map((one) => one.updateNumber),
      nowMs,
    );
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: paused ? 'rollout.pause-all' : 'rollout.resume-all',
      subject: 'all',
      before: { paused: before },
      after: { paused },
    });
    return { paused, rollouts: running.length };
  });
}
