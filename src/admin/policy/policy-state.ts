import type { GroupRow } from '../../catalog/catalog-rows.ts';
import type { NamedRule } from '../../fleet/plan-approvals.ts';
import { listCategories, type ListedCategory } from '../../store/category-list.ts';
import { listGroupRules, type StoredGroupRule } from '../../store/group-rules.ts';
import { countGroupApprovals, countMembers, listGroups } from '../../store/groups.ts';
import { listRings, listRollouts, type StoredRing } from '../../store/rings.ts';
import { listRules } from '../../store/rules.ts';
import type { DbOrTx } from '../../store/schema.ts';
import { listSettings, type StoredSetting } from '../../store/settings.ts';
import { OPEN_STATES } from '../rings.ts';

export interface StateGroup extends GroupRow {
  /** Computers assigned to it directly. */
  readonly members: number;
  /** Decisions about updates for it. */
  readonly approvals: number;
}

export interface StateRing extends StoredRing {
  /** Updates that are on their way through it. */
  readonly open: number;
}

/** Everything that a policy can be about, as it is. */
export interface PolicyState {
  readonly groups: readonly StateGroup[];
  readonly groupRules: readonly StoredGroupRule[];
  readonly rules: readonly NamedRule[];
  readonly rings: readonly StateRing[];
  readonly settings: readonly StoredSetting[];
  /** What rules may name. */
  readonly categories: readonly ListedCategory[];
}

export async function readPolicyState(db: DbOrTx): Promise<PolicyState> {
  const members = await countMembers(db);
  const approvals = await countGroupApprovals(db);
  const open = Map.groupBy(await listRollouts(db, { states: OPEN_STATES }), (one) => one.ringId);
  return {
    groups: (await listGroups(db)).map((group) => ({
      ...group,
      members: members.get(group.id) ?? 0,
      approvals: approvals.get(group.id) ?? 0,
    })),
    groupRules: await listGroupRules(db),
    rules: await listRules(db),
    rings: (await listRings(db)).map((ring) => ({ ...ring, open: open.get(ring.id)?.length ?? 0 })),
    settings: await listSettings(db),
    categories: await listCategories(db),
  };
}
