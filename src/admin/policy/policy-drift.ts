import { OakumError } from '../../errors/oakum-error.ts';
import { readAppliedPolicy } from '../../store/policy.ts';
import type { DbOrTx } from '../../store/schema.ts';
import type { SettingsTable } from '../settings.ts';
import { viewPlan } from './apply-policy.ts';
import { parsePolicy, type PolicyDocument } from './policy-document.ts';
import type { PolicyPlan } from './policy-plan.ts';

export interface PolicyDrift extends PolicyPlan {
  /** When and by whom the policy was applied that things are compared with. */
  readonly appliedMs: number;
  readonly appliedBy: string;
  readonly document: PolicyDocument;
}

/**
 * How far things are from the policy that was applied last: what applying it again would do.
 *
 * @throws OakumError OAK_POLICY_NONE; what planning throws when the policy names what is there no more
 */
export async function viewDrift(db: DbOrTx, settings: SettingsTable): Promise<PolicyDrift> {
  const applied = await readAppliedPolicy(db);
  if (applied === undefined) throw new OakumError('OAK_POLICY_NONE');
  // What an older version stored gets the defaults of this one.
  const document = parsePolicy(applied.document, settings);
  const plan = await viewPlan(db, document, { prune: false });
  return { ...plan, appliedMs: applied.appliedMs, appliedBy: applied.caller, document };
}
