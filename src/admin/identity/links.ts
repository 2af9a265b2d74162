import { OakumError } from '../../errors/oakum-error.ts';
import {
  accountById,
  countAccounts,
  insertAccount,
  updateAccount,
  type Account,
} from '../../store/accounts.ts';
import { appendAudit } from '../../store/audit.ts';
import type { Db, DbOrTx, Tx } from '../../store/schema.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import {
  deleteOldLinks,
  deleteUnusedLinks,
  linkByHash,
  putLink,
  takeLink,
} from '../../store/sign-in-links.ts';
import type { Caller } from '../caller.ts';
import { inTransaction } from '../dry-run.ts';
import { checkedAccountName, requireFitPassword } from './account-rules.ts';
import { auditAccount, findAccount, requireLocal } from './accounts.ts';
import { PASSWORDS, type PasswordHasher } from './password-hasher.ts';
import { requireSecondFactor } from './second-factor.ts';
import { newSecret, secretHash } from './secrets.ts';
import { startSession, type SessionStart, type SignedIn } from './sessions.ts';
import { forgiveName, noteAttempt } from './throttle.ts';

const LIFETIME_MS = 24 * 60 * 60_000;

/** A link that lets somebody in once, to choose a password. */
export interface NewLink {
  /** What the address ends in. It can never be read again. */
  readonly secret: string;
  /** Whom it is for; null for the one who will be the first administrator. */
  readonly account: string | null;
  readonly expiresMs: number;
}

/**
 * On a server without any account, makes the link with which the first administrator signs in. A link that nobody has
 * used is replaced: as it was shown once only, whoever starts the server again has lost it.
 *
 * @returns undefined when there are accounts
 */
export function ensureFirstAdministrator(db: DbOrTx, nowMs: number): Promise<NewLink | undefined> {
  return inTransaction(db, false, async (tx) =>
    (await countAccounts(tx)) > 0 ? undefined : issue(tx, { name: 'setup' }, undefined, nowMs),
  );
}

/**
 * Makes a link for an account, or for the first administrator when no name is given. It takes the place of one that
 * was not used. The password that is in force stays so until the link is used.
 *
 * @throws OakumError OAK_ACCOUNT_UNKNOWN, OAK_ACCOUNT_EXTERNAL, OAK_ACCOUNT_DISABLED; OAK_LINK_STATE without a name
 *   when there are accounts
 */
export function createLink(
  db: DbOrTx,
  caller: Caller,
  request: { readonly name?: string; readonly nowMs: number },
): Promise<NewLink> {
  return inTransaction(db, false, async (tx) => {
    if (request.name !== undefined) {
      const account = await findAccount(tx, request.name);
      requireLocal(account);
      if (account.disabled) throw new OakumError('OAK_ACCOUNT_DISABLED', { detail: `"${account.name}".` });
      return issue(tx, caller, account, request.nowMs);
    }
    if ((await countAccounts(tx)) > 0) throw new OakumError('OAK_LINK_STATE');
    return issue(tx, caller, undefined, request.nowMs);
  });
}

async function issue(tx: Tx, caller: Caller, account: Account | undefined, nowMs: number): Promise<NewLink> {
  const secret = newSecret();
  const expiresMs = nowMs + LIFETIME_MS;
  await deleteOldLinks(tx, nowMs);
  await putLink(tx, {
    hash: secretHash(secret),
    accountId: account?.id ?? null,
    createdMs: nowMs,
    expiresMs,
  });
  const name = account?.name ?? null;
  await appendAudit(tx, {
    timeMs: nowMs,
    caller: caller.name,
    action: 'link.create',
    subject: name ?? 'first administrator',
    after: { account: name, expiresMs },
  });
  return { secret, account: name, expiresMs };
}

/** What a page asks for before a link is used. */
export interface LinkTarget {
  /** Null for the first administrator, who chooses a name. */
  readonly account: string | null;
  /** Whether a code is asked for as well as a new password. */
  readonly totp: boolean;
}

/** @throws OakumError OAK_LINK_INVALID */
export async function describeLink(db: DbOrTx, secret: string, nowMs: number): Promise<LinkTarget> {
  const account = await requireLink(db, secretHash(secret), nowMs);
  return { account: account?.name ?? null, totp: (account?.totpSecret ?? null) !== null };
}

export interface LinkUse extends SessionStart {
  readonly secret: string;
  /** Of the first administrator. */
  readonly name?: string;
  readonly password: string;
  /** Of the authenticator: a link replaces a forgotten password, not the second factor. */
  readonly code?: string;
}

/**
 * Uses a link: sets the password, for the first administrator also the name, and signs in. Whatever is wrong with
 * name, password or code leaves the link good; of several who use it at once, one gets in.
 *
 * @throws OakumError OAK_LINK_INVALID, OAK_ACCOUNT_NAME, OAK_PASSWORD_WEAK, OAK_TOTP_REQUIRED, OAK_SIGN_IN_FAILED,
 *   OAK_SIGN_IN_THROTTLED
 */
export async function redeemLink(
  db: Db,
  use: LinkUse,
  passwords: PasswordHasher = PASSWORDS,
): Promise<SignedIn> {
  const { nowMs, address, password } = use;
  const hash = secretHash(use.secret);
  const known = await requireLink(db, hash, nowMs);
  const name = known?.name ?? checkedAccountName(use.name ?? '');
  requireFitPassword(password, name);
  // Codes have a million values: they must not be tried out with a stolen link.
  if ((known?.totpSecret ?? null) !== null) await noteAttempt(db, { name, address, nowMs });
  const passwordHash = await passwords.hash(password);
  return inTransaction(db, false, async (tx) => {
    const account = await requireLink(tx, hash, nowMs);
    if (!(await takeLink(tx, hash, nowMs))) throw new OakumError('OAK_LINK_INVALID');
    if (account !== undefined) await requireSecondFactor(tx, account, use.code, nowMs);
    const entered =
      account === undefined
        ? await firstAdministrator(tx, { name, passwordHash, nowMs })
        : await withPassword(tx, account, { passwordHash, nowMs });
    await updateAccount(tx, entered.id, { lastSignInMs: nowMs });
    return startSession(tx, entered, 'link', use);
  });
}

async function firstAdministrator(
  tx: Tx,
  {
    name,
    passwordHash,
    nowMs,
  }: { readonly name: string; readonly passwordHash: string; readonly nowMs: number },
): Promise<Account> {
  const account = await insertAccount(tx, { name, role: 'administrator', passwordHash, createdMs: nowMs });
  await auditAccount(tx, { name }, nowMs, 'account.create', undefined, account);
  return account;
}

async function withPassword(
  tx: Tx,
  account: Account,
  { passwordHash, nowMs }: { readonly passwordHash: string; readonly nowMs: number },
): Promise<Account> {
  const changed = { ...account, passwordHash };
  await updateAccount(tx, account.id, { passwordHash });
  await deleteSessionsOf(tx, account.id);
  await deleteUnusedLinks(tx, account.id);
  await forgiveName(tx, account.name);
  await auditAccount(tx, account, nowMs, 'account.setPassword', account, changed);
  return changed;
}

/**
 * Whom a link is for; undefined for the first administrator.
 *
 * @throws OakumError OAK_LINK_INVALID, one answer for whatever is wrong with it
 */
async function requireLink(db: DbOrTx, hash: Uint8Array, nowMs: number): Promise<Account | undefined> {
  const link = await linkByHash(db, hash);
  if (link === undefined || link.usedMs !== null || nowMs >= link.expiresMs) {
    throw new OakumError('OAK_LINK_INVALID');
  }
  if (link.accountId === null) {
    // Somebody else came first, by another way.
    if ((await countAccounts(db)) > 0) throw new OakumError('OAK_LINK_INVALID');
    return undefined;
  }
  const account = await accountById(db, link.accountId);
  if (account === undefined || account.disabled) throw new OakumError('OAK_LINK_INVALID');
  return account;
}
