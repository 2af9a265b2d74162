import { sql } from 'kysely';
import type { Tx } from './schema.ts';

/** Failures of one name or address, as every process sees them. */
export interface SignInAttempts {
  readonly failures: number;
  readonly lastMs: number;
  readonly blockedUntilMs: number;
}

export async function readAttempts(tx: Tx, key: Uint8Array): Promise<SignInAttempts | undefined> {
  const row = await tx.selectFrom('sign_in_attempt').selectAll().where('key', '=', key).executeTakeFirst();
  return row && { failures: row.failures, lastMs: row.last_ms, blockedUntilMs: row.blocked_until_ms };
}

export async function putAttempts(tx: Tx, key: Uint8Array, attempts: SignInAttempts): Promise<void> {
  const row = {
    failures: attempts.failures,
    last_ms: attempts.lastMs,
    blocked_until_ms: attempts.blockedUntilMs,
  };
  await tx
    .insertInto('sign_in_attempt')
    .values({ key, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}

export async function deleteAttempts(tx: Tx, key: Uint8Array): Promise<void> {
  await tx.deleteFrom('sign_in_attempt').where('key', '=', key).execute();
}

/**
 * Forgets what is old, and the least of what is more than the table may hold: names that were tried once go
 * before one that is under attack, so that trying many names clears nobody's count.
 */
export async function trimAttempts(tx: Tx, sinceMs: number, most: number): Promise<void> {
  await tx.deleteFrom('sign_in_attempt').where('last_ms', '<', sinceMs).execute();
  await sql`
    DELETE FROM sign_in_attempt WHERE key IN (
      SELECT key FROM sign_in_attempt ORDER BY failures DESC, last_ms DESC LIMIT -1 OFFSET ${most})`.execute(
    tx,
  );
}
