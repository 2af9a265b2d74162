import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';
import { UNASSIGNED_COMPUTERS } from './server-state.ts';

/** Who decides about a computer's groups: the administrator, or the group policy on the computer. */
export const TARGETING_MODES = ['server', 'client'] as const;
export type TargetingMode = (typeof TARGETING_MODES)[number];

/** The names in a `targetGroupName`: separated by semicolons, white space around them does not count. */
export function requestedGroupNames(requestedGroups: string): string[] {
  return requestedGroups
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * The groups a computer belongs to directly. In client mode names that no group has count for nothing;
 * a computer in no group is in Unassigned Computers.
 */
export function directGroups(
  mode: TargetingMode,
  computer: { readonly groupIds: readonly Guid[]; readonly requestedGroups: string },
  groups: Iterable<GroupRow>,
): readonly Guid[] {
  const ids =
    mode === 'server'
      ? computer.groupIds
      : namedGroups(requestedGroupNames(computer.requestedGroups), groups);
  return ids.length > 0 ? ids : [UNASSIGNED_COMPUTERS];
}

function namedGroups(names: readonly string[], groups: Iterable<GroupRow>): Guid[] {
  if (names.length === 0) return [];
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return [...groups].filter((group) => wanted.has(group.name.toLowerCase())).map((group) => group.id);
}
