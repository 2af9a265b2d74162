import { OakumError } from '../../errors/oakum-error.ts';
import { accountNameKey } from '../../store/accounts.ts';
import { ROLES, type Role } from './roles.ts';

// No parentheses and no "@localhost": those stand for tokens and for whoever works on the machine itself, and names
// are what the audit log knows people by.
const NAME = /^(?=.{1,64}$)[\p{L}\p{N}._\-+@\\]+(?: [\p{L}\p{N}._\-+@\\]+)*$/u;

/** Callers in the audit log that are no people. */
const RESERVED = ['rules', 'rings', 'housekeeping', 'setup'];

const PASSWORD_LEAST = 12;
const PASSWORD_MOST = 256;
const DIFFERENT_CHARACTERS = 5;
/** A name this short is part of many words. */
const TELLING_NAME = 4;

/** @throws OakumError OAK_ACCOUNT_NAME */
export function checkedAccountName(name: string): string {
  const trimmed = name.normalize('NFKC').trim();
  const isReserved = /@localhost$/i.test(trimmed) || RESERVED.includes(trimmed.toLowerCase());
  if (!NAME.test(trimmed) || isReserved) {
    throw new OakumError('OAK_ACCOUNT_NAME', { detail: `"${trimmed.slice(0, 64)}".` });
  }
  return trimmed;
}

/** @throws OakumError OAK_ROLE_UNKNOWN */
export function parseRole(text: string): Role {
  const role = ROLES.find((one) => one === text.trim().toLowerCase());
  if (role === undefined) throw new OakumError('OAK_ROLE_UNKNOWN', { detail: `"${text.slice(0, 64)}".` });
  return role;
}

/** @throws OakumError OAK_PASSWORD_WEAK, which never quotes it */
export function requireFitPassword(password: string, accountName: string): void {
  if (password.length > 2 * PASSWORD_MOST)
    throw new OakumError('OAK_PASSWORD_WEAK', { detail: `It has more than ${PASSWORD_MOST} characters.` });
  const characters = Array.from(password);
  const name = accountNameKey(accountName);
  const weaknesses: readonly (readonly [string, boolean])[] = [
    [`It has fewer than ${PASSWORD_LEAST} characters.`, characters.length < PASSWORD_LEAST],
    [`It has more than ${PASSWORD_MOST} characters.`, characters.length > PASSWORD_MOST],
    [
      `It has fewer than ${DIFFERENT_CHARACTERS} different characters.`,
      new Set(characters).size < DIFFERENT_CHARACTERS,
    ],
    [
      'It contains the name of the account.',
      name.length >= TELLING_NAME && accountNameKey(password).includes(name),
    ],
  ];
  const found = weaknesses.find(([, holds]) => holds);
  if (found !== undefined) throw new OakumError('OAK_PASSWORD_WEAK', { detail: found[0] });
}
