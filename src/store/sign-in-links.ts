import type { DbOrTx, Tx } from './schema.ts';

export interface StoredLink {
  /** Null for the link that makes the first administrator. */
  readonly accountId: number | null;
  readonly expiresMs: number;
  readonly usedMs: number | null;
}

/** Stores a link; those for the same account, or for the first administrator, that nobody used are void. */
export async function putLink(
  tx: Tx,
  link: {
    readonly hash: Uint8Array;
    readonly accountId: number | null;
    readonly createdMs: number;
    readonly expiresMs: number;
  },
): Promise<void> {
  const { hash, accountId, createdMs, expiresMs } = link;
  await deleteUnusedLinks(tx, accountId);
  await tx
    .insertInto('sign_in_link')
    .values({
      hash,
      account_id: accountId,
      created_ms: createdMs,
      expires_ms: expiresMs,
      used_ms: null,
    })
    .execute();
}

export async function deleteUnusedLinks(tx: Tx, accountId: number | null): Promise<void> {
  await tx
    .deleteFrom('sign_in_link')
    .where('account_id', 'is', accountId)
    .where('used_ms', 'is', null)
    .execute();
}

export async function linkByHash(db: DbOrTx, hash: Uint8Array): Promise<StoredLink | undefined> {
  const row = await db.selectFrom('sign_in_link').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row && { accountId: row.account_id, expiresMs: row.expires_ms, usedMs: row.used_ms };
}

/**
 * Uses a link up.
 *
 * @returns whether nobody was faster
 */
export async function takeLink(tx: Tx, hash: Uint8Array, nowMs: number): Promise<boolean> {
  const result = await tx
    .updateTable('sign_in_link')
    .set({ used_ms: nowMs })
    .where('hash', '=', hash)
    .where('used_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Forgets links that expired before a time. */
export async function deleteOldLinks(tx: Tx, expiredBeforeMs: number): Promise<void> {
  await tx.deleteFrom('sign_in_link').where('expires_ms', '<', expiredBeforeMs).execute();
}
