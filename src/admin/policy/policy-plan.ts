import { createHash } from 'node:crypto';
import { canonicalJson } from '../../store/audit.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import type { AutoApprovalRule } from '../../fleet/auto-approval-rule.ts';
import { categoryTitles, CATEGORY_LISTS, withCategoryIds, withCategoryTitles } from '../rule-categories.ts';
import { groupUsers } from './group-users.ts';
import { planGroups, type GroupNames } from './plan-groups.ts';
import { planSection, type SectionItem, type SectionPlan, type Warn } from './plan-section.ts';
import { groupRuleBody, ringBody, ruleBody } from './policy-bodies.ts';
import type { PolicyChange } from './policy-change.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { PolicyState } from './policy-state.ts';

/** What applying a policy does, exactly and in this order. */
export interface PolicyPlan {
  readonly changes: readonly PolicyChange[];
  /** What is there, and not in its section of the policy, and left alone because removals were not asked for. */
  readonly unmanaged: readonly PolicyChange[];
  /** Of the changes: equal as long as they are, with what they lose. */
  readonly digest: string;
}

export interface PlanOptions {
  /** Remove what the policy does not name. */
  readonly prune: boolean;
}

/**
 * What is to be done so that things are as a policy says. Nothing is, and the plan is empty, when they are.
 *
 * @throws OakumError OAK_GROUP_UNKNOWN, OAK_GROUP_BUILT_IN, OAK_UPDATE_UNKNOWN and OAK_UPDATE_AMBIGUOUS for
 *   categories; the message says who names them
 */
export function planPolicy(state: PolicyState, document: PolicyDocument, { prune }: PlanOptions): PolicyPlan {
  const groups = planGroups(state.groups, document.groups);
  const sections = [
    planGroupRules(state, document, groups.names),
    planRules(state, document, groups.names),
    planRings(state, document, groups.names),
    planSettings(state, document),
  ];
  const users = groupUsers(
    sections.flatMap(({ noun, lasting, removals }) => [
      ...lasting.map((one) => ({ noun, ...one })),
      ...(prune ? [] : removals.map(({ name, before }) => ({ noun, name, body: before ?? {} }))),
    ]),
  );
  const groupRemovals = groups.removals.map((one) => ({
    ...one,
    warnings: [...one.warnings, ...inTheWay(users.get(one.name))],
  }));
  // Groups last: nothing that is removed or changed before names them any more.
  const removals = [...sections.flatMap((section) => section.removals), ...groupRemovals];
  const changes = [
    ...groups.changes,
    ...sections.flatMap((section) => section.changes),
    ...(prune ? removals : []),
  ];
  return { changes, unmanaged: prune ? [] : removals, digest: digestOf(changes) };
}

/** Equal for equal data. */
export function digestOf(data: unknown): string {
  return createHash('sha256').update(canonicalJson(data)).digest('hex').slice(0, 32);
}

function inTheWay(users: readonly string[] | undefined): string[] {
  return users === undefined ? [] : [`It cannot be removed as long as it is in ${users.join(', ')}.`];
}

function planGroupRules(state: PolicyState, document: PolicyDocument, names: GroupNames): SectionPlan {
  const stored = state.groupRules.map(({ name, groupId, rule }) => ({
    name,
    body: groupRuleBody(names.nameOf(groupId), rule),
  }));
  const wanted = document.groupRules?.map(({ name, group, ...rule }) => ({
    name,
    body: groupRuleBody(names.meant(group, `the assignment rule "${name}"`), rule),
  }));
  return planSection('groupRule', stored, wanted);
}

function planRules(state: PolicyState, document: PolicyDocument, names: GroupNames): SectionPlan {
  const titles = categoryTitles(state.categories);
  const byName = new Map(state.rules.map((one) => [one.name.toLowerCase(), one.rule]));
  const stored = state.rules.map(({ name, rule }) => ({
    name,
    body: ruleBody(withCategoryTitles(rule, titles), (id) => names.nameOf(id)),
  }));
  const wanted = document.rules?.map(({ name, ...rule }) => {
    const user = `the rule "${name}"`;
    // A category that is gone does no harm in a rule that has it.
    const kept = new Set(categoriesOf(byName.get(name.toLowerCase())));
    const known = named(user, () => withCategoryIds(rule, state.categories, kept));
    return { name, body: ruleBody(withCategoryTitles(known, titles), (group) => names.meant(group, user)) };
  });
  return planSection('rule', stored, wanted);
}

function categoriesOf(rule: AutoApprovalRule | undefined): string[] {
  return rule === undefined ? [] : CATEGORY_LISTS.flatMap((list) => rule[list]);
}

function named<T>(user: string, resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    throw new OakumError(error.code, { detail: `In ${user}: ${error.detail ?? ''}`, cause: error });
  }
}

function planRings(state: PolicyState, document: PolicyDocument, names: GroupNames): SectionPlan {
  const stored = state.rings.map(({ name, ring }) => ({
    name,
    body: ringBody(ring, (id) => names.nameOf(id)),
  }));
  const wanted = document.rings?.map(({ name, ...ring }) => ({
    name,
    body: ringBody(ring, (group) => names.meant(group, `the ring "${name}"`)),
  }));
  const open = new Map(state.rings.map((ring) => [ring.name, ring.open]));
  const warn: Warn = (name, kind) => {
    const updates = open.get(name) ?? 0;
    if (updates === 0) return [];
    return [
      kind === 'change'
        ? `Updates on their way through it (${updates}) go on as they began.`
        : `It cannot be removed as long as updates are on their way through it (${updates}).`,
    ];
  };
  return planSection('ring', stored, wanted, warn);
}

function planSettings(state: PolicyState, document: PolicyDocument): SectionPlan {
  const item = (name: string, value: unknown): SectionItem => ({ name, body: { value } });
  const wanted =
    document.settings && Object.entries(document.settings).map(([key, value]) => item(key, value));
  return planSection(
    'setting',
    state.settings.map(({ key, value }) => item(key, value)),
    wanted,
  );
}
