import type { GroupRow } from '../catalog/catalog-rows.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseGroupRule, type GroupRule } from '../fleet/group-rule.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import type { Guid } from '../soap/simple-type.ts';
import { appendAudit } from '../store/audit.ts';
import { listComputers } from '../store/computer-list.ts';
import { assignComputer } from '../store/computers.ts';
import {
  assignableComputer,
  assignedByRules,
  deleteGroupRule,
  fittingRules,
  insertGroupRule,
  listGroupRules,
  updateGroupRule,
  type StoredGroupRule,
} from '../store/group-rules.ts';
import { listGroups } from '../store/groups.ts';
import type { Db, DbOrTx, Tx } from '../store/schema.ts';
import type { Caller } from './caller.ts';
import { findComputer } from './computers.ts';
import { inTransaction } from './dry-run.ts';
import { findGroup } from './groups.ts';
import { byName, ruleName } from './rule-name.ts';

/** An assignment rule as administrators see it. */
export interface GroupRuleView extends GroupRule {
  readonly name: string;
  readonly group: string;
  readonly groupId: Guid;
}

export async function viewGroupRules(db: DbOrTx): Promise<GroupRuleView[]> {
  const names = new Map((await listGroups(db)).map((group) => [group.id, group.name]));
  return (await listGroupRules(db)).map((one) => view(one, names));
}

/** @throws OakumError OAK_RULE_UNKNOWN with the nearest name */
export async function showGroupRule(db: DbOrTx, name: string): Promise<GroupRuleView> {
  return byName(await viewGroupRules(db), name, 'OAK_RULE_UNKNOWN');
}

function view(one: StoredGroupRule, names: ReadonlyMap<Guid, string>): GroupRuleView {
  return { name: one.name, group: names.get(one.groupId) ?? one.groupId, groupId: one.groupId, ...one.rule };
}

export interface GroupRuleRequest {
  readonly name: string;
  readonly group: string;
  /** As GROUP_RULE declares it. */
  readonly rule: unknown;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Adds a rule. It assigns computers from their next registration on; see {@link applyGroupRules} for those that
 * are there.
 *
 * @throws OakumError OAK_RULE_INVALID, OAK_RULE_EXISTS, OAK_GROUP_UNKNOWN
 */
export async function addGroupRule(
  db: Db,
  caller: Caller,
  request: GroupRuleRequest,
): Promise<GroupRuleView> {
  const name = ruleName(request.name);
  const rule = parseGroupRule(request.rule);
  return inTransaction(db, request.dryRun, async (tx) => {
    const rules = await listGroupRules(tx);
    if (rules.some((one) => one.name.toLowerCase() === name.toLowerCase()))
      throw new OakumError('OAK_RULE_EXISTS', { detail: `"${name}".` });
    const group = await assignableGroup(tx, request.group);
    const id = await insertGroupRule(tx, { name, groupId: group.id, rule });
    const added = view({ id, name, groupId: group.id, rule }, new Map([[group.id, group.name]]));
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'group-rule.add',
      subject: name,
      after: added,
    });
    return added;
  });
}

/**
 * Puts a rule in place of the one of its name. Computers are assigned by it as by one that was added.
 *
 * @throws OakumError OAK_RULE_INVALID, OAK_RULE_UNKNOWN, OAK_GROUP_UNKNOWN
 */
export async function changeGroupRule(
  db: Db,
  caller: Caller,
  request: GroupRuleRequest,
): Promise<GroupRuleView> {
  const rule = parseGroupRule(request.rule);
  return inTransaction(db, request.dryRun, async (tx) => {
    const stored = byName(await listGroupRules(tx), request.name, 'OAK_RULE_UNKNOWN');
    const group = await assignableGroup(tx, request.group);
    const changed = { ...stored, groupId: group.id, rule };
    await updateGroupRule(tx, changed);
    const names = new Map((await listGroups(tx)).map((one) => [one.id, one.name]));
    const after = view(changed, names);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'group-rule.change',
      subject: stored.name,
      before: view(stored, names),
      after,
    });
    return after;
  });
}

async function assignableGroup(tx: Tx, name: string): Promise<GroupRow> {
  const group = await findGroup(tx, name);
  if (group.id === UNASSIGNED_COMPUTERS)
    throw new OakumError('OAK_RULE_INVALID', { detail: `Nobody is assigned to "${group.name}".` });
  return group;
}

/** Removes a rule. Computers it assigned stay where they are. */
export async function removeGroupRule(
  db: Db,
  caller: Caller,
  request: { readonly name: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<GroupRuleView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const stored = byName(await listGroupRules(tx), request.name, 'OAK_RULE_UNKNOWN');
    const names = new Map((await listGroups(tx)).map((group) => [group.id, group.name]));
    const found = view(stored, names);
    await deleteGroupRule(tx, stored.id);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'group-rule.remove',
      subject: found.name,
      before: found,
    });
    return found;
  });
}

/** A computer that rules put into other groups than it is in. */
export interface GroupRuleMove {
  readonly clientId: string;
  readonly computer: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly rules: readonly string[];
}

/** Which computers {@link applyGroupRules} would move, were it done now. */
export async function previewGroupRules(db: DbOrTx): Promise<GroupRuleMove[]> {
  return (await plannedMoves(db)).map(({ move }) => move);
}

/**
 * Assigns all computers by the rules that there are. Whoever was moved by hand stays, also in no group at all, and
 * so does whoever no rule fits. Where group policy assigns computers, what is stored here counts for nothing.
 *
 * @returns the computers that moved; a dry run only tells which would
 */
export async function applyGroupRules(
  db: Db,
  caller: Caller,
  request: { readonly dryRun?: boolean; readonly nowMs: number },
): Promise<GroupRuleMove[]> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const planned = await plannedMoves(tx);
    for (const { move, before, groupIds, fitting } of planned) {
      await assignComputer(tx, move.clientId, groupIds, assignedByRules(fitting));
      await appendAudit(tx, {
        timeMs: request.nowMs,
        caller: caller.name,
        action: 'computer.assign',
        subject: move.clientId,
        before: { groupIds: before },
        after: { groupIds, rules: move.rules },
      });
    }
    return planned.map(({ move }) => move);
  });
}

interface PlannedMove {
  readonly move: GroupRuleMove;
  readonly before: readonly Guid[];
  readonly groupIds: readonly Guid[];
  readonly fitting: readonly StoredGroupRule[];
}

async function plannedMoves(db: DbOrTx): Promise<PlannedMove[]> {
  const rules = await listGroupRules(db);
  if (rules.length === 0) return [];
  const names = new Map((await listGroups(db)).map((group) => [group.id, group.name]));
  const named = (ids: readonly Guid[]): string[] => ids.map((id) => names.get(id) ?? id).sort();
  const planned: PlannedMove[] = [];
  for (const computer of await listComputers(db, {})) {
    if (computer.assigned_by === 'manual') continue;
    const fitting = fittingRules(rules, assignableComputer(computer));
    const groupIds = [...new Set(fitting.map((one) => one.groupId))];
    const before = computer.groupIds;
    const same = groupIds.length === before.length && groupIds.every((id) => before.includes(id));
    if (groupIds.length === 0 || same) continue;
    const move = {
      clientId: computer.client_id,
      computer: computer.dns_name,
      from: named(before.length > 0 ? before : [UNASSIGNED_COMPUTERS]),
      to: named(groupIds),
      rules: fitting.map((one) => one.name),
    };
    planned.push({ move, before, groupIds, fitting });
  }
  return planned;
}

/**
 * Gives a computer that was moved by hand back to the rules: it leaves its groups, and the next registration or
 * {@link applyGroupRules} assigns it.
 */
export async function releaseComputer(
  db: Db,
  caller: Caller,
  request: { readonly computer: string; readonly dryRun?: boolean; readonly nowMs: number },
): Promise<{ readonly clientId: string; readonly computer: string }> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const found = await findComputer(tx, request.computer);
    await assignComputer(tx, found.client_id, [], null);
    await appendAudit(tx, {
      timeMs: request.nowMs,
      caller: caller.name,
      action: 'computer.release',
      subject: found.client_id,
      before: { groupIds: found.groupIds },
      after: { groupIds: [] },
    });
    return { clientId: found.client_id, computer: found.dns_name };
  });
}
