import { OakumError } from '../errors/oakum-error.ts';
import {
  nextMove,
  parseRolloutRing,
  type RolloutMove,
  type RolloutRing,
  type StepCounts,
} from '../fleet/rollout-ring.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { appendAudit } from '../store/audit.ts';
import { listGroups } from '../store/groups.ts';
import {
  deleteRing,
  isAllPaused,
  listRings,
  listRollouts,
  pageOfRollouts,
  putRing,
  type RolloutState,
  type StoredRollout,
} from '../store/rings.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import { readStepCounts } from '../store/rollout-counts.ts';
import type { Db, DbOrTx, Tx } from '../store/schema.ts';
import { listUpdates } from '../store/update-list.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { findGroup } from './groups.ts';
import { byName, ruleName } from './rule-name.ts';
import { findUpdate } from './updates.ts';

/** A ring as administrators see it: groups by name. */
export interface RingView extends RolloutRing {
  readonly name: string;
  /** Updates that are on their way through it. */
  readonly open: number;
}

/** Rollouts that have not ended. */
export const OPEN_STATES = ['running', 'paused', 'halted'] as const satisfies readonly RolloutState[];

export async function viewRings(db: DbOrTx): Promise<RingView[]> {
  const open = await listRollouts(db, { states: OPEN_STATES });
  const names = await groupNames(db);
  return (await listRings(db)).map(({ id, name, ring }) => ({
    name,
    ...named(ring, names),
    open: open.filter((one) => one.ringId === id).length,
  }));
}

/** @throws OakumError OAK_RING_UNKNOWN with the nearest name */
export async function showRing(db: DbOrTx, name: string): Promise<RingView> {
  return byName(await viewRings(db), name, 'OAK_RING_UNKNOWN');
}

export interface RingRequest {
  readonly name: string;
  /** As ROLLOUT_RING declares it. */
  readonly ring: unknown;
  /** Put it in place of the ring of this name; rollouts that are under way keep the old one. */
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/** @throws OakumError OAK_RING_INVALID, OAK_RING_EXISTS, OAK_GROUP_UNKNOWN */
export async function createRing(db: Db, caller: Caller, request: RingRequest): Promise<RingView> {
  const name = ruleName(request.name, 'OAK_RING_INVALID');
  const parsed = parseRolloutRing(request.ring);
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = (await viewRings(tx)).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (before !== undefined && request.replace !== true)
      throw new OakumError('OAK_RING_EXISTS', { detail: `"${name}".` });
    const steps = [];
    for (const step of parsed.steps) steps.push({ ...step, group: (await findGroup(tx, step.group)).id });
    await putRing(tx, name, { ...parsed, steps });
    const after = await showRing(tx, name);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: before === undefined ? 'ring.create' : 'ring.change',
      subject: name,
      before,
      after,
    });
    return after;
  });
}

/**
 * Removes a ring and what is known of its rollouts; what they approved stays approved.
 *
 * @throws OakumError OAK_ROLLOUT_STATE while an update is on its way through it
 */
export async function removeRing(
  db: Db,
  caller: Caller,
  request: { readonly name: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<RingView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const stored = byName(await listRings(tx), request.name, 'OAK_RING_UNKNOWN');
    const removed = await showRing(tx, stored.name);
    if (removed.open > 0) {
      throw new OakumError('OAK_ROLLOUT_STATE', {
        detail: `${removed.open} updates are on their way through "${stored.name}".`,
      });
    }
    await deleteRing(tx, stored.id);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'ring.remove',
      subject: stored.name,
      before: removed,
    });
    return removed;
  });
}

/** A rollout as administrators see it. */
export interface RolloutView {
  readonly ring: string;
  readonly updateId: string;
  readonly title: string;
  readonly state: RolloutState;
  /** Why it halted. */
  readonly reason: StoredRollout['reason'];
  readonly startedMs: number;
  readonly startedBy: string;
  readonly steps: readonly RolloutStepView[];
  /** What it waits for or does next; null for one that does not go on by itself. */
  readonly next: RolloutMove | null;
}

export interface RolloutStepView {
  readonly group: string;
  readonly approved: boolean;
  /** How the update stands there; undefined before it was approved. */
  readonly counts?: Omit<StepCounts, 'codes'> | undefined;
}

export interface RolloutQuery extends ListPage {
  readonly ring?: string;
  readonly update?: string;
  readonly states?: readonly RolloutState[];
  readonly nowMs: number;
  /** Who decides about groups; the setting clients.targeting. */
  readonly targeting?: TargetingMode;
}

/** @throws OakumError OAK_RING_UNKNOWN, OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS */
export async function viewRollouts(db: DbOrTx, query: RolloutQuery): Promise<ListPart<RolloutView>> {
  const filter = {
    ...(query.ring === undefined
      ? {}
      : { ringId: byName(await listRings(db), query.ring, 'OAK_RING_UNKNOWN').id }),
    ...(query.update === undefined ? {} : { updateNumber: (await findUpdate(db, query.update)).number }),
    ...(query.states === undefined ? {} : { states: query.states }),
  };
  const part = await pageOfRollouts(db, filter, query);
  const names = await groupNames(db);
  const stopped = await isAllPaused(db);
  const items: RolloutView[] = [];
  for (const rollout of part.items) {
    const counts = await countsOf(db, rollout, query.targeting ?? 'server');
    const [update] = await listUpdates(db, { updateId: rollout.updateId });
    items.push({
      ring: rollout.ringName,
      updateId: rollout.updateId,
      title: update?.title ?? '',
      state: rollout.state,
      reason: rollout.reason === null ? null : namedReason(rollout.reason, names),
      startedMs: rollout.startedMs,
      startedBy: rollout.caller,
      steps: rollout.ring.steps.map((step, index) => ({
        group: names.get(step.group) ?? step.group,
        approved: index < rollout.step,
        counts: counts[index] === undefined ? undefined : withoutCodes(counts[index]),
      })),
      next: rollout.state === 'running' && !stopped ? nextMove(rollout, counts, query.nowMs) : null,
    });
  }
  return { ...part, items };
}

function withoutCodes({ installed, failed, needed, unknown }: StepCounts): Omit<StepCounts, 'codes'> {
  return { installed, failed, needed, unknown };
}

/** How the update stands in the group of every step that was approved. */
export async function countsOf(
  db: DbOrTx,
  rollout: StoredRollout,
  targeting: TargetingMode,
): Promise<StepCounts[]> {
  const counts: StepCounts[] = [];
  for (const { group } of rollout.ring.steps.slice(0, rollout.step)) {
    const { updateNumber } = rollout;
    counts.push(await readStepCounts(db, { updateNumber, groupId: group as Guid, targeting }));
  }
  return counts;
}

export async function groupNames(db: DbOrTx | Tx): Promise<Map<string, string>> {
  return new Map((await listGroups(db)).map((group) => [group.id, group.name]));
}

function named(ring: RolloutRing, names: ReadonlyMap<string, string>): RolloutRing {
  return {
    ...ring,
    steps: ring.steps.map((step) => ({ ...step, group: names.get(step.group) ?? step.group })),
  };
}

function namedReason(
  reason: NonNullable<StoredRollout['reason']>,
  names: ReadonlyMap<string, string>,
): NonNullable<StoredRollout['reason']> {
  return reason.group === undefined ? reason : { ...reason, group: names.get(reason.group) ?? reason.group };
}
