import { InvalidArgumentError, type Command } from 'commander';
import { parseRole } from '../admin/identity/account-rules.ts';
import { createToken, revokeToken, viewTokens } from '../admin/identity/tokens.ts';
import type { StoredToken } from '../store/tokens.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { oneLine, table, time } from './table.ts';

const DAY_MS = 24 * 60 * 60_000;

interface CreateOptions extends CommonOptions {
  readonly role: string;
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly expiresDays?: number;
}

export function tokenCommand(): Command {
  const token = command('token', 'Tokens that programs sign in with').action(list);
  token.addCommand(
    command('create', 'Make a token; it is shown this once')
      .requiredOption('--role <role>', 'reader, operator or administrator')
      .option('--name <name>', 'what it is for')
      .option('--scope <noun...>', 'only for this, such as computers; everything unless given')
      .option('--expires-days <days>', 'good for so many days; for ever unless given', parseDays)
      .action(create),
  );
  token.addCommand(command('list', 'List the tokens, without what they are').action(list));
  token.addCommand(
    command('revoke', 'Make a token void, from now on')
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
  const nowMs = Date.now();
  const made = await withExistingStore(options, (store) =>
    createToken(store.db, localCaller(), {
      role,
      nowMs,
      ...(name === undefined ? {} : { name }),
      ...(scope === undefined ? {} : { scopes: scope }),
      ...(expiresDays === undefined ? {} : { expiresMs: nowMs + expiresDays * DAY_MS }),
    }),
  );
  print(options, made, () => made.token);
}

async function list(options: CommonOptions): Promise<void> {
  const tokens = await withExistingStore(options, (store) => viewTokens(store.db));
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
  const revoked = await withExistingStore(options, (store) =>
    revokeToken(store.db, localCaller(), { token, nowMs: Date.now() }),
  );
  print(options, revoked, () => oneLine(`revoked token ${revoked.id}, "${revoked.name}"`));
}
