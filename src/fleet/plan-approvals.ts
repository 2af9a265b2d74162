import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import {
  ruleDeadlineMs,
  ruleDueMs,
  ruleFits,
  type AutoApprovalRule,
  type RuleFacts,
} from './auto-approval-rule.ts';
import { groupLine } from './group-line.ts';

export interface NamedRule {
  readonly id: number;
  readonly name: string;
  readonly rule: AutoApprovalRule;
  /** Updates that arrived before are none of its business. */
  readonly sinceMs: number;
}

/** An update that rules may decide about, with what was decided already. */
export interface RuleCandidate extends RuleFacts {
  readonly update: number;
  /** Groups that something was decided for, by whomever. */
  readonly decided: ReadonlySet<Guid>;
  /** Groups that a person decided for, or took a decision back; an empty text stands for the whole update. */
  readonly byHand: ReadonlySet<string>;
  /** The licence that has to be accepted first. */
  readonly licence: string | null;
}

/** One decision that a rule makes. */
export interface PlannedApproval {
  readonly candidate: RuleCandidate;
  readonly rule: NamedRule;
  readonly groupId: Guid;
  readonly deadlineMs: number | null;
}

export interface ApprovalPlan {
  readonly approvals: readonly PlannedApproval[];
  /** Updates that a rule would install if their licence were accepted. */
  readonly waiting: readonly RuleCandidate[];
  /** When the next update reaches the age that a rule waits for. */
  readonly nextDueMs: number | null;
}

/**
 * What rules decide about updates now. A rule only ever fills a gap: it changes no decision, whoever made it,
 * and it stays away from a group when a person decided about the update for that group or for one it inherits
 * from, or took such a decision back.
 *
 * For each group the rule with the lowest priority number decides; of several with the same, the earliest
 * deadline counts.
 */
export function planApprovals(
  rules: readonly NamedRule[],
  candidates: Iterable<RuleCandidate>,
  { groups, nowMs }: { readonly groups: ReadonlyMap<Guid, GroupRow>; readonly nowMs: number },
): ApprovalPlan {
  const ordered = [...rules].sort(byPriority);
  const approvals: PlannedApproval[] = [];
  const waiting: RuleCandidate[] = [];
  let nextDueMs: number | null = null;
  for (const candidate of candidates) {
    const planned = new Map<Guid, PlannedApproval>();
    for (const rule of ordered) {
      if (candidate.arrivedMs < rule.sinceMs || !ruleFits(rule.rule, candidate)) continue;
      const dueMs = ruleDueMs(rule.rule, candidate);
      if (dueMs > nowMs) {
        nextDueMs = Math.min(nextDueMs ?? dueMs, dueMs);
        continue;
      }
      for (const groupId of rule.rule.groups as Guid[]) {
        if (!mayDecide(candidate, groups, groupId)) continue;
        const approval = { candidate, rule, groupId, deadlineMs: ruleDeadlineMs(rule.rule, nowMs) };
        if (comesFirst(approval, planned.get(groupId))) planned.set(groupId, approval);
      }
    }
    const held = candidate.licence !== null && [...planned.values()].some(installs);
    if (held) waiting.push(candidate);
    else approvals.push(...planned.values());
  }
  return { approvals, waiting, nextDueMs };
}

function byPriority(one: NamedRule, other: NamedRule): number {
  return one.rule.priority - other.rule.priority || one.id - other.id;
}

function installs(approval: PlannedApproval): boolean {
  return approval.rule.rule.action !== 'not-approved';
}

function mayDecide(candidate: RuleCandidate, groups: ReadonlyMap<Guid, GroupRow>, groupId: Guid): boolean {
  if (candidate.decided.has(groupId) || candidate.byHand.has('')) return false;
  const line = groupLine(groups, groupId);
  return line.length > 0 && !line.some((id) => candidate.byHand.has(id));
}

function comesFirst(one: PlannedApproval, other: PlannedApproval | undefined): boolean {
  if (other === undefined) return true;
  if (one.rule.rule.priority !== other.rule.rule.priority) return false;
  return (one.deadlineMs ?? Number.POSITIVE_INFINITY) < (other.deadlineMs ?? Number.POSITIVE_INFINITY);
}
