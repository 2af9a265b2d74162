import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { Guid } from '../soap/simple-type.ts';

/** A group and its ancestors, nearest first: where it inherits from. A group that is not there has no line. */
export function groupLine(groups: ReadonlyMap<Guid, GroupRow>, id: Guid): Guid[] {
  const line: Guid[] = [];
  for (let group = groups.get(id); group !== undefined && !line.includes(group.id);) {
    line.push(group.id);
    group = group.parentId === null ? undefined : groups.get(group.parentId);
  }
  return line;
}

/** A group and everything below it. */
export function groupTree(groups: Iterable<GroupRow>, id: Guid): Guid[] {
  const byParent = Map.groupBy(groups, (group) => group.parentId);
  const tree = [id];
  for (const one of tree) {
    for (const child of byParent.get(one) ?? []) if (!tree.includes(child.id)) tree.push(child.id);
  }
  return tree;
}
