import { Type } from 'typebox';
import { checkedAccountName } from '../../admin/identity/account-rules.ts';
import {
  accountView,
  createAccount,
  disableAccount,
  enableAccount,
  findAccount,
  hashPassword,
  removeAccount,
  resetAccountTotp,
  setAccountPassword,
  setAccountRole,
  viewAccounts,
} from '../../admin/identity/accounts.ts';
import { createLink } from '../../admin/identity/links.ts';
import { ROLES } from '../../admin/identity/roles.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { accountNameKey } from '../../store/accounts.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { dryRun, named, secretText, textOrNull, time, timeOrNever } from '../schemas.ts';

const account = named('The name of an account.');
const role = Type.Enum([...ROLES]);
/** A bound for the decoder; what a password may be is decided where the account is made. */
const password = secretText(1024, 'At least 12 characters, 5 of them different.');

const ACCOUNT = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  role,
  signsInBy: Type.Enum(['password', 'oidc', 'link'], {
    description: '`link`: with a link only, until a password is set.',
  }),
  totp: Type.Boolean({ description: 'Whether a code is asked for as well.' }),
  disabled: Type.Boolean(),
  createdMs: Type.Integer(),
  lastSignInMs: timeOrNever(),
});

const kim = {
  id: 3,
  name: 'kim',
  role: 'operator' as const,
  signsInBy: 'password' as const,
  totp: true,
  disabled: false,
  createdMs: 1_790_000_000_000,
  lastSignInMs: 1_794_996_000_000,
};

const PASSWORD_ERRORS = [
  'OAK_PASSWORD_WEAK',
  'OAK_SIGN_IN_THROTTLED',
] as const satisfies readonly ErrorCode[];

const list = defineList({
  id: 'accounts.list',
  path: '/accounts',
  role: 'administrator',
  summary: 'Lists the accounts of people',
  input: Type.Object({ role: Type.Optional(role), disabled: Type.Optional(Type.Boolean()) }),
  item: ACCOUNT,
  sorts: ['name', 'role', 'createdMs', 'lastSignInMs'],
  example: { input: { role: 'operator' }, result: kim },
  async read({ db }, input, page) {
    const wanted = (await viewAccounts(db)).filter(
      (one) =>
        (input.role === undefined || one.role === input.role) &&
        (input.disabled === undefined || one.disabled === input.disabled),
    );
    return pageOfAll(wanted, page, (one) => one.id, {
      name: (one) => accountNameKey(one.name),
      role: (one) => ROLES.indexOf(one.role),
    });
  },
});

const show = defineRead({
  id: 'accounts.show',
  method: 'GET',
  path: '/accounts/{account}',
  role: 'administrator',
  summary: 'Shows an account',
  input: Type.Object({ account }),
  result: ACCOUNT,
  errors: ['OAK_ACCOUNT_UNKNOWN'],
  example: { input: { account: 'kim' }, result: kim },
  run: async ({ db }, input) => accountView(await findAccount(db, input.account)),
});

const create = defineChange({
  id: 'accounts.create',
  method: 'POST',
  path: '/accounts',
  role: 'administrator',
  status: 201,
  summary: 'Makes an account',
  description: 'Without a password, it needs a link to sign in the first time.',
  input: Type.Object({
    name: named('1 to 64 letters, digits and . _ - + @ \\, with single blanks between.'),
    role,
    password: Type.Optional(password),
    dryRun,
  }),
  result: ACCOUNT,
  errors: ['OAK_ACCOUNT_NAME', 'OAK_ACCOUNT_EXISTS', ...PASSWORD_ERRORS],
  example: {
    input: { name: 'kim', role: 'operator' },
    result: { ...kim, signsInBy: 'link', totp: false, lastSignInMs: null },
  },
  async prepare(input) {
    const name = checkedAccountName(input.name);
    return input.password === undefined ? undefined : hashPassword(name, input.password);
  },
  run: ({ db, principal, nowMs }, { name, role: given, ...input }, hashed) =>
    createAccount(db, principal, {
      name,
      role: given,
      ...dryRunOf(input),
      nowMs,
      ...(hashed === undefined ? {} : { password: hashed }),
    }),
});

const setRole = defineChange({
  id: 'accounts.setRole',
  method: 'PUT',
  path: '/accounts/{account}/role',
  role: 'administrator',
  summary: 'Gives an account another role; its sessions end',
  input: Type.Object({ account, role, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_ACCOUNT_EXTERNAL', 'OAK_ACCOUNT_LAST'],
  example: { input: { account: 'kim', role: 'operator' }, result: kim },
  run: ({ db, principal, nowMs }, { account: name, ...input }) =>
    setAccountRole(db, principal, { ...input, name, nowMs }),
});

const setPassword = defineChange({
  id: 'accounts.setPassword',
  method: 'PUT',
  path: '/accounts/{account}/password',
  role: 'administrator',
  summary: 'Gives an account a new password; its sessions end, and its unused link is void',
  input: Type.Object({ account, password, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_ACCOUNT_EXTERNAL', ...PASSWORD_ERRORS],
  example: { input: { account: 'kim', password: 'rope tar hemp caulk' }, result: kim },
  prepare: (input) => hashPassword(input.account.trim(), input.password),
  run: ({ db, principal, nowMs }, { account: name, ...input }, hashed) =>
    setAccountPassword(db, principal, { ...input, password: hashed, name, nowMs }),
});

const disable = defineChange({
  id: 'accounts.disable',
  method: 'POST',
  path: '/accounts/{account}/disable',
  role: 'administrator',
  summary: 'Lets an account sign in no more',
  description: 'Its sessions end, and its tokens are void until it is enabled again.',
  input: Type.Object({ account, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_ACCOUNT_LAST'],
  example: { input: { account: 'kim' }, result: { ...kim, disabled: true } },
  run: ({ db, principal, nowMs }, input) =>
    disableAccount(db, principal, { name: input.account, ...dryRunOf(input), nowMs }),
});

const enable = defineChange({
  id: 'accounts.enable',
  method: 'POST',
  path: '/accounts/{account}/enable',
  role: 'administrator',
  summary: 'Lets an account sign in again, at once however often that failed before',
  input: Type.Object({ account, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN'],
  example: { input: { account: 'kim' }, result: kim },
  run: ({ db, principal, nowMs }, input) =>
    enableAccount(db, principal, { name: input.account, ...dryRunOf(input), nowMs }),
});

const resetTotp = defineChange({
  id: 'accounts.resetTotp',
  method: 'POST',
  path: '/accounts/{account}/reset-totp',
  role: 'administrator',
  summary: 'Asks an account for no code any more, for somebody whose authenticator is lost',
  input: Type.Object({ account, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_TOTP_STATE'],
  example: { input: { account: 'kim' }, result: { ...kim, totp: false } },
  run: ({ db, principal, nowMs }, input) =>
    resetAccountTotp(db, principal, { name: input.account, ...dryRunOf(input), nowMs }),
});

const remove = defineChange({
  id: 'accounts.remove',
  method: 'DELETE',
  path: '/accounts/{account}',
  role: 'administrator',
  summary: 'Deletes an account with its sessions and tokens',
  input: Type.Object({ account, dryRun }),
  result: ACCOUNT,
  shownBy: show,
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_ACCOUNT_LAST'],
  example: { input: { account: 'kim' }, result: kim },
  run: ({ db, principal, nowMs }, input) =>
    removeAccount(db, principal, { name: input.account, ...dryRunOf(input), nowMs }),
});

const link = defineChange({
  id: 'accounts.link',
  method: 'POST',
  path: '/accounts/link',
  role: 'administrator',
  status: 201,
  isSecret: true,
  summary: 'Makes a link with which somebody signs in once and chooses a password',
  description:
    'It takes the place of one that was not used. The password that is in force stays so until the link is used.',
  input: Type.Object({
    account: Type.Optional(named('The name of an account; none for the first administrator.')),
  }),
  result: Type.Object({
    secret: Type.String({ description: 'What the address ends in. It can never be read again.' }),
    account: textOrNull('Null for the one who will be the first administrator.'),
    expiresMs: time(),
  }),
  errors: ['OAK_ACCOUNT_UNKNOWN', 'OAK_ACCOUNT_EXTERNAL', 'OAK_ACCOUNT_DISABLED', 'OAK_LINK_STATE'],
  example: {
    input: { account: 'kim' },
    result: {
      secret: 'uPTGlvVtLDBPlxpGX0sqOqdIuzFYKULzmrBX0hzM5L0',
      account: 'kim',
      expiresMs: 1_795_082_400_000,
    },
  },
  run: ({ db, principal, nowMs }, input) =>
    createLink(db, principal, { nowMs, ...(input.account === undefined ? {} : { name: input.account }) }),
});

function dryRunOf(input: { readonly dryRun?: boolean | undefined }): { readonly dryRun: boolean } {
  return { dryRun: input.dryRun === true };
}

export const accounts = {
  list,
  show,
  create,
  setRole,
  setPassword,
  disable,
  enable,
  resetTotp,
  remove,
  link,
};
