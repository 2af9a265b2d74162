import { nearestName } from '../../errors/nearest-name.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import {
  accountByName,
  countOtherAdministrators,
  deleteAccount,
  insertAccount,
  listAccounts,
  updateAccount,
  type Account,
  type AccountChange,
} from '../../store/accounts.ts';
import { appendAudit } from '../../store/audit.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { deleteUnusedLinks } from '../../store/sign-in-links.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { checkedAccountName, requireFitPassword } from './account-rules.ts';
import { PASSWORDS, type PasswordHasher } from './password-hasher.ts';
import type { Role } from './roles.ts';
import { forgiveName } from './throttle.ts';

/** An account as it may be shown. */
export interface AccountView {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** `link`: with a link only, until a password is set. */
  readonly signsInBy: 'password' | 'oidc' | 'link';
  /** Whether a code is asked for as well. */
  readonly totp: boolean;
  readonly disabled: boolean;
  readonly createdMs: number;
  readonly lastSignInMs: number | null;
}

export function accountView(account: Account): AccountView {
  const { id, name, role, disabled, createdMs, lastSignInMs } = account;
  const signsInBy =
    account.oidcIssuer === null ? (account.passwordHash === null ? 'link' : 'password') : 'oidc';
  return { id, name, role, signsInBy, totp: account.totpSecret !== null, disabled, createdMs, lastSignInMs };
}

/** Every account, by name. */
export async function viewAccounts(db: DbOrTx): Promise<AccountView[]> {
  return (await listAccounts(db)).map(accountView);
}

/** @throws OakumError OAK_ACCOUNT_UNKNOWN with the nearest name */
export async function findAccount(db: DbOrTx, name: string): Promise<Account> {
  const found = await accountByName(db, name.trim());
  if (found !== undefined) return found;
  const names = (await listAccounts(db)).map((one) => one.name);
  const nearest = nearestName(name, names);
  throw new OakumError('OAK_ACCOUNT_UNKNOWN', {
    detail: `"${name.slice(0, 64)}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

export interface AccountRequest {
  readonly name: string;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/** A password that is fit for an account, as it is stored. */
export interface HashedPassword {
  readonly hash: string;
}

/**
 * Hashes a password, which takes a fifth of a second: too long for a transaction that others wait for.
 *
 * @throws OakumError OAK_PASSWORD_WEAK
 */
export async function hashPassword(
  accountName: string,
  password: string,
  passwords: PasswordHasher = PASSWORDS,
): Promise<HashedPassword> {
  requireFitPassword(password, accountName);
  return { hash: await passwords.hash(password) };
}

async function hashOf(
  accountName: string,
  password: string | HashedPassword,
  passwords: PasswordHasher,
): Promise<string> {
  if (typeof password !== 'string') return password.hash;
  return (await hashPassword(accountName, password, passwords)).hash;
}

/**
 * Makes an account. Without a password, it needs a link to sign in the first time.
 *
 * @throws OakumError OAK_ACCOUNT_NAME, OAK_ACCOUNT_EXISTS, OAK_PASSWORD_WEAK
 */
export async function createAccount(
  db: DbOrTx,
  caller: Caller,
  request: AccountRequest & { readonly role: Role; readonly password?: string | HashedPassword },
  passwords: PasswordHasher = PASSWORDS,
): Promise<AccountView> {
  const { role, password, nowMs } = request;
  const name = checkedAccountName(request.name);
  const passwordHash = password === undefined ? null : await hashOf(name, password, passwords);
  return inTransaction(db, request.dryRun, async (tx) => {
    await requireFreeName(tx, name);
    const account = await insertAccount(tx, { name, role, passwordHash, createdMs: nowMs });
    await auditAccount(tx, caller, nowMs, 'account.create', undefined, account);
    return accountView(account);
  });
}

/** @throws OakumError OAK_ACCOUNT_EXISTS */
export async function requireFreeName(tx: Tx, name: string): Promise<void> {
  if ((await accountByName(tx, name)) !== undefined) {
    throw new OakumError('OAK_ACCOUNT_EXISTS', { detail: `"${name}".` });
  }
}

/**
 * Gives an account another role. Its sessions end: none goes on with what it may no longer do.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_ACCOUNT_EXTERNAL, OAK_ACCOUNT_LAST
 */
export function setAccountRole(
  db: DbOrTx,
  caller: Caller,
  request: AccountRequest & { readonly role: Role },
): Promise<AccountView> {
  const { role } = request;
  return change(db, caller, request, 'account.setRole', async (tx, account) => {
    requireLocal(account);
    if (account.role === role) return {};
    if (role !== 'administrator') await requireAnotherAdministrator(tx, account);
    return { role };
  });
}

/**
 * Gives an account a new password. Its sessions end, its unused link is void, and it may sign in at once however often
 * that failed before.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_ACCOUNT_EXTERNAL, OAK_PASSWORD_WEAK
 */
export async function setAccountPassword(
  db: DbOrTx,
  caller: Caller,
  request: AccountRequest & { readonly password: string | HashedPassword },
  passwords: PasswordHasher = PASSWORDS,
): Promise<AccountView> {
  const known = await findAccount(db, request.name);
  requireLocal(known);
  const passwordHash = await hashOf(known.name, request.password, passwords);
  return change(db, caller, request, 'account.setPassword', async (tx, account) => {
    requireLocal(account);
    await deleteUnusedLinks(tx, account.id);
    await forgiveName(tx, account.name);
    return { passwordHash };
  });
}

/**
 * Lets an account sign in no more. Its sessions end, and its tokens are void until it is enabled again.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_ACCOUNT_LAST
 */
export function disableAccount(db: DbOrTx, caller: Caller, request: AccountRequest): Promise<AccountView> {
  return change(db, caller, request, 'account.disable', async (tx, account) => {
    await requireAnotherAdministrator(tx, account);
    await deleteUnusedLinks(tx, account.id);
    return { disabled: true };
  });
}

/** Lets an account sign in again, at once however often that failed before. */
export function enableAccount(db: DbOrTx, caller: Caller, request: AccountRequest): Promise<AccountView> {
  return change(db, caller, request, 'account.enable', async (tx, account) => {
    await forgiveName(tx, account.name);
    return { disabled: false };
  });
}

/**
 * Takes the second factor from an account, for somebody whose authenticator is lost.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_TOTP_STATE
 */
export function resetAccountTotp(db: DbOrTx, caller: Caller, request: AccountRequest): Promise<AccountView> {
  return change(db, caller, request, 'account.resetTotp', async (_, account) => {
    if (account.totpSecret === null) throw new OakumError('OAK_TOTP_STATE', { detail: `"${account.name}".` });
    return { totpSecret: null, totpPending: null };
  });
}

/**
 * Deletes an account with its sessions and tokens.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_ACCOUNT_LAST
 */
export function removeAccount(db: DbOrTx, caller: Caller, request: AccountRequest): Promise<AccountView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const account = await findAccount(tx, request.name);
    await requireAnotherAdministrator(tx, account);
    await deleteAccount(tx, account.id);
    await auditAccount(tx, caller, request.nowMs, 'account.delete', account);
    return accountView(account);
  });
}

/** Changes an account; whatever changed about it, its sessions do not go on as if nothing had. */
function change(
  db: DbOrTx,
  caller: Caller,
  request: AccountRequest,
  action: string,
  decide: (tx: Tx, account: Account) => Promise<AccountChange>,
): Promise<AccountView> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const account = await findAccount(tx, request.name);
    const changes = await decide(tx, account);
    if (Object.keys(changes).length === 0) return accountView(account);
    await updateAccount(tx, account.id, changes);
    await deleteSessionsOf(tx, account.id);
    const changed = { ...account, ...changes };
    await auditAccount(tx, caller, request.nowMs, action, account, changed);
    return accountView(changed);
  });
}

/** Writes down what became of an account; never what it signs in with. */
export async function auditAccount(
  tx: Tx,
  caller: Caller,
  timeMs: number,
  action: string,
  before?: Account,
  after?: Account,
): Promise<void> {
  const subject = (after ?? before)?.name ?? '';
  await appendAudit(tx, {
    timeMs,
    caller: caller.name,
    action,
    subject,
    ...(before === undefined ? {} : { before: auditView(before) }),
    ...(after === undefined ? {} : { after: auditView(after) }),
  });
}

function auditView(account: Account): object {
  const { id, name, role, signsInBy, totp, disabled } = accountView(account);
  return { id, name, role, signsInBy, totp, disabled };
}

/** @throws OakumError OAK_ACCOUNT_EXTERNAL for accounts that the identity provider answers for */
export function requireLocal(account: Account): void {
  if (account.oidcIssuer !== null) {
    throw new OakumError('OAK_ACCOUNT_EXTERNAL', {
      detail: `"${account.name}" signs in by ${account.oidcIssuer}.`,
    });
  }
}

async function requireAnotherAdministrator(tx: Tx, account: Account): Promise<void> {
  if (account.role !== 'administrator' || account.disabled) return;
  if ((await countOtherAdministrators(tx, account.id)) > 0) return;
  throw new OakumError('OAK_ACCOUNT_LAST', { detail: `"${account.name}".` });
}
