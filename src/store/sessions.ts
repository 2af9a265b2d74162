import type { DbOrTx, Tx } from './schema.ts';
import type { StoredRole } from './schema/identity-tables.ts';

/** A session with what is asked of its account on every request. */
export interface StoredSession {
  readonly accountId: number;
  readonly name: string;
  readonly role: StoredRole;
  readonly disabled: boolean;
  readonly lastSeenMs: number;
  readonly expiresMs: number;
}

export async function sessionByHash(db: DbOrTx, hash: Uint8Array): Promise<StoredSession | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('account', 'account.id', 'session.account_id')
    .select(['account.id', 'account.name', 'account.role', 'account.disabled'])
    .select(['session.last_seen_ms', 'session.expires_ms'])
    .where('session.hash', '=', hash)
    .executeTakeFirst();
  return (
    row && {
      accountId: row.id,
      name: row.name,
      role: row.role,
      disabled: row.disabled !== 0,
      lastSeenMs: row.last_seen_ms,
      expiresMs: row.expires_ms,
    }
  );
}

/** Stores a session, and ends the oldest of the account beyond the most it may have. */
export async function insertSession(
  tx: Tx,
  session: {
    readonly hash: Uint8Array;
    readonly accountId: number;
    readonly address: string;
    readonly createdMs: number;
    readonly expiresMs: number;
  },
  most: number,
): Promise<void> {
  const { hash, accountId, address, createdMs, expiresMs } = session;
  await tx
    .insertInto('session')
    .values({
      hash,
      account_id: accountId,
      address,
      created_ms: createdMs,
      last_seen_ms: createdMs,
      expires_ms: expiresMs,
    })
    .execute();
  const others = tx
    .selectFrom('session')
    .select('hash')
    .where('account_id', '=', accountId)
    .where('hash', '!=', hash)
    .orderBy('created_ms', 'desc')
    .limit(-1)
    .offset(most - 1);
  await tx.deleteFrom('session').where('hash', 'in', others).execute();
}

export async function noteSessionUse(db: DbOrTx, hash: Uint8Array, nowMs: number): Promise<void> {
  await db.updateTable('session').set({ last_seen_ms: nowMs }).where('hash', '=', hash).execute();
}

/** @returns whose session it was, or undefined when there was none */
export async function deleteSession(tx: Tx, hash: Uint8Array): Promise<number | undefined> {
  const row = await tx
    .deleteFrom('session')
    .where('hash', '=', hash)
    .returning('account_id')
    .executeTakeFirst();
  return row?.account_id;
}

/** Ends every session of an account. */
export async function deleteSessionsOf(tx: Tx, accountId: number): Promise<void> {
  await tx.deleteFrom('session').where('account_id', '=', accountId).execute();
}

/** Forgets sessions that have ended by themselves. */
export async function deleteEndedSessions(tx: Tx, nowMs: number, seenSinceMs: number): Promise<void> {
  await tx
    .deleteFrom('session')
    .where((eb) => eb.or([eb('expires_ms', '<=', nowMs), eb('last_seen_ms', '<=', seenSinceMs)]))
    .execute();
}
