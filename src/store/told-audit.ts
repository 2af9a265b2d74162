import { sql } from 'kysely';
import type { DbOrTx, Tx } from './schema.ts';

const KEY = 'notifications.audit';

/** Up to which entry of the audit log subscriptions were told. */
export async function readToldAudit(db: DbOrTx): Promise<number> {
  const row = await db.selectFrom('server').select('value').where('key', '=', KEY).executeTakeFirst();
  return Number(row?.value ?? 0);
}

export async function noteToldAudit(tx: Tx, number: number): Promise<void> {
  const value = String(number);
  await tx
    .insertInto('server')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/** Takes all entries for told: for the first subscription, which is told of what comes. */
export async function skipAudit(tx: Tx): Promise<void> {
  await noteToldAudit(tx, await lastAudit(tx));
}

/** Whether there are entries of which nobody was told, and somebody who might be. */
export async function isAuditUntold(db: DbOrTx): Promise<boolean> {
  const { rows } = await sql<{ any: number }>`
    SELECT EXISTS (SELECT 1 FROM subscription WHERE enabled = 1) AS any`.execute(db);
  return rows[0].any === 1 && (await lastAudit(db)) > (await readToldAudit(db));
}

async function lastAudit(db: DbOrTx): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`SELECT max(number) AS last FROM audit`.execute(db);
  return rows[0].last ?? 0;
}
