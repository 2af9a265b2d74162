import type { HousekeepingContext } from './housekeeping-context.ts';
import { runDueRings } from './rollout-steps.ts';
import { runDueRules } from './rules.ts';

/**
 * Rules and rollouts have an audit log and dry runs of their own: here they only get their turn, and nothing in
 * a dry run.
 */
export async function runRulesNow(context: HousekeepingContext): Promise<void> {
  if (context.options.dryRun === true) return;
  const { approvals } = await runDueRules(context.db, context.nowMs);
  context.tell(
    approvals.map((one) =>
      context.action(
        one.updateId,
        one.title,
        `approved: ${one.action} for ${one.group} by the rule ${one.rule}`,
      ),
    ),
  );
}

export async function runRolloutsNow(context: HousekeepingContext): Promise<void> {
  if (context.options.dryRun === true) return;
  const steps = await runDueRings(context.db, context.nowMs, context.options.targeting);
  context.tell(
    steps.map(({ ring, updateId, move }) =>
      context.action(updateId, updateId, `rollout: ${move.kind} in the ring ${ring}`),
    ),
  );
}
