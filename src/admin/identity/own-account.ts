import { OakumError } from '../../errors/oakum-error.ts';
import { accountById, updateAccount, type Account } from '../../store/accounts.ts';
import type { Db, DbOrTx } from '../../store/schema.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { deleteUnusedLinks } from '../../store/sign-in-links.ts';
import { inTransaction } from '../dry-run.ts';
import { requireFitPassword } from './account-rules.ts';
import { accountView, auditAccount, requireLocal, type AccountView } from './accounts.ts';
import { PASSWORDS, type PasswordHasher } from './password-hasher.ts';
import type { Principal } from './roles.ts';
import { requireSecondFactor } from './second-factor.ts';
import { startSession, type SignedIn } from './sessions.ts';
import { requirePassword } from './sign-in.ts';
import { forgiveAttempt, noteAttempt } from './throttle.ts';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';

/** Proof that it is really the owner of the account who sits before an open session. */
export interface Confirmation {
  /** The password that is in force. */
  readonly password: string;
  readonly address: string;
  readonly nowMs: number;
}

/** Who somebody is, for pages about the own account. */
export async function viewOwnAccount(db: DbOrTx, principal: Principal): Promise<AccountView> {
  return accountView(await ownAccount(db, principal));
}

/**
 * Changes the own password. All sessions of the account end; a new one begins.
 *
 * @throws OakumError OAK_SIGN_IN_FAILED for a wrong password, OAK_SIGN_IN_THROTTLED, OAK_PASSWORD_WEAK,
 *   OAK_ACCOUNT_EXTERNAL, OAK_FORBIDDEN for tokens
 */
export async function changeOwnPassword(
  db: Db,
  principal: Principal,
  request: Confirmation & { readonly newPassword: string },
  passwords: PasswordHasher = PASSWORDS,
): Promise<SignedIn> {
  const { newPassword, nowMs } = request;
  const known = await ownAccount(db, principal);
  requireFitPassword(newPassword, known.name);
  await confirm(db, known, request, passwords);
  const passwordHash = await passwords.hash(newPassword);
  return inTransaction(db, false, async (tx) => {
    const account = await ownAccount(tx, principal);
    const changed = { ...account, passwordHash };
    await updateAccount(tx, account.id, { passwordHash });
    await deleteSessionsOf(tx, account.id);
    await deleteUnusedLinks(tx, account.id);
    await auditAccount(tx, principal, nowMs, 'account.setPassword', account, changed);
    return startSession(tx, account, 'password', request);
  });
}

/** What an authenticator needs. */
export interface TotpEnrolment {
  /** Base32, for typing. */
  readonly secret: string;
  /** `otpauth://`, for scanning. */
  readonly uri: string;
}

/**
 * Begins to set up a second factor. It counts from the code on that {@link confirmTotp} gets.
 *
 * @throws OakumError OAK_TOTP_STATE when there is one, OAK_SIGN_IN_FAILED for a wrong password, OAK_SIGN_IN_THROTTLED,
 *   OAK_ACCOUNT_EXTERNAL, OAK_FORBIDDEN for tokens
 */
export async function beginTotp(
  db: Db,
  principal: Principal,
  confirmation: Confirmation,
  passwords: PasswordHasher = PASSWORDS,
): Promise<TotpEnrolment> {
  const known = await ownAccount(db, principal);
  if (known.totpSecret !== null) throw new OakumError('OAK_TOTP_STATE');
  await confirm(db, known, confirmation, passwords);
  const secret = newTotpSecret();
  await inTransaction(db, false, (tx) => updateAccount(tx, known.id, { totpPending: secret }));
  return { secret, uri: totpUri(secret, known.name) };
}

/**
 * Ends the set-up with a first code: from now on the account asks for one.
 *
 * @throws OakumError OAK_TOTP_WRONG, OAK_TOTP_STATE when nothing was begun, OAK_FORBIDDEN for tokens
 */
export function confirmTotp(
  db: Db,
  principal: Principal,
  request: { readonly code: string; readonly nowMs: number },
): Promise<AccountView> {
  const { code, nowMs } = request;
  return inTransaction(db, false, async (tx) => {
    const account = await ownAccount(tx, principal);
    if (account.totpPending === null || account.totpSecret !== null) throw new OakumError('OAK_TOTP_STATE');
    const step = totpStep(account.totpPending, code, nowMs);
    if (step === undefined) throw new OakumError('OAK_TOTP_WRONG');
    // The code that confirmed is used up as well.
    const changes = { totpSecret: account.totpPending, totpPending: null, totpStep: step };
    await updateAccount(tx, account.id, changes);
    const changed = { ...account, ...changes };
    await auditAccount(tx, principal, nowMs, 'account.enrolTotp', account, changed);
    return accountView(changed);
  });
}

/**
 * Removes the own second factor.
 *
 * @throws OakumError OAK_TOTP_STATE when there is none, OAK_SIGN_IN_FAILED for a wrong password or code,
 *   OAK_TOTP_REQUIRED, OAK_SIGN_IN_THROTTLED, OAK_FORBIDDEN for tokens
 */
export async function removeOwnTotp(
  db: Db,
  principal: Principal,
  request: Confirmation & { readonly code: string },
  passwords: PasswordHasher = PASSWORDS,
): Promise<AccountView> {
  const { code, address, nowMs } = request;
  const known = await ownAccount(db, principal);
  if (known.totpSecret === null) throw new OakumError('OAK_TOTP_STATE');
  await noteAttempt(db, { name: known.name, address, nowMs });
  await requirePassword(known, request.password, passwords);
  return inTransaction(db, false, async (tx) => {
    const account = await ownAccount(tx, principal);
    await requireSecondFactor(tx, account, code, nowMs);
    await forgiveAttempt(tx, { name: account.name, address, nowMs });
    const changes = { totpSecret: null, totpPending: null };
    await updateAccount(tx, account.id, changes);
    const changed = { ...account, ...changes };
    await auditAccount(tx, principal, nowMs, 'account.removeTotp', account, changed);
    return accountView(changed);
  });
}

/** A password is guessed at here as it is at the door, and counted like there. */
async function confirm(
  db: Db,
  account: Account,
  { password, address, nowMs }: Confirmation,
  passwords: PasswordHasher,
): Promise<void> {
  requireLocal(account);
  const attempt = { name: account.name, address, nowMs };
  await noteAttempt(db, attempt);
  await requirePassword(account, password, passwords);
  await inTransaction(db, false, (tx) => forgiveAttempt(tx, attempt));
}

/** @throws OakumError OAK_FORBIDDEN for whoever has none, OAK_SIGN_IN_REQUIRED */
async function ownAccount(db: DbOrTx, principal: Principal): Promise<Account> {
  if (principal.kind !== 'session' || principal.accountId === undefined) {
    throw new OakumError('OAK_FORBIDDEN', {
      detail: 'Only people who are signed in have an account of their own.',
    });
  }
  const account = await accountById(db, principal.accountId);
  if (account === undefined || account.disabled) throw new OakumError('OAK_SIGN_IN_REQUIRED');
  return account;
}
