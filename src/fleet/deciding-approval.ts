import type { ApprovalAction, GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { groupLine } from './group-line.ts';

/** A decision about one update for one group. */
export interface GroupDecision {
  readonly groupId: Guid;
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  /** Why it does not take effect; null when it does. */
  readonly withheld: string | null;
}

/** Which decision holds for a computer, and how it came to it. */
export interface DecidingApproval<Decision extends GroupDecision> {
  readonly decision: Decision;
  /** The computer's own group; the decision was made for it or for one above it. */
  readonly memberOf: Guid;
  /** The decisions that hold for its other groups. */
  readonly others: readonly Decision[];
}

// As catalog/audience.ts has it; among those without effect the strongest is what somebody wanted.
const STRENGTH: Readonly<Record<ApprovalAction, number>> = {
  Install: 4,
  Uninstall: 3,
  OptionalInstall: 2,
  NotApproved: 1,
  Block: 1,
};

/**
 * The decision that holds for a computer with these groups: the nearest in each group's line, of several the
 * strongest, of equally strong ones the earliest deadline. Undefined where nobody decided.
 */
export function decidingApproval<Decision extends GroupDecision>(
  groupIds: readonly Guid[],
  groups: ReadonlyMap<Guid, GroupRow>,
  decisions: readonly Decision[],
): DecidingApproval<Decision> | undefined {
  const byGroup = new Map(decisions.map((one) => [one.groupId, one]));
  const holding: { readonly decision: Decision; readonly memberOf: Guid }[] = [];
  for (const memberOf of [...new Set(groupIds)].sort()) {
    const nearest = groupLine(groups, memberOf).find((id) => byGroup.has(id));
    if (nearest !== undefined) holding.push({ decision: byGroup.get(nearest)!, memberOf });
  }
  const best = holding.toSorted((one, other) => precedence(one.decision, other.decision)).at(0);
  if (best === undefined) return undefined;
  const others = holding.map((one) => one.decision).filter((one) => one !== best.decision);
  return { ...best, others: [...new Set(others)] };
}

function precedence(one: GroupDecision, other: GroupDecision): number {
  const effect = Number(one.withheld !== null) - Number(other.withheld !== null);
  const weaker = (decision: GroupDecision): boolean =>
    decision.withheld === null && STRENGTH[decision.action] === 1;
  // Something withheld is still what explains it where the rest is NotApproved.
  if (effect !== 0 && !weaker(one) && !weaker(other)) return effect;
  const strength = STRENGTH[other.action] - STRENGTH[one.action];
  if (strength !== 0) return strength;
  return (one.deadlineMs ?? Number.MAX_VALUE) - (other.deadlineMs ?? Number.MAX_VALUE);
}
