import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { ruleDueMs, ruleFits } from '../fleet/auto-approval-rule.ts';
import type { PendingDecision } from '../fleet/explanation.ts';
import { groupLine } from '../fleet/group-line.ts';
import { parseRolloutRing } from '../fleet/rollout-ring.ts';
import type { Guid } from '../soap/simple-type.ts';
import { openRollouts } from '../store/explanation-source.ts';
import { readRuleCandidates } from '../store/rule-candidates.ts';
import { listRules } from '../store/rules.ts';
import type { DbOrTx } from '../store/schema.ts';

export interface PendingSources {
  readonly db: DbOrTx;
  readonly snapshot: CatalogSnapshot;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;

/** What will approve it for the computer, and has not. */
export async function pendingDecisions(
  sources: PendingSources,
  groupIds: readonly Guid[],
  updateNumber: number,
): Promise<PendingDecision[]> {
  const { groups } = sources.snapshot;
  const lines = new Set(groupIds.flatMap((id) => groupLine(groups, id)));
  const ids = { lines, updateNumber };
  return [...(await pendingRollouts(sources, ids)), ...(await pendingRules(sources, ids))];
}

interface PendingFor {
  /** The computer's groups and their ancestors. */
  readonly lines: ReadonlySet<Guid>;
  readonly updateNumber: number;
}

async function pendingRollouts(
  { db, snapshot: { groups } }: PendingSources,
  { lines, updateNumber }: PendingFor,
): Promise<PendingDecision[]> {
  const pending: PendingDecision[] = [];
  for (const rollout of await openRollouts(db, updateNumber)) {
    const { steps } = parseRolloutRing(JSON.parse(rollout.body));
    const index = steps.findIndex(({ group }, at) => at >= rollout.step && lines.has(group as Guid));
    if (index < 0) continue;
    const { group, afterHours } = steps[index];
    const isNext = index === rollout.step && rollout.state === 'running';
    pending.push({
      name: rollout.ring,
      group: groups.get(group as Guid)?.name ?? group,
      dueMs: isNext ? rollout.stepMs + afterHours * HOUR_MS : null,
      reason: rollout.state === 'running' ? (isNext ? 'delay' : 'earlier groups') : rollout.state,
    });
  }
  return pending;
}

/** Rules that wait until the update is old enough, or for their next turn. */
async function pendingRules(
  { db, snapshot: { groups }, nowMs }: PendingSources,
  { lines, updateNumber }: PendingFor,
): Promise<PendingDecision[]> {
  const reaches = (id: string): boolean => lines.has(id as Guid);
  const rules = (await listRules(db)).filter(({ rule }) => rule.enabled && rule.groups.some(reaches));
  if (rules.length === 0) return [];
  const candidates = await readRuleCandidates(db, {
    sinceMs: Math.min(...rules.map((one) => one.sinceMs)),
    superseded: rules.some(({ rule }) => rule.excludeKinds.includes('superseded')),
    languages: rules.some(({ rule }) => rule.languages.length > 0),
  });
  const candidate = candidates.find((one) => one.update === updateNumber);
  if (candidate === undefined || candidate.byHand.size > 0) return [];
  return rules
    .filter(({ rule, sinceMs }) => candidate.arrivedMs >= sinceMs && ruleFits(rule, candidate))
    .flatMap(({ name, rule }) => {
      const dueMs = ruleDueMs(rule, candidate);
      const open = rule.groups.find((id) => reaches(id) && !candidate.decided.has(id as Guid));
      if (open === undefined) return [];
      const group = groups.get(open as Guid)?.name ?? open;
      return [{ name, group, dueMs, reason: dueMs > nowMs ? 'age' : 'the next run' }];
    });
}
