import { InvalidArgumentError, type Command } from 'commander';
import { parseRole } from '../admin/identity/account-rules.ts';
import { tokens as operations } from '../api/operations/tokens.ts';
import type { StoredToken } from '../store/tokens.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { withDoor } from './with-door.ts';

const MOST_TOKENS = 1_000_000;

const DAY_MS = 24 * 60 * 60_000;

interface CreateOptions extends CommonOptions {
  readonly role: string;
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly expiresDays?: number;
}

export function tokenCommand(): Command {
  const token = doorCommand('token', 'Tokens that programs sign in with').action(list);
  token.addCommand(
    doorCommand('create', 'Make a token; it is shown this once')
      .requiredOption('--role <role>', 'reader, operator or administrator')
      .option('--name <name>', 'what it is for')
      .option('--scope <noun...>', 'only for this, such as computers; everything unless given')
      .option('--expires-days <days>', 'good for so many days; for ever unless given', parseDays)
      .action(create),
  );
  token.addCommand(doorCommand('list', 'List the tokens, without what they are').action(list));
  token.addCommand(
    doorCommand('revoke', 'Make a token void, from now on')
      .argument('<token>', 'its number, or its name')
      .action(revoke),
  );
  return token;
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 36_500) {
    throw new InvalidArgumentError('Expected a whole number of days from 1 to 36500.');
  }
  return days;
}

async function create(options: CreateOptions): Promise<void> {
  const role = parseRole(options.role);
  const { name, scope, expiresDays } = options;
  // Who sets up a server by a script makes the token before its first start.
  const made = await withDoor(
    options,
    (door) =>
      door.change(operations.create, {
        role,
        ...(name === undefined ? {} : { name }),
        ...(scope === undefined ? {} : { scopes: [...scope] }),
        ...(expiresDays === undefined ? {} : { expiresMs: Date.now() + expiresDays * DAY_MS }),
      }),
    { mustExist: false },
  );
  print(options, made, () => made.token);
}

async function list(options: CommonOptions): Promise<void> {
  const tokens = await withDoor(options, (door) => door.list(operations.list, {}, MOST_TOKENS));
  print(options, tokens, () =>
    table(['NUMBER', 'NAME', 'ROLE', 'SCOPES', 'MADE BY', 'ENDS', 'LAST USED'], tokens.map(row)),
  );
}

function row(token: StoredToken): string[] {
  const ends = token.revokedMs === null ? token.expiresMs : token.revokedMs;
  const marks = token.revokedMs === null ? '' : ' (revoked)';
  return [
    String(token.id),
    token.name,
    token.role,
    token.scopes?.join(' ') ?? 'all',
    token.createdBy,
    ends === null ? 'never' : `${time(ends)}${marks}`,
    token.lastUsedMs === null ? 'never' : time(token.lastUsedMs),
  ];
}

async function revoke(token: string, options: CommonOptions): Promise<void> {
  const revoked = await withDoor(options, (door) => door.change(operations.revoke, { token }));
  print(options, revoked, () => oneLine(`revoked token ${revoked.id}, "${revoked.name}"`));
}
