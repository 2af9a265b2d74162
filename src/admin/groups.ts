import { randomUUID } from 'node:crypto';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { groupTree } from '../fleet/group-line.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { parseGuid, type Guid } from '../soap/simple-type.ts';
import { appendAudit } from '../store/audit.ts';
import { listGroupRules } from '../store/group-rules.ts';
import { countMembers, deleteGroup, insertGroup, listGroups, updateGroup } from '../store/groups.ts';
import { listRings } from '../store/rings.ts';
import { forgetRuleCheck, listRules } from '../store/rules.ts';
import type { Db, DbOrTx, Tx } from '../store/schema.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';

export interface GroupView extends GroupRow {
  /** Computers that are in it directly, and in Unassigned Computers those that are in no other. */
  readonly members: number;
  /** Names from All Computers down to the group itself. */
  readonly path: readonly string[];
}

// Names travel in `targetGroupName`, separated by semicolons.
const NAME = /^[^;\p{Cc}]{1,256}$/u;

/** Every group, each one behind its parent. */
export async function viewGroups(
  db: DbOrTx,
  filter: { readonly text?: string; readonly limit?: number } = {},
): Promise<GroupView[]> {
  const members = await countMembers(db);
  const groups = await listGroups(db);
  const children = Map.groupBy(groups, (group) => group.parentId);
  const below = (parentId: Guid | null, path: readonly string[]): GroupView[] =>
    (children.get(parentId) ?? []).flatMap((group) => {
      const own = [...path, group.name];
      return [{ ...group, members: members.get(group.id) ?? 0, path: own }, ...below(group.id, own)];
    });
  const text = filter.text?.trim().toLowerCase() ?? '';
  return below(null, [])
    .filter((group) => group.id === text || group.name.toLowerCase().includes(text))
    .slice(0, filter.limit);
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

export interface GroupRequest {
  readonly name: string;
  /** All Computers unless given. */
  readonly parent?: string;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Creates a group below another one.
 *
 * @throws OakumError OAK_GROUP_NAME, OAK_GROUP_EXISTS, OAK_GROUP_UNKNOWN for the parent
 */
export async function createGroup(db: Db, caller: Caller, request: GroupRequest): Promise<GroupRow> {
  const name = groupName(request.name);
  return inTransaction(db, request.dryRun, async (tx) => {
    await requireFree(tx, name);
    const parentId = request.parent === undefined ? ALL_COMPUTERS : (await findGroup(tx, request.parent)).id;
    const group: GroupRow = { id: randomUUID() as Guid, name, parentId };
    await insertGroup(tx, group);
    await audit(tx, caller, request.nowMs, 'group.create', undefined, group);
    return group;
  });
}

/** Gives a group another name. Client-side targeting goes by names, so computers may enter or leave it. */
export async function renameGroup(
  db: Db,
  caller: Caller,
  request: {
    readonly group: string;
    readonly name: string;
    readonly dryRun?: boolean;
    readonly nowMs: number;
  },
): Promise<GroupRow> {
  const name = groupName(request.name);
  return inTransaction(db, request.dryRun, async (tx) => {
    const group = await findOwnGroup(tx, request.group);
    if (name.toLowerCase() !== group.name.toLowerCase()) await requireFree(tx, name);
    await updateGroup(tx, group.id, { name });
    const renamed = { ...group, name };
    await audit(tx, caller, request.nowMs, 'group.rename', group, renamed);
    return renamed;
  });
}

/**
 * Puts a group with everything below it under another parent: its computers inherit from there.
 *
 * @throws OakumError OAK_GROUP_CYCLE when the parent is the group itself or below it
 */
export async function moveGroup(
  db: Db,
  caller: Caller,
  request: {
    readonly group: string;
    readonly parent: string;
    readonly dryRun?: boolean;
    readonly nowMs: number;
  },
): Promise<GroupRow> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const group = await findOwnGroup(tx, request.group);
    const parent = await findGroup(tx, request.parent);
    if (groupTree(await listGroups(tx), group.id).includes(parent.id)) {
      throw new OakumError('OAK_GROUP_CYCLE', { detail: `"${group.name}" under "${parent.name}".` });
    }
    await updateGroup(tx, group.id, { parentId: parent.id });
    // What rules must leave alone depends on what a group inherits from.
    await forgetRuleCheck(tx);
    const moved = { ...group, parentId: parent.id };
    await audit(tx, caller, request.nowMs, 'group.move', group, moved);
    return moved;
  });
}

export interface GroupRemoval {
  readonly group: string;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Deletes a group and those below it, with their approvals; computers in it fall back to their other groups.
 *
 * @returns everything that was deleted, the lowest first
 * @throws OakumError OAK_GROUP_BUILT_IN, OAK_GROUP_IN_USE with the rules and rings that name one of them
 */
export async function removeGroup(db: Db, caller: Caller, request: GroupRemoval): Promise<GroupRow[]> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const group = await findOwnGroup(tx, request.group);
    const groups = await listGroups(tx);
    const ids = groupTree(groups, group.id);
    await requireUnused(tx, ids);
    const removed = ids.toReversed().map((id) => groups.find((one) => one.id === id) ?? group);
    for (const one of removed) {
      await deleteGroup(tx, one.id);
      await audit(tx, caller, request.nowMs, 'group.delete', one);
    }
    return removed;
  });
}

async function audit(
  tx: Tx,
  caller: Caller,
  timeMs: number,
  action: string,
  before?: GroupRow,
  after?: GroupRow,
): Promise<void> {
  const subject = (after ?? before)?.id ?? '';
  await appendAudit(tx, { timeMs, caller: caller.name, action, subject, before, after });
}

/** A name that a group may have. @throws OakumError OAK_GROUP_NAME */
export function groupName(name: string): string {
  const trimmed = name.trim();
  if (!NAME.test(trimmed)) throw new OakumError('OAK_GROUP_NAME', { detail: `"${name}".` });
  return trimmed;
}

async function requireFree(tx: Tx, name: string): Promise<void> {
  const taken = (await listGroups(tx)).some((group) => group.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new OakumError('OAK_GROUP_EXISTS', { detail: `"${name}".` });
}

/** @throws OakumError OAK_GROUP_BUILT_IN for the groups every server has */
async function findOwnGroup(tx: Tx, name: string): Promise<GroupRow> {
  const group = await findGroup(tx, name);
  if (group.id === ALL_COMPUTERS || group.id === UNASSIGNED_COMPUTERS) {
    throw new OakumError('OAK_GROUP_BUILT_IN', { detail: `"${group.name}".` });
  }
  return group;
}

async function requireUnused(tx: Tx, ids: readonly Guid[]): Promise<void> {
  const named = (id: string): boolean => ids.includes(id as Guid);
  const users = [
    ...(await listRules(tx))
      .filter((one) => one.rule.groups.some(named))
      .map((one) => `the rule "${one.name}"`),
    ...(await listGroupRules(tx))
      .filter((one) => named(one.groupId))
      .map((one) => `the assignment rule "${one.name}"`),
    ...(await listRings(tx))
      .filter((one) => one.ring.steps.some((step) => named(step.group)))
      .map((one) => `the ring "${one.name}"`),
  ];
  if (users.length > 0) throw new OakumError('OAK_GROUP_IN_USE', { detail: `It is ${users.join(', ')}.` });
}
