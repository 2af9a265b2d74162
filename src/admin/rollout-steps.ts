import { nextMove, type HaltReason, type RolloutMove } from '../fleet/rollout-ring.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { listApprovals, putApproval, renewApprovals, touchDeployments } from '../store/approvals.ts';
import { appendAudit } from '../store/audit.ts';
import { licenceOf } from '../store/licences.ts';
import {
  isAllPaused,
  listRollouts,
  updateRollout,
  type RolloutState,
  type StoredRollout,
} from '../store/rings.ts';
import type { Db, Tx } from '../store/schema.ts';
import { listUpdates, type ListedUpdate } from '../store/update-list.ts';
import { audited } from './approvals.ts';
import type { Caller } from './caller.ts';
import { countsOf } from './rings.ts';

const DAY_MS = 86_400_000;

/** Something a rollout did. */
export interface RolloutStep {
  readonly ring: string;
  readonly updateId: string;
  readonly move: Extract<RolloutMove, { readonly kind: 'approve' | 'halt' | 'finish' }>;
}

/** When a rollout is looked at. */
export interface At {
  readonly nowMs: number;
  readonly targeting?: TargetingMode;
}

/**
 * Lets every rollout take the steps that are due: to be called again and again. Each rollout is a transaction of its
 * own; several processes may call it at the same time.
 */
export async function runDueRings(
  db: Db,
  nowMs: number,
  targeting: TargetingMode = 'server',
): Promise<RolloutStep[]> {
  const running = await listRollouts(db, { states: ['running'] });
  const steps: RolloutStep[] = [];
  for (const { id } of running.toReversed()) {
    // Looked at before a transaction takes the lock of everybody who writes.
    if ((await dueMove(db, id, { nowMs, targeting })) === undefined) continue;
    const taken = await db
      .transaction()
      .execute((tx) => advanceRollout(tx, { name: 'rings' }, id, { nowMs, targeting }));
    steps.push(...taken);
  }
  return steps;
}

type Move = RolloutStep['move'];

/** What a rollout does now, if it does anything. */
async function dueMove(db: Db | Tx, id: number, at: At): Promise<Move | undefined> {
  if (await isAllPaused(db)) return undefined;
  const [rollout] = await listRollouts(db, { id, states: ['running'] });
  if (rollout === undefined) return undefined;
  const obstacle = await obstacleOf(db, rollout);
  if (obstacle !== undefined) return { kind: 'halt', reason: { kind: obstacle } };
  const move = nextMove(rollout, await countsOf(db, rollout, at.targeting ?? 'server'), at.nowMs);
  return move.kind === 'wait' ? undefined : move;
}

async function obstacleOf(db: Db | Tx, rollout: StoredRollout): Promise<HaltReason['kind'] | undefined> {
  const [update] = await listUpdates(db, { updateId: rollout.updateId });
  // What is gone from the catalogue can no more be installed than what is declined.
  if (update === undefined || update.declined) return 'declined';
  if (update.expired) return 'expired';
  return (await licenceOf(db, rollout.updateNumber))?.acceptedMs === null ? 'licence' : undefined;
}

/** Takes one step after the other until one is not due. */
export async function advanceRollout(tx: Tx, caller: Caller, id: number, at: At): Promise<RolloutStep[]> {
  const steps: RolloutStep[] = [];
  for (let move = await dueMove(tx, id, at); move !== undefined; move = await dueMove(tx, id, at)) {
    const [rollout] = await listRollouts(tx, { id });
    if (move.kind === 'approve') await approveStep(tx, caller, rollout, at.nowMs);
    else {
      const state = move.kind === 'halt' ? 'halted' : 'finished';
      const reason = move.kind === 'halt' ? move.reason : null;
      await changeState(tx, caller, rollout, {
        action: `rollout.${move.kind}`,
        state,
        reason,
        nowMs: at.nowMs,
      });
    }
    steps.push({ ring: rollout.ringName, updateId: rollout.updateId, move });
  }
  return steps;
}

async function approveStep(tx: Tx, caller: Caller, rollout: StoredRollout, nowMs: number): Promise<void> {
  const { updateNumber, ring } = rollout;
  const step = ring.steps[rollout.step];
  const groupId = step.group as Guid;
  const approvals = await listApprovals(tx, updateNumber);
  const byHand = approvals.some((one) => one.groupId === groupId && one.source === 'manual');
  // What a person decided for the group stays; the ring goes on as if it had decided so itself.
  if (!byHand) {
    await audited(tx, caller, { action: 'update.approve', update: updateOf(rollout), nowMs }, () =>
      putApproval(tx, {
        updateNumber,
        groupId,
        action: ring.action === 'install' ? 'Install' : 'OptionalInstall',
        deadlineMs:
          step.deadlineDays === undefined || ring.action !== 'install'
            ? null
            : nowMs + step.deadlineDays * DAY_MS,
        nowMs,
        source: `rollout:${rollout.id}`,
      }),
    );
    await touchDeployments(tx, [updateNumber], nowMs);
  }
  await updateRollout(tx, rollout.id, { step: rollout.step + 1, stepMs: nowMs });
  await appendAudit(tx, {
    timeMs: nowMs,
    caller: caller.name,
    action: 'rollout.step',
    subject: rollout.updateId,
    before: { ring: rollout.ringName, step: rollout.step },
    after: { ring: rollout.ringName, step: rollout.step + 1, groupId, decidedByHand: byHand },
  });
}

export interface StateChange {
  readonly action: string;
  readonly state: RolloutState;
  readonly reason: HaltReason | null;
  readonly nowMs: number;
  readonly forgiven?: readonly number[];
}

/** Whether approvals take effect depends on the state, so clients are told. */
export async function changeState(
  tx: Tx,
  caller: Caller,
  rollout: StoredRollout,
  change: StateChange,
): Promise<void> {
  const { state, reason, nowMs, forgiven } = change;
  await updateRollout(tx, rollout.id, { state, reason, ...(forgiven === undefined ? {} : { forgiven }) });
  await renewApprovals(tx, rollout.updateNumber);
  await touchDeployments(tx, [rollout.updateNumber], nowMs);
  await appendAudit(tx, {
    timeMs: nowMs,
    caller: caller.name,
    action: change.action,
    subject: rollout.updateId,
    before: { ring: rollout.ringName, state: rollout.state, reason: rollout.reason },
    after: { ring: rollout.ringName, state, reason, ...(forgiven === undefined ? {} : { forgiven }) },
  });
}

function updateOf(rollout: StoredRollout): Pick<ListedUpdate, 'number' | 'updateId'> {
  return { number: rollout.updateNumber, updateId: rollout.updateId };
}
