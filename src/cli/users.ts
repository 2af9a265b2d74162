import type { Command } from 'commander';
import { parseRole } from '../admin/identity/account-rules.ts';
import {
  createAccount,
  disableAccount,
  enableAccount,
  removeAccount,
  resetAccountTotp,
  setAccountPassword,
  setAccountRole,
  viewAccounts,
  type AccountRequest,
  type AccountView,
} from '../admin/identity/accounts.ts';
import { createLink } from '../admin/identity/links.ts';
import type { Db } from '../store/schema.ts';
import type { Caller } from '../admin/caller.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { readPassword } from './read-password.ts';
import { oneLine, table, time } from './table.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

export function usersCommand(): Command {
  const users = command('users', 'People who may sign in').action(list);
  users.addCommand(command('list', 'List the accounts').action(list));
  users.addCommand(
    changing('create', 'Make an account; its first sign-in needs a link unless it gets a password')
      .requiredOption('--role <role>', 'reader, operator or administrator')
      .option('--password', 'ask for a password, or read it from standard input')
      .action(create),
  );
  users.addCommand(
    changing('set-role', 'Give an account another role; its sessions end')
      .argument('<role>', 'reader, operator or administrator')
      .action(setRole),
  );
  users.addCommand(
    changing('set-password', 'Ask for a new password, or read it from standard input; sessions end').action(
      setPassword,
    ),
  );
  for (const [name, description, change, done] of SIMPLE) {
    users.addCommand(
      changing(name, description).action((account: string, options: ChangeOptions) =>
        apply(account, options, change, done),
      ),
    );
  }
  users.addCommand(
    command('link', 'Make a link token with which somebody signs in once and chooses a password')
      .argument('[name]', 'the account; none for the first administrator')
      .action(link),
  );
  return users;
}

type Change = (db: Db, caller: Caller, request: AccountRequest) => Promise<AccountView>;

const SIMPLE: readonly (readonly [string, string, Change, string])[] = [
  [
    'disable',
    'Let an account sign in no more; its sessions end and its tokens are void',
    disableAccount,
    'disabled',
  ],
  ['enable', 'Let an account sign in again', enableAccount, 'enabled'],
  ['delete', 'Delete an account with its sessions and tokens', removeAccount, 'deleted'],
  ['reset-totp', 'Ask an account for no code any more', resetAccountTotp, 'reset'],
];

function changing(name: string, description: string): Command {
  return command(name, description)
    .argument('<name>', 'the name of the account')
    .option('--dry-run', 'tell what would change, and change nothing');
}

async function list(options: CommonOptions): Promise<void> {
  const accounts = await withExistingStore(options, (store) => viewAccounts(store.db));
  print(options, accounts, () =>
    table(['NAME', 'ROLE', 'SIGNS IN BY', 'CODE', 'STATE', 'LAST SIGN-IN'], accounts.map(row)),
  );
}

function row(account: AccountView): string[] {
  return [
    account.name,
    account.role,
    account.signsInBy,
    account.totp ? 'yes' : 'no',
    account.disabled ? 'disabled' : 'enabled',
    account.lastSignInMs === null ? 'never' : time(account.lastSignInMs),
  ];
}

async function create(
  name: string,
  options: ChangeOptions & { readonly role: string; readonly password?: boolean },
): Promise<void> {
  const role = parseRole(options.role);
  const password = options.password === true ? await readPassword() : undefined;
  const more = { role, ...(password === undefined ? {} : { password }) };
  await apply(
    name,
    options,
    (db, caller, request) => createAccount(db, caller, { ...request, ...more }),
    'created',
  );
}

async function setRole(name: string, roleName: string, options: ChangeOptions): Promise<void> {
  const role = parseRole(roleName);
  const change: Change = (db, caller, request) => setAccountRole(db, caller, { ...request, role });
  await apply(name, options, change, `now ${role}:`);
}

async function setPassword(name: string, options: ChangeOptions): Promise<void> {
  const password = await readPassword();
  const change: Change = (db, caller, request) => setAccountPassword(db, caller, { ...request, password });
  await apply(name, options, change, 'new password for');
}

async function apply(name: string, options: ChangeOptions, change: Change, done: string): Promise<void> {
  const { dryRun = false } = options;
  const account = await withExistingStore(options, (store) =>
    change(store.db, localCaller(), { name, dryRun, nowMs: Date.now() }),
  );
  print(options, account, () => `${dryRun ? 'dry run: ' : ''}${oneLine(`${done} "${account.name}"`)}`);
}

async function link(name: string | undefined, options: CommonOptions): Promise<void> {
  const made = await withExistingStore(options, (store) =>
    createLink(store.db, localCaller(), { nowMs: Date.now(), ...(name === undefined ? {} : { name }) }),
  );
  print(options, made, () => made.secret);
}
