import type { DbOrTx, Tx } from './schema.ts';
import type { StoredRole } from './schema/identity-tables.ts';

/** Somebody who may sign in. */
export interface Account {
  readonly id: number;
  readonly name: string;
  readonly role: StoredRole;
  readonly passwordHash: string | null;
  readonly totpSecret: string | null;
  readonly totpPending: string | null;
  readonly totpStep: number;
  /** Both or neither. */
  readonly oidcIssuer: string | null;
  readonly oidcSubject: string | null;
  readonly disabled: boolean;
  readonly createdMs: number;
  readonly lastSignInMs: number | null;
}

/** What names are compared by: neither case nor the way a letter is encoded makes another account. */
export function accountNameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Every account, by name. */
export async function listAccounts(db: DbOrTx): Promise<Account[]> {
  const rows = await db.selectFrom('account').selectAll().orderBy('name_key').execute();
  return rows.map(stored);
}

export async function countAccounts(db: DbOrTx): Promise<number> {
  const counted = db.selectFrom('account').select((eb) => eb.fn.countAll<number>().as('count'));
  return (await counted.executeTakeFirstOrThrow()).count;
}

export async function accountById(db: DbOrTx, id: number): Promise<Account | undefined> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
  return row && stored(row);
}

export async function accountByName(db: DbOrTx, name: string): Promise<Account | undefined> {
  const key = accountNameKey(name);
  const row = await db.selectFrom('account').selectAll().where('name_key', '=', key).executeTakeFirst();
  return row && stored(row);
}

export async function accountBySubject(
  db: DbOrTx,
  issuer: string,
  subject: string,
): Promise<Account | undefined> {
  const row = await db
    .selectFrom('account')
    .selectAll()
    .where('oidc_issuer', '=', issuer)
    .where('oidc_subject', '=', subject)
    .executeTakeFirst();
  return row && stored(row);
}

export type NewAccount = Pick<Account, 'name' | 'role' | 'createdMs'> &
  Partial<Pick<Account, 'passwordHash' | 'oidcIssuer' | 'oidcSubject'>>;

export async function insertAccount(tx: Tx, account: NewAccount): Promise<Account> {
  const row = await tx
    .insertInto('account')
    .values({
      name: account.name,
      name_key: accountNameKey(account.name),
      role: account.role,
      password_hash: account.passwordHash ?? null,
      totp_secret: null,
      totp_pending: null,
      oidc_issuer: account.oidcIssuer ?? null,
      oidc_subject: account.oidcSubject ?? null,
      created_ms: account.createdMs,
      last_sign_in_ms: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return stored(row);
}

export type AccountChange = Partial<
  Pick<
    Account,
    'name' | 'role' | 'passwordHash' | 'totpSecret' | 'totpPending' | 'totpStep' | 'disabled' | 'lastSignInMs'
  >
>;

/** Changes what is given, and leaves the rest. */
export async function updateAccount(tx: Tx, id: number, change: AccountChange): Promise<void> {
  const { name, role, passwordHash, totpSecret, totpPending, totpStep, disabled, lastSignInMs } = change;
  await tx
    .updateTable('account')
    .set({
      ...(name === undefined ? {} : { name, name_key: accountNameKey(name) }),
      ...(role === undefined ? {} : { role }),
      ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
      ...(totpSecret === undefined ? {} : { totp_secret: totpSecret }),
      ...(totpPending === undefined ? {} : { totp_pending: totpPending }),
      ...(totpStep === undefined ? {} : { totp_step: totpStep }),
      ...(disabled === undefined ? {} : { disabled: Number(disabled) }),
      ...(lastSignInMs === undefined ? {} : { last_sign_in_ms: lastSignInMs }),
    })
    .where('id', '=', id)
    .execute();
}

/** Deletes an account with its sessions, links and tokens. */
export async function deleteAccount(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom('account').where('id', '=', id).execute();
}

/** How many administrators could sign in if this account could not. */
export async function countOtherAdministrators(tx: Tx, id: number): Promise<number> {
  const row = await tx
    .selectFrom('account')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('role', '=', 'administrator')
    .where('disabled', '=', 0)
    .where('id', '!=', id)
    .executeTakeFirstOrThrow();
  return row.count;
}

/**
 * Uses up the code of a time step and of all steps before it.
 *
 * @returns whether it was still good
 */
export async function takeTotpStep(tx: Tx, id: number, step: number): Promise<boolean> {
  const result = await tx
    .updateTable('account')
    .set({ totp_step: step })
    .where('id', '=', id)
    .where('totp_step', '<', step)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

interface AccountRow {
  readonly id: number;
  readonly name: string;
  readonly role: StoredRole;
  readonly password_hash: string | null;
  readonly totp_secret: string | null;
  readonly totp_pending: string | null;
  readonly totp_step: number;
  readonly oidc_issuer: string | null;
  readonly oidc_subject: string | null;
  readonly disabled: number;
  readonly created_ms: number;
  readonly last_sign_in_ms: number | null;
}

function stored(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    totpPending: row.totp_pending,
    totpStep: row.totp_step,
    oidcIssuer: row.oidc_issuer,
    oidcSubject: row.oidc_subject,
    disabled: row.disabled !== 0,
    createdMs: row.created_ms,
    lastSignInMs: row.last_sign_in_ms,
  };
}
