import { OakumError } from '../../errors/oakum-error.ts';
import { appendAudit, canonicalJson } from '../../store/audit.ts';
import { putAppliedPolicy, readAppliedPolicy } from '../../store/policy.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { addGroupRule, changeGroupRule, removeGroupRule } from '../group-rules.ts';
import { createGroup, moveGroup, removeGroup, renameGroup } from '../groups.ts';
import { createRing, removeRing } from '../rings.ts';
import { addRule, changeRule, removeRule } from '../rules.ts';
import { setSetting, unsetSetting, type SettingsTable } from '../settings.ts';
import { wholeRule } from './policy-bodies.ts';
import type { PolicyChange } from './policy-change.ts';
import type { PolicyDocument } from './policy-document.ts';
import { digestOf, planPolicy, type PlanOptions, type PolicyPlan } from './policy-plan.ts';
import { readPolicyState } from './policy-state.ts';

/** What applying a policy would do now. @throws OakumError as {@link planPolicy} */
export async function viewPlan(
  db: DbOrTx,
  document: PolicyDocument,
  options: PlanOptions,
): Promise<PolicyPlan> {
  return planPolicy(await readPolicyState(db), document, options);
}

export interface ApplyRequest {
  readonly document: PolicyDocument;
  readonly settings: SettingsTable;
  /** Also remove what is there and not in its section of the policy. */
  readonly prune?: boolean;
  /** The digest of the plan that somebody has looked at: nothing else is done. */
  readonly planDigest?: string;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Makes things be as a policy says, and remembers the policy: everything in one transaction, or nothing. Each change
 * goes through the function that a person would use, with its checks and its audit entry. Done twice, the second
 * time changes nothing.
 *
 * @returns what it did, or would do in a dry run
 * @throws OakumError OAK_POLICY_MOVED, what planning throws, and what the changes throw: OAK_GROUP_IN_USE,
 *   OAK_ROLLOUT_STATE…
 */
export async function applyPolicy(db: DbOrTx, caller: Caller, request: ApplyRequest): Promise<PolicyPlan> {
  const { document, planDigest, nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const plan = await viewPlan(tx, document, { prune: request.prune === true });
    if (planDigest !== undefined && planDigest !== plan.digest)
      throw new OakumError('OAK_POLICY_MOVED', { detail: `The plan is ${plan.digest} now.` });
    for (const change of plan.changes) await carryOut(tx, caller, change, request);
    const before = await readAppliedPolicy(tx);
    const isNew = canonicalJson(before?.document) !== canonicalJson(document);
    if (isNew || plan.changes.length > 0) {
      await putAppliedPolicy(tx, { document, appliedMs: nowMs, caller: caller.name });
      await appendAudit(tx, {
        timeMs: nowMs,
        caller: caller.name,
        action: 'policy.apply',
        subject: 'policy',
        // The changes have entries of their own.
        after: { plan: plan.digest, changes: plan.changes.length, document: digestOf(document) },
      });
    }
    return plan;
  });
}

async function carryOut(tx: Tx, caller: Caller, change: PolicyChange, request: ApplyRequest): Promise<void> {
  const { kind, name } = change;
  const after = change.after ?? {};
  const named = { name, nowMs: request.nowMs };
  switch (change.noun) {
    case 'group':
      return changeGroup(tx, caller, change, request.nowMs);
    case 'groupRule': {
      const { group, ...rule } = after;
      const wanted = { ...named, group: String(group), rule };
      if (kind === 'remove') await removeGroupRule(tx, caller, named);
      else if (kind === 'create') await addGroupRule(tx, caller, wanted);
      else await changeGroupRule(tx, caller, wanted);
      return;
    }
    case 'rule':
      if (kind === 'remove') await removeRule(tx, caller, named);
      else if (kind === 'create') await addRule(tx, caller, { ...named, rule: after });
      else await changeRule(tx, caller, { ...named, rule: wholeRule(after) });
      return;
    case 'ring':
      if (kind === 'remove') await removeRing(tx, caller, named);
      else await createRing(tx, caller, { ...named, ring: after, replace: kind === 'change' });
      return;
    case 'setting': {
      const setting = { key: name, nowMs: request.nowMs };
      if (kind === 'remove') await unsetSetting(tx, caller, request.settings, setting);
      else await setSetting(tx, caller, request.settings, { ...setting, value: after['value'] });
    }
  }
}

async function changeGroup(
  tx: Tx,
  caller: Caller,
  { kind, name, after }: PolicyChange,
  nowMs: number,
): Promise<void> {
  const { parent, name: next } = (after ?? {}) as { readonly parent: string; readonly name: string };
  if (kind === 'create') await createGroup(tx, caller, { name, parent, nowMs });
  else if (kind === 'rename') await renameGroup(tx, caller, { group: name, name: next, nowMs });
  else if (kind === 'move') await moveGroup(tx, caller, { group: name, parent, nowMs });
  else await removeGroup(tx, caller, { group: name, nowMs });
}
