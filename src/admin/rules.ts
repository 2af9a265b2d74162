import type { GroupRow } from '../catalog/catalog-rows.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseAutoApprovalRule, RULE_ACTIONS, type AutoApprovalRule } from '../fleet/auto-approval-rule.ts';
import { planApprovals, type ApprovalPlan, type NamedRule } from '../fleet/plan-approvals.ts';
import type { Guid } from '../soap/simple-type.ts';
import { putApprovals, touchDeployments } from '../store/approvals.ts';
import { appendAudit } from '../store/audit.ts';
import { listCategories } from '../store/category-list.ts';
import { listGroups } from '../store/groups.ts';
import { isAllPaused } from '../store/rings.ts';
import { readRuleCandidates } from '../store/rule-candidates.ts';
import {
  deleteRule,
  importsMark,
  insertRule,
  listRules,
  noteRuleCheck,
  readRuleCheck,
  updateRule,
} from '../store/rules.ts';
import type { Db, DbOrTx, Tx } from '../store/schema.ts';
import { auditedAll } from './approvals.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';
import { findGroup } from './groups.ts';
import { categoryTitles, withCategoryIds, withCategoryTitles } from './rule-categories.ts';
import { byName, ruleName } from './rule-name.ts';

/** A rule as administrators see it: groups and categories by their names. */
export interface RuleView extends AutoApprovalRule {
  readonly name: string;
  /** Updates that arrived before are left to "run". */
  readonly sinceMs: number;
}

/** Rules in the order in which they decide. */
export async function viewRules(db: DbOrTx): Promise<RuleView[]> {
  return (await viewNumberedRules(db)).map(({ view }) => view);
}

/** The same with their ids: of equal priority, the lower one decides. */
export async function viewNumberedRules(
  db: DbOrTx,
): Promise<{ readonly id: number; readonly view: RuleView }[]> {
  const rules = await listRules(db);
  const views = await viewsOf(db, rules);
  return rules.map(({ id }, index) => ({ id, view: views[index] }));
}

/** @throws OakumError OAK_RULE_UNKNOWN with the nearest name */
export async function showRule(db: DbOrTx, name: string): Promise<RuleView> {
  return byName(await viewRules(db), name, 'OAK_RULE_UNKNOWN');
}

export interface RuleRequest {
  readonly name: string;
  /** As AUTO_APPROVAL_RULE declares it. In a change what is left out stays, and null goes back to the default. */
  readonly rule: Readonly<Record<string, unknown>>;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Adds a rule. By itself it approves what arrives from now on; see {@link runRules} for what is there.
 *
 * @throws OakumError OAK_RULE_INVALID, OAK_RULE_EXISTS, OAK_GROUP_UNKNOWN, OAK_UPDATE_UNKNOWN for a category
 */
export async function addRule(db: Db, caller: Caller, request: RuleRequest): Promise<RuleView> {
  const name = ruleName(request.name);
  return inTransaction(db, request.dryRun, async (tx) => {
    if ((await listRules(tx)).some((one) => one.name.toLowerCase() === name.toLowerCase()))
      throw new OakumError('OAK_RULE_EXISTS', { detail: `"${name}".` });
    const rule = await resolveNames(tx, parseAutoApprovalRule(request.rule));
    const id = await insertRule(tx, { name, rule, sinceMs: request.nowMs });
    const [added] = await viewsOf(tx, [{ id, name, rule, sinceMs: request.nowMs }]);
    await audit(tx, caller, request.nowMs, 'rule.add', undefined, added);
    return added;
  });
}

/**
 * Changes a rule. Enabled again, it begins with what arrives from then on.
 *
 * @throws OakumError as {@link addRule}, and OAK_RULE_UNKNOWN
 */
export async function changeRule(db: Db, caller: Caller, request: RuleRequest): Promise<RuleView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const stored = byName(await listRules(tx), request.name, 'OAK_RULE_UNKNOWN');
    const merged = Object.entries({ ...stored.rule, ...request.rule }).filter(([, value]) => value !== null);
    const rule = await resolveNames(tx, parseAutoApprovalRule(Object.fromEntries(merged)));
    const enabledNow = rule.enabled && !stored.rule.enabled;
    const changed = { ...stored, rule, sinceMs: enabledNow ? request.nowMs : stored.sinceMs };
    await updateRule(tx, changed);
    const [before, after] = await viewsOf(tx, [stored, changed]);
    await audit(tx, caller, request.nowMs, 'rule.change', before, after);
    return after;
  });
}

/** Removes a rule. What it approved stays approved. @throws OakumError OAK_RULE_UNKNOWN */
export async function removeRule(
  db: Db,
  caller: Caller,
  request: { readonly name: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<RuleView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const stored = byName(await listRules(tx), request.name, 'OAK_RULE_UNKNOWN');
    const [removed] = await viewsOf(tx, [stored]);
    await deleteRule(tx, stored.id);
    await audit(tx, caller, request.nowMs, 'rule.remove', removed);
    return removed;
  });
}

/** One approval that a rule gave, or would give. */
export interface RuleApproval {
  readonly rule: string;
  readonly updateId: string;
  readonly title: string;
  readonly group: string;
  readonly groupId: Guid;
  readonly action: AutoApprovalRule['action'];
  readonly deadlineMs: number | null;
}

export interface RuleOutcome {
  readonly approvals: readonly RuleApproval[];
  /** What rules would approve if its licence were accepted. */
  readonly waiting: readonly { readonly updateId: string; readonly title: string; readonly eulaId: string }[];
}

export interface RunRequest {
  /** Only these rules, enabled or not; all enabled ones unless given. */
  readonly names?: readonly string[];
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Lets rules decide about everything that is there, also about what arrived before they were made.
 *
 * @throws OakumError OAK_RULE_UNKNOWN
 */
export async function runRules(db: Db, caller: Caller, request: RunRequest): Promise<RuleOutcome> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const all = await listRules(tx);
    const rules =
      request.names === undefined
        ? all.filter((one) => one.rule.enabled)
        : request.names.map((name) => byName(all, name, 'OAK_RULE_UNKNOWN'));
    const everything = rules.map((one) => ({ ...one, sinceMs: 0 }));
    const { outcome } = await decide(tx, caller, everything, request.nowMs);
    return outcome;
  });
}

const NOTHING: RuleOutcome = { approvals: [], waiting: [] };

/**
 * Lets rules decide about what arrived since they were enabled, as soon as something was imported or is old enough.
 * To be called again and again: when nothing is due it costs three small queries. Everything of one call is one
 * transaction; several processes may call it at the same time.
 */
export async function runDueRules(db: Db, nowMs: number): Promise<RuleOutcome> {
  if (!(await rulesAreDue(db, nowMs))) return NOTHING;
  return db.transaction().execute(async (tx) => {
    // Another process may have been faster.
    if (!(await rulesAreDue(tx, nowMs))) return NOTHING;
    const rules = (await listRules(tx)).filter((one) => one.rule.enabled);
    const imports = await importsMark(tx);
    const { outcome, nextDueMs } = await decide(tx, { name: 'rules' }, rules, nowMs);
    await noteRuleCheck(tx, { imports, nextDueMs });
    return outcome;
  });
}

async function rulesAreDue(db: DbOrTx, nowMs: number): Promise<boolean> {
  if (await isAllPaused(db)) return false;
  const check = await readRuleCheck(db);
  if (check === undefined) return true;
  if (check.nextDueMs !== null && check.nextDueMs <= nowMs) return true;
  return check.imports !== (await importsMark(db));
}

async function decide(
  tx: Tx,
  caller: Caller,
  rules: readonly NamedRule[],
  nowMs: number,
): Promise<{ readonly outcome: RuleOutcome; readonly nextDueMs: number | null }> {
  if (rules.length === 0) return { outcome: NOTHING, nextDueMs: null };
  const groups = new Map((await listGroups(tx)).map((group) => [group.id, group]));
  const candidates = await readRuleCandidates(tx, {
    sinceMs: Math.min(...rules.map((one) => one.sinceMs)),
    superseded: rules.some((one) => one.rule.excludeKinds.includes('superseded')),
    languages: rules.some((one) => one.rule.languages.length > 0),
  });
  const plan = planApprovals(rules, candidates, { groups, nowMs });
  await carryOut(tx, caller, plan, nowMs);
  return { outcome: outcomeOf(plan, groups), nextDueMs: plan.nextDueMs };
}

async function carryOut(tx: Tx, caller: Caller, plan: ApprovalPlan, nowMs: number): Promise<void> {
  const updates = plan.approvals.map(({ candidate }) => ({
    number: candidate.update,
    updateId: candidate.updateId,
  }));
  const decisions = plan.approvals.map(({ candidate, rule, groupId, deadlineMs }) => ({
    updateNumber: candidate.update,
    groupId,
    action: RULE_ACTIONS[rule.rule.action],
    deadlineMs,
    nowMs,
    source: `rule:${rule.id}` as const,
  }));
  await auditedAll(tx, caller, { action: 'update.approve', updates, nowMs }, () =>
    putApprovals(tx, decisions),
  );
  await touchDeployments(
    tx,
    updates.map((update) => update.number),
    nowMs,
  );
}

function outcomeOf(plan: ApprovalPlan, groups: ReadonlyMap<Guid, GroupRow>): RuleOutcome {
  return {
    approvals: plan.approvals.map(({ candidate, rule, groupId, deadlineMs }) => ({
      rule: rule.name,
      updateId: candidate.updateId,
      title: candidate.title,
      group: groups.get(groupId)?.name ?? groupId,
      groupId,
      action: rule.rule.action,
      deadlineMs,
    })),
    waiting: plan.waiting.map(({ updateId, title, licence }) => ({
      updateId,
      title,
      eulaId: licence ?? '',
    })),
  };
}

/** Names become ids before they are stored: what is named may be renamed. */
async function resolveNames(tx: Tx, rule: AutoApprovalRule): Promise<AutoApprovalRule> {
  const groups: string[] = [];
  for (const name of rule.groups) groups.push((await findGroup(tx, name)).id);
  return withCategoryIds({ ...rule, groups: [...new Set(groups)] }, await listCategories(tx));
}

async function viewsOf(db: DbOrTx, rules: readonly NamedRule[]): Promise<RuleView[]> {
  const groups = new Map<string, string>((await listGroups(db)).map((group) => [group.id, group.name]));
  const titles = categoryTitles(await listCategories(db));
  return rules.map(({ name, rule, sinceMs }) => ({
    name,
    sinceMs,
    ...withCategoryTitles({ ...rule, groups: rule.groups.map((id) => groups.get(id) ?? id) }, titles),
  }));
}

async function audit(
  tx: Tx,
  caller: Caller,
  timeMs: number,
  action: string,
  before?: RuleView,
  after?: RuleView,
): Promise<void> {
  const subject = (after ?? before)?.name ?? '';
  await appendAudit(tx, { timeMs, caller: caller.name, action, subject, before, after });
}
