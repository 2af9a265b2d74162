import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { ALL_COMPUTERS } from './server-state.ts';
import { directGroups, type TargetingMode } from './targeting.ts';

/** A group and all groups below it. */
export function groupsBelow(groupId: Guid, groups: readonly GroupRow[]): Set<Guid> {
  const below = new Set([groupId]);
  // A group lies below another at most as deep as there are groups.
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const group of groups) {
      if (group.parentId !== null && below.has(group.parentId)) below.add(group.id);
    }
  }
  return below;
}

/** Whether computers that are placed like this belong to a group, directly or to one below it. */
export function belongsTo(
  placement: { readonly groupIds: readonly string[]; readonly requestedGroups: string },
  groupId: Guid,
  within: { readonly groups: readonly GroupRow[]; readonly targeting: TargetingMode },
): boolean {
  if (groupId === ALL_COMPUTERS) return true;
  const direct = directGroups(
    within.targeting,
    { groupIds: placement.groupIds as readonly Guid[], requestedGroups: placement.requestedGroups },
    within.groups,
  );
  const below = groupsBelow(groupId, within.groups);
  return direct.some((id) => below.has(id));
}
