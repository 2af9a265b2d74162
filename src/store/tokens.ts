import type { DbOrTx, Tx } from './schema.ts';
import type { StoredRole } from './schema/identity-tables.ts';

/** A token as it is listed: without anything that could be used in its place. */
export interface StoredToken {
  readonly id: number;
  readonly name: string;
  readonly role: StoredRole;
  /** Null for all. */
  readonly scopes: readonly string[] | null;
  readonly accountId: number | null;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly expiresMs: number | null;
  readonly lastUsedMs: number | null;
  readonly revokedMs: number | null;
}

const COLUMNS = [
  'token.id',
  'token.name',
  'token.role',
  'token.scopes',
  'token.account_id',
  'token.created_ms',
  'token.created_by',
  'token.expires_ms',
  'token.last_used_ms',
  'token.revoked_ms',
] as const;

/** Every token, oldest first, also those that were revoked or have expired. */
export async function listTokens(db: DbOrTx): Promise<StoredToken[]> {
  const rows = await db.selectFrom('token').select(COLUMNS).orderBy('id').execute();
  return rows.map(stored);
}

/** A token and the account it belongs to, if it belongs to one. */
export interface OwnedToken {
  readonly token: StoredToken;
  readonly owner: { readonly role: StoredRole; readonly disabled: boolean } | undefined;
}

export async function tokenByHash(db: DbOrTx, hash: Uint8Array): Promise<OwnedToken | undefined> {
  const row = await db
    .selectFrom('token')
    .leftJoin('account', 'account.id', 'token.account_id')
    .select([...COLUMNS, 'account.role as owner_role', 'account.disabled as owner_disabled'])
    .where('token.hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const owner =
    row.owner_role === null ? undefined : { role: row.owner_role, disabled: row.owner_disabled !== 0 };
  return { token: stored(row), owner };
}

export async function insertToken(
  tx: Tx,
  token: Omit<StoredToken, 'id' | 'lastUsedMs' | 'revokedMs'> & { readonly hash: Uint8Array },
): Promise<StoredToken> {
  const row = await tx
    .insertInto('token')
    .values({
      name: token.name,
      role: token.role,
      scopes: token.scopes === null ? null : JSON.stringify(token.scopes),
      hash: token.hash,
      account_id: token.accountId,
      created_ms: token.createdMs,
      created_by: token.createdBy,
      expires_ms: token.expiresMs,
      last_used_ms: null,
      revoked_ms: null,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return stored(row);
}

export async function noteTokenUse(db: DbOrTx, id: number, nowMs: number): Promise<void> {
  await db.updateTable('token').set({ last_used_ms: nowMs }).where('id', '=', id).execute();
}

export async function revokeStoredToken(tx: Tx, id: number, nowMs: number): Promise<void> {
  await tx.updateTable('token').set({ revoked_ms: nowMs }).where('id', '=', id).execute();
}

interface TokenRow {
  readonly id: number;
  readonly name: string;
  readonly role: StoredRole;
  readonly scopes: string | null;
  readonly account_id: number | null;
  readonly created_ms: number;
  readonly created_by: string;
  readonly expires_ms: number | null;
  readonly last_used_ms: number | null;
  readonly revoked_ms: number | null;
}

function stored(row: TokenRow): StoredToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as string[]),
    accountId: row.account_id,
    createdMs: row.created_ms,
    createdBy: row.created_by,
    expiresMs: row.expires_ms,
    lastUsedMs: row.last_used_ms,
    revokedMs: row.revoked_ms,
  };
}
