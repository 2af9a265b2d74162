import { parseAutoApprovalRule } from '../fleet/auto-approval-rule.ts';
import type { NamedRule } from '../fleet/plan-approvals.ts';
import type { DbOrTx, Tx } from './schema.ts';

/** Auto-approval rules in the order in which they decide. */
export async function listRules(db: DbOrTx): Promise<NamedRule[]> {
  const rows = await db.selectFrom('rule').selectAll().orderBy('id').execute();
  return rows
    .map((row) => ({
      id: row.id,
      name: row.name,
      // What was stored by an older version gets the defaults of this one.
      rule: parseAutoApprovalRule(JSON.parse(row.body)),
      sinceMs: row.since_ms,
    }))
    .sort((one, other) => one.rule.priority - other.rule.priority || one.id - other.id);
}

export async function insertRule(tx: Tx, rule: Omit<NamedRule, 'id'>): Promise<number> {
  await forgetRuleCheck(tx);
  const row = await tx
    .insertInto('rule')
    .values({ name: rule.name, body: JSON.stringify(rule.rule), since_ms: rule.sinceMs })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function updateRule(tx: Tx, rule: NamedRule): Promise<void> {
  await forgetRuleCheck(tx);
  await tx
    .updateTable('rule')
    .set({ name: rule.name, body: JSON.stringify(rule.rule), since_ms: rule.sinceMs })
    .where('id', '=', rule.id)
    .execute();
}

export async function deleteRule(tx: Tx, id: number): Promise<void> {
  await forgetRuleCheck(tx);
  await tx.deleteFrom('rule').where('id', '=', id).execute();
}

const CHECK = 'rules_checked';

/** What rules have been run for, so that asking whether they are due costs next to nothing. */
export interface RuleCheck {
  /** Equal as long as nothing was imported. */
  readonly imports: string;
  /** When the next update becomes old enough. */
  readonly nextDueMs: number | null;
}

export async function readRuleCheck(db: DbOrTx): Promise<RuleCheck | undefined> {
  const row = await db.selectFrom('server').select('value').where('key', '=', CHECK).executeTakeFirst();
  return row && (JSON.parse(row.value) as RuleCheck);
}

export async function noteRuleCheck(tx: Tx, check: RuleCheck): Promise<void> {
  const value = JSON.stringify(check);
  await tx
    .insertInto('server')
    .values({ key: CHECK, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/** Lets the next look at rules be a thorough one. */
export async function forgetRuleCheck(tx: Tx): Promise<void> {
  await tx.deleteFrom('server').where('key', '=', CHECK).execute();
}

/** Changes whenever an import was published. */
export async function importsMark(db: DbOrTx): Promise<string> {
  const row = await db
    .selectFrom('import')
    .select(({ fn }) => [fn.count<number>('finished_ms').as('finished'), fn.max('finished_ms').as('last')])
    .executeTakeFirstOrThrow();
  return `${row.finished} ${row.last ?? 0}`;
}
