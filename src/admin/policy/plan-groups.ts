import { nearestName } from '../../errors/nearest-name.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../../fleet/server-state.ts';
import type { PolicyChange } from './policy-change.ts';
import type { PolicyGroup } from './policy-group.ts';
import type { StateGroup } from './policy-state.ts';

export interface GroupPlan {
  /** In an order in which no group ever stands below itself: each one behind its parent. */
  readonly changes: readonly PolicyChange[];
  /** Of groups that the policy does not name, the lowest first. */
  readonly removals: readonly PolicyChange[];
  /** As they are called then. */
  readonly names: GroupNames;
}

/**
 * What makes the groups those of a policy. A group is known by its name, whatever the case of its letters, or by its
 * former one.
 *
 * @throws OakumError OAK_GROUP_BUILT_IN for a group of every server that shall be below another one
 */
export function planGroups(
  stored: readonly StateGroup[],
  wanted: readonly PolicyGroup[] | undefined,
): GroupPlan {
  const names = new GroupNames(stored);
  if (wanted === undefined) return { changes: [], removals: [], names };
  const planner = new Planner(stored, wanted, names);
  planner.visit(wanted, ALL_COMPUTERS);
  return { changes: planner.changes, removals: planner.removals(), names };
}

/** Groups by what a policy calls them: those that are there, under their final names, and those to come. */
export class GroupNames {
  /** Of a group that is there its id, of others a name of their own. */
  readonly #keys = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(stored: readonly StateGroup[]) {
    for (const { id, name } of stored) this.set(id, name);
  }

  set(key: string, name: string): void {
    const before = this.#names.get(key);
    if (before !== undefined) this.#keys.delete(before.toLowerCase());
    this.#names.set(key, name);
    this.#keys.set(name.toLowerCase(), key);
  }

  /** A group's final name; the id itself for one that is not there. */
  nameOf(key: string): string {
    return this.#names.get(key) ?? key;
  }

  /**
   * The final name of the group that is meant.
   *
   * @param user what names it, for the message
   * @throws OakumError OAK_GROUP_UNKNOWN with the nearest name
   */
  meant(reference: string, user: string): string {
    const low = reference.trim().toLowerCase();
    const name = this.#names.get(this.#keys.get(low) ?? low);
    if (name !== undefined) return name;
    const nearest = nearestName(reference, [...this.#names.values()]);
    throw new OakumError('OAK_GROUP_UNKNOWN', {
      detail: `"${reference}", in ${user}.${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
    });
  }
}

class Planner {
  readonly changes: PolicyChange[] = [];
  readonly #stored: ReadonlyMap<string, StateGroup>;
  readonly #byName: ReadonlyMap<string, StateGroup>;
  /** Names in the policy. */
  readonly #wanted: ReadonlySet<string>;
  readonly #names: GroupNames;
  readonly #parents = new Map<string, string | null>();
  readonly #named = new Set<string>([ALL_COMPUTERS, UNASSIGNED_COMPUTERS]);

  constructor(stored: readonly StateGroup[], wanted: readonly PolicyGroup[], names: GroupNames) {
    this.#stored = new Map(stored.map((group) => [group.id, group]));
    this.#byName = new Map(stored.map((group) => [group.name.toLowerCase(), group]));
    this.#wanted = new Set(namesIn(wanted));
    this.#names = names;
    for (const { id, parentId } of stored) this.#parents.set(id, parentId);
  }

  visit(groups: readonly PolicyGroup[], parent: string): void {
    for (const group of groups) {
      const key = this.#place(group, parent);
      this.visit(group.groups ?? [], key);
    }
  }

  #place(group: PolicyGroup, parent: string): string {
    const found = this.#find(group);
    if (found === undefined) {
      const key = `+${group.name.toLowerCase()}`;
      this.#names.set(key, group.name);
      this.#add('create', group.name, null, { parent: this.#names.nameOf(parent) });
      return key;
    }
    if (found.id === ALL_COMPUTERS || found.id === UNASSIGNED_COMPUTERS) {
      if (parent !== ALL_COMPUTERS || group.formerly !== undefined)
        throw new OakumError('OAK_GROUP_BUILT_IN', { detail: `"${group.name}".` });
      return found.id;
    }
    this.#named.add(found.id);
    if (found.name !== group.name) {
      this.#names.set(found.id, group.name);
      const same = found.name.toLowerCase() === group.name.toLowerCase();
      const warnings = same ? [] : [`Computers that group policy assigns to "${found.name}" leave it.`];
      this.#add('rename', found.name, { name: found.name }, { name: group.name }, warnings);
    }
    if (found.parentId !== parent) {
      const before = { parent: this.#names.nameOf(found.parentId ?? '') };
      this.#add('move', group.name, before, { parent: this.#names.nameOf(parent) });
      this.#parents.set(found.id, parent);
    }
    return found.id;
  }

  #find({ name, formerly }: PolicyGroup): StateGroup | undefined {
    const found = this.#byName.get(name.toLowerCase());
    if (found !== undefined || formerly === undefined) return found;
    // A group that has taken the name since is another one.
    if (this.#wanted.has(formerly.toLowerCase())) return undefined;
    return this.#byName.get(formerly.toLowerCase());
  }

  #add(
    kind: PolicyChange['kind'],
    name: string,
    before: PolicyChange['before'],
    after: PolicyChange['after'],
    warnings: readonly string[] = [],
  ): void {
    this.changes.push({ kind, noun: 'group', name, before, after, warnings });
  }

  removals(): PolicyChange[] {
    return [...this.#stored.values()]
      .filter((group) => !this.#named.has(group.id))
      .map((group) => ({ group, depth: this.#depth(group.id) }))
      .sort((one, other) => other.depth - one.depth || (one.group.name < other.group.name ? -1 : 1))
      .map(({ group: { id, name, members, approvals } }) => ({
        kind: 'remove',
        noun: 'group',
        name,
        before: { parent: this.#names.nameOf(this.#parents.get(id) ?? '') },
        after: null,
        warnings: [
          ...(members > 0 ? [`${counted(members, 'computer')} in it fall back to other groups.`] : []),
          ...(approvals > 0 ? [`${counted(approvals, 'approval')} for it are lost.`] : []),
        ],
      }));
  }

  #depth(id: string): number {
    let depth = 0;
    for (let at = this.#parents.get(id); typeof at === 'string'; at = this.#parents.get(at)) depth++;
    return depth;
  }
}

function namesIn(groups: readonly PolicyGroup[]): string[] {
  return groups.flatMap((group) => [group.name.toLowerCase(), ...namesIn(group.groups ?? [])]);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
