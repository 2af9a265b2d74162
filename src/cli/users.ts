import type { Command } from 'commander';
import { parseRole } from '../admin/identity/account-rules.ts';
import type { AccountView } from '../admin/identity/accounts.ts';
import type { Door } from '../api/door.ts';
import { accounts as operations } from '../api/operations/accounts.ts';
import { setupAddress } from '../api/setup-address.ts';
import { adminAddress } from '../server/admin-address.ts';
import { loadSettings } from '../server/load-settings.ts';
import { dataFolder, doorCommand, print, type CommonOptions } from './common.ts';
import { readPassword } from './read-password.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { withDoor } from './with-door.ts';

/** They are people. */
const MOST_ACCOUNTS = 100_000;

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

export function usersCommand(): Command {
  const users = doorCommand('users', 'People who may sign in').action(list);
  users.addCommand(doorCommand('list', 'List the accounts').action(list));
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
        apply(options, done, (door, { dryRun }) => door.change(change, { account, dryRun })),
      ),
    );
  }
  users.addCommand(
    doorCommand('link', 'Make a link with which somebody signs in once, within a day, and chooses a password')
      .argument('[name]', 'the account; none for the first administrator')
      .action(link),
  );
  return users;
}

type Simple = typeof operations.disable;

const SIMPLE: readonly (readonly [string, string, Simple, string])[] = [
  [
    'disable',
    'Let an account sign in no more; its sessions end and its tokens are void',
    operations.disable,
    'disabled',
  ],
  ['enable', 'Let an account sign in again', operations.enable, 'enabled'],
  ['delete', 'Delete an account with its sessions and tokens', operations.remove, 'deleted'],
  ['reset-totp', 'Ask an account for no code any more', operations.resetTotp, 'reset'],
];

function changing(name: string, description: string): Command {
  return doorCommand(name, description)
    .argument('<name>', 'the name of the account')
    .option('--dry-run', 'tell what would change, and change nothing');
}

async function list(options: CommonOptions): Promise<void> {
  const accounts = await withDoor(options, (door) => door.list(operations.list, {}, MOST_ACCOUNTS));
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
  await apply(
    options,
    'created',
    (door, { dryRun }) =>
      door.change(operations.create, { name, role, dryRun, ...(password === undefined ? {} : { password }) }),
    password === undefined
      ? `; make a link to sign in with: oakum users link '${name.replaceAll("'", String.raw`'\''`)}'`
      : '',
  );
}

async function setRole(account: string, roleName: string, options: ChangeOptions): Promise<void> {
  const role = parseRole(roleName);
  await apply(options, `now ${role}:`, (door, { dryRun }) =>
    door.change(operations.setRole, { account, role, dryRun }),
  );
}

async function setPassword(account: string, options: ChangeOptions): Promise<void> {
  const password = await readPassword();
  await apply(options, 'new password for', (door, { dryRun }) =>
    door.change(operations.setPassword, { account, password, dryRun }),
  );
}

async function apply(
  options: ChangeOptions,
  done: string,
  change: (door: Door, more: { readonly dryRun: boolean }) => Promise<AccountView>,
  next = '',
): Promise<void> {
  const { dryRun = false } = options;
  const account = await withDoor(options, (door) => change(door, { dryRun }));
  print(options, account, () =>
    dryRun ? `dry run: ${oneLine(`${done} "${account.name}"`)}` : oneLine(`${done} "${account.name}"${next}`),
  );
}

async function link(account: string | undefined, options: CommonOptions): Promise<void> {
  const made = await withDoor(options, (door) =>
    door.change(operations.link, account === undefined ? {} : { account }),
  );
  const url = setupAddress(administrationOf(options), made.secret);
  print(options, { ...made, url }, () => url);
}

function administrationOf(options: CommonOptions): string {
  if (options.server !== undefined) return new URL(options.server).origin;
  const { settings } = loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags: [],
  });
  return adminAddress(settings);
}
