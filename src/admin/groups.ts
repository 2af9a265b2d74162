import { randomUUID } from 'node:crypto';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { parseGuid, type Guid } from '../soap/simple-type.ts';
import { countMembers, deleteGroup, insertGroup, listGroups } from '../store/groups.ts';
import type { Db, DbOrTx } from '../store/schema.ts';
import type { Caller } from './caller.ts';

export interface GroupView extends GroupRow {
  /** Computers assigned to it directly. */
  readonly members: number;
}

// Names travel in `targetGroupName`, separated by semicolons.
const NAME = /^[^;\p{Cc}]{1,256}$/u;

export async function viewGroups(db: DbOrTx): Promise<GroupView[]> {
  const members = await countMembers(db);
  return (await listGroups(db)).map((group) => ({ ...group, members: members.get(group.id) ?? 0 }));
}

/**
 * The group a person means, by name or id.
 *
 * @throws OakumError OAK_GROUP_UNKNOWN with the nearest name
 */
export async function findGroup(db: DbOrTx, name: string): Promise<GroupRow> {
  const groups = await listGroups(db);
  const id = parseGuid(name);
  const found = groups.find(
    (group) => group.id === id || group.name.toLowerCase() === name.trim().toLowerCase(),
  );
  if (found !== undefined) return found;
  const nearest = nearestName(
    name,
    groups.map((group) => group.name),
  );
  throw new OakumError('OAK_GROUP_UNKNOWN', {
    detail: `"${name}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

/** Creates a group below another one, All Computers unless said otherwise. */
export async function createGroup(db: Db, _caller: Caller, name: string, parent?: string): Promise<GroupRow> {
  const trimmed = name.trim();
  if (!NAME.test(trimmed)) throw new OakumError('OAK_GROUP_NAME', { detail: `"${name}".` });
  return db.transaction().execute(async (tx) => {
    const taken = (await listGroups(tx)).some((group) => group.name.toLowerCase() === trimmed.toLowerCase());
    if (taken) throw new OakumError('OAK_GROUP_EXISTS', { detail: `"${trimmed}".` });
    const parentId = parent === undefined ? ALL_COMPUTERS : (await findGroup(tx, parent)).id;
    const group: GroupRow = { id: randomUUID() as Guid, name: trimmed, parentId };
    await insertGroup(tx, group);
    return group;
  });
}

/** Deletes a group and those below it, with their approvals; computers in it fall back to their other groups. */
export async function removeGroup(db: Db, _caller: Caller, name: string): Promise<GroupRow> {
  return db.transaction().execute(async (tx) => {
    const group = await findGroup(tx, name);
    if (group.id === ALL_COMPUTERS || group.id === UNASSIGNED_COMPUTERS) {
      throw new OakumError('OAK_GROUP_BUILT_IN', { detail: `"${group.name}".` });
    }
    const all = await listGroups(tx);
    const below = (id: Guid): Guid[] =>
      all.flatMap((one) => (one.parentId === id ? [...below(one.id), one.id] : []));
    for (const id of [...below(group.id), group.id]) await deleteGroup(tx, id);
    return group;
  });
}
