import {
  groupRuleFits,
  parseGroupRule,
  type AssignableComputer,
  type GroupRule,
} from '../fleet/group-rule.ts';
import type { Guid } from '../soap/simple-type.ts';
import { systemOf } from './computer-list.ts';
import type { DbOrTx, Tx } from './schema.ts';
import type { ComputerTable } from './schema/fleet-tables.ts';

/** A rule that assigns computers to a group. */
export interface StoredGroupRule {
  readonly id: number;
  readonly name: string;
  readonly groupId: Guid;
  readonly rule: GroupRule;
}

export async function listGroupRules(db: DbOrTx): Promise<StoredGroupRule[]> {
  const rows = await db.selectFrom('group_rule').selectAll().orderBy('name').execute();
  return rows.map(groupRuleOf);
}

export interface GroupRuleRow {
  readonly id: number;
  readonly name: string;
  readonly group_id: string;
  readonly body: string;
}

export function groupRuleOf(row: GroupRuleRow): StoredGroupRule {
  const rule = parseGroupRule(JSON.parse(row.body));
  return { id: row.id, name: row.name, groupId: row.group_id as Guid, rule };
}

export async function insertGroupRule(tx: Tx, rule: Omit<StoredGroupRule, 'id'>): Promise<number> {
  const row = await tx
    .insertInto('group_rule')
    .values({ name: rule.name, group_id: rule.groupId, body: JSON.stringify(rule.rule) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function updateGroupRule(tx: Tx, rule: StoredGroupRule): Promise<void> {
  await tx
    .updateTable('group_rule')
    .set({ name: rule.name, group_id: rule.groupId, body: JSON.stringify(rule.rule) })
    .where('id', '=', rule.id)
    .execute();
}

export async function deleteGroupRule(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('group_rule').where('id', '=', id).execute();
}

/** The rules that fit a computer; it belongs to the groups of all of them. */
export function fittingRules(
  rules: readonly StoredGroupRule[],
  computer: AssignableComputer,
): StoredGroupRule[] {
  return rules.filter((one) => groupRuleFits(one.rule, computer));
}

/** What `computer.assigned_by` says of a computer that rules have placed. */
export function assignedByRules(rules: readonly StoredGroupRule[]): string {
  return `rule:${rules
    .map((one) => one.id)
    .sort((one, other) => one - other)
    .join(',')}`;
}

/** What assignment rules look at, out of a computer's row. */
export function assignableComputer(row: ComputerTable): AssignableComputer {
  const system = systemOf(row);
  return {
    name: row.dns_name,
    operatingSystem: system.name,
    version: system.number,
    address: row.address,
    manufacturer: row.manufacturer ?? '',
    model: row.model ?? '',
  };
}
