import type { TSchema } from 'typebox';
import { AUTO_APPROVAL_RULE } from '../../fleet/auto-approval-rule.ts';
import { declaredProperties } from '../../fleet/declared.ts';
import { GROUP_RULE } from '../../fleet/group-rule.ts';
import { ROLLOUT_RING } from '../../fleet/rollout-ring.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../../fleet/server-state.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { canonicalJson } from '../../store/audit.ts';
import type { DbOrTx } from '../../store/schema.ts';
import { categoryTitles, withCategoryTitles } from '../rule-categories.ts';
import type { SettingsTable } from '../settings.ts';
import { GroupNames } from './plan-groups.ts';
import { groupRuleBody, ringBody, ruleBody } from './policy-bodies.ts';
import type { PolicyGroup } from './policy-group.ts';
import { readPolicyState, type PolicyState, type StateGroup } from './policy-state.ts';

interface NamedThing {
  readonly name: string;
  readonly [property: string]: unknown;
}

/** A policy as people write it: without what has its default. */
export interface WrittenPolicy {
  readonly version: 1;
  readonly groups: readonly PolicyGroup[];
  readonly groupRules: readonly NamedThing[];
  readonly rules: readonly NamedThing[];
  readonly rings: readonly NamedThing[];
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Things as they are, as a policy: to begin with. Applying it changes nothing. Stored settings that this version does
 * not take are left out.
 */
export async function exportPolicy(db: DbOrTx, settings: SettingsTable): Promise<WrittenPolicy> {
  return policyOf(await readPolicyState(db), settings);
}

function policyOf(state: PolicyState, settings: SettingsTable): WrittenPolicy {
  const names = new GroupNames(state.groups);
  const nameOf = (id: string): string => names.nameOf(id);
  const titles = categoryTitles(state.categories);
  const [step] = [declaredProperties(ROLLOUT_RING).steps.items as TSchema];
  return {
    version: 1,
    groups: groupsBelow(state.groups),
    groupRules: state.groupRules.map(({ name, groupId, rule }) => ({
      name,
      ...withoutDefaults(GROUP_RULE, groupRuleBody(nameOf(groupId), rule)),
    })),
    rules: state.rules.map(({ name, rule }) => ({
      name,
      ...withoutDefaults(AUTO_APPROVAL_RULE, ruleBody(withCategoryTitles(rule, titles), nameOf)),
    })),
    rings: state.rings.map(({ name, ring }) => {
      const { steps, ...rest } = ringBody(ring, nameOf);
      return {
        name,
        ...withoutDefaults(ROLLOUT_RING, rest),
        steps: (steps as readonly object[]).map((one) => withoutDefaults(step, one)),
      };
    }),
    settings: Object.fromEntries(
      state.settings
        .filter(({ key, value }) => isStorable(settings, key, value))
        .map(({ key, value }) => [key, value]),
    ),
  };
}

/** The tree below All Computers; Unassigned Computers stands in it only for groups that are below it. */
function groupsBelow(groups: readonly StateGroup[]): PolicyGroup[] {
  const children = Map.groupBy(groups, (group) => group.parentId);
  const below = (parent: string): PolicyGroup[] =>
    (children.get(parent as StateGroup['id']) ?? []).flatMap(({ id, name }) => {
      const own = below(id);
      if (id === UNASSIGNED_COMPUTERS && own.length === 0) return [];
      return [own.length === 0 ? { name } : { name, groups: own }];
    });
  return below(ALL_COMPUTERS);
}

function withoutDefaults(schema: TSchema, body: object): Record<string, unknown> {
  const properties = declaredProperties(schema);
  return Object.fromEntries(
    Object.entries(body).filter(
      ([name, value]) =>
        properties[name]?.default === undefined ||
        canonicalJson(properties[name].default) !== canonicalJson(value),
    ),
  );
}

function isStorable(settings: SettingsTable, key: string, value: unknown): boolean {
  try {
    settings.storable(key, value);
    return true;
  } catch (error) {
    if (error instanceof OakumError) return false;
    throw error;
  }
}
