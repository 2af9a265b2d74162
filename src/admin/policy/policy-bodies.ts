import { AUTO_APPROVAL_RULE, type AutoApprovalRule } from '../../fleet/auto-approval-rule.ts';
import type { GroupRule } from '../../fleet/group-rule.ts';
import type { RolloutRing } from '../../fleet/rollout-ring.ts';
import { inOrder, type PolicyBody } from './policy-change.ts';

/** How a group is called in the end. */
type Named = (group: string) => string;

/** Equal for rules that do the same. */
export function groupRuleBody(group: string, rule: GroupRule): PolicyBody {
  return { group, ...setsInOrder(rule) };
}

/** Equal for rules that do the same. The rule names categories by {@link withCategoryTitles}. */
export function ruleBody(rule: AutoApprovalRule, named: Named): PolicyBody {
  return setsInOrder({ ...rule, groups: rule.groups.map(named) });
}

/** Equal for rings that do the same: the order of steps counts. */
export function ringBody(ring: RolloutRing, named: Named): PolicyBody {
  return { ...ring, steps: ring.steps.map((step) => ({ ...step, group: named(step.group) })) };
}

/** A change of a rule leaves out nothing: what the policy does not say goes back to its default. */
export function wholeRule(body: PolicyBody): Record<string, unknown> {
  const nothing = Object.keys(AUTO_APPROVAL_RULE.properties).map((name) => [name, null]);
  return { ...Object.fromEntries(nothing), ...body };
}

function setsInOrder(data: object): PolicyBody {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      Array.isArray(value) ? inOrder(value as readonly string[]) : (value as unknown),
    ]),
  );
}
