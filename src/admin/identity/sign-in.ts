import { OakumError } from '../../errors/oakum-error.ts';
import { accountById, accountByName, updateAccount, type Account } from '../../store/accounts.ts';
import type { Db } from '../../store/schema.ts';
import { inTransaction } from '../dry-run.ts';
import { PASSWORDS, type PasswordHasher } from './password-hasher.ts';
import { requireSecondFactor } from './second-factor.ts';
import { startSession, type SessionStart, type SignedIn } from './sessions.ts';
import { forgiveAttempt, noteAttempt } from './throttle.ts';

/** What is longer is no name and no password here, and is not worth the time. */
const MOST_CHARACTERS = 1024;

export interface SignInRequest extends SessionStart {
  readonly name: string;
  readonly password: string;
  /** Of the authenticator, for accounts that have one. */
  readonly code?: string;
}

/**
 * Signs somebody in with a password, and a code if the account asks for one. The answer to a failure does not tell
 * what was wrong, nor does the time it takes: a password is checked for unknown names, too.
 *
 * @throws OakumError OAK_SIGN_IN_FAILED, OAK_SIGN_IN_THROTTLED; OAK_TOTP_REQUIRED when only the code is missing
 */
export async function signIn(
  db: Db,
  request: SignInRequest,
  passwords: PasswordHasher = PASSWORDS,
): Promise<SignedIn> {
  const { code, address, nowMs } = request;
  const name = request.name.slice(0, MOST_CHARACTERS).trim();
  const attempt = { name, address, nowMs };
  await noteAttempt(db, attempt);
  const known = await accountByName(db, name);
  const password = request.password.slice(0, MOST_CHARACTERS);
  await requirePassword(known, password, passwords);
  const rehashed = await rehashedIfOutdated(known, password, passwords);
  return inTransaction(db, false, async (tx) => {
    const account = known && (await accountById(tx, known.id));
    // While the password was checked, it may have been changed, or the account disabled.
    if (account === undefined || account.disabled || account.passwordHash !== known?.passwordHash) {
      throw new OakumError('OAK_SIGN_IN_FAILED');
    }
    await requireSecondFactor(tx, account, code, nowMs);
    await forgiveAttempt(tx, attempt);
    await updateAccount(tx, account.id, {
      lastSignInMs: nowMs,
      ...(rehashed === undefined ? {} : { passwordHash: rehashed }),
    });
    return startSession(tx, account, 'password', request);
  });
}

/**
 * Does the work of one check in any case.
 *
 * @throws OakumError OAK_SIGN_IN_FAILED
 */
export async function requirePassword(
  account: Account | undefined,
  password: string,
  passwords: PasswordHasher,
): Promise<void> {
  const isRight = await passwords.verify(password, account?.passwordHash ?? null);
  if (!isRight || account === undefined || account.disabled) throw new OakumError('OAK_SIGN_IN_FAILED');
}

/** The cost of guessing is raised for passwords that were set when it was lower: only here they are known. */
async function rehashedIfOutdated(
  account: Account | undefined,
  password: string,
  passwords: PasswordHasher,
): Promise<string | undefined> {
  const hash = account?.passwordHash ?? null;
  return hash !== null && passwords.isOutdated(hash) ? passwords.hash(password) : undefined;
}
