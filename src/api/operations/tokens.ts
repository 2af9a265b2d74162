import { Type } from 'typebox';
import { ROLES } from '../../admin/identity/roles.ts';
import { createToken, revokeToken, viewTokens } from '../../admin/identity/tokens.ts';
import { nearestName } from '../../errors/nearest-name.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { defineChange, defineList } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { dryRun, named, time, timeOrNever } from '../schemas.ts';

const role = Type.Enum([...ROLES]);

const TOKEN = Type.Object({
  id: Type.Integer({ description: 'Its number.' }),
  name: Type.String({ description: 'What it is for.' }),
  role,
  scopes: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description:
      'Nouns that it is for, the first parts of operation ids such as computers.list; null for all.',
  }),
  accountId: Type.Union([Type.Integer(), Type.Null()], {
    description: 'The account that it belongs to; null when it was made on the machine itself.',
  }),
  createdMs: Type.Integer(),
  createdBy: Type.String(),
  expiresMs: timeOrNever(),
  lastUsedMs: timeOrNever('Noted once a minute.'),
  revokedMs: timeOrNever(),
});

const inventory = {
  id: 5,
  name: 'inventory',
  role: 'reader' as const,
  scopes: ['compliance', 'computers'],
  accountId: 3,
  createdMs: 1_790_000_000_000,
  createdBy: 'kim',
  expiresMs: 1_821_536_000_000,
  lastUsedMs: 1_794_996_000_000,
  revokedMs: null,
};

const list = defineList({
  id: 'tokens.list',
  path: '/tokens',
  role: 'administrator',
  summary: 'Lists the tokens that programs sign in with, without what they are',
  input: Type.Object({ revoked: Type.Optional(Type.Boolean()) }),
  item: TOKEN,
  sorts: ['id', 'name', 'role', 'createdBy', 'expiresMs', 'lastUsedMs'],
  example: { input: { revoked: false }, result: inventory },
  async read({ db }, { revoked }, page) {
    const wanted = (await viewTokens(db)).filter(
      (one) => revoked === undefined || (one.revokedMs !== null) === revoked,
    );
    return pageOfAll(wanted, page, (one) => one.id, { role: (one) => ROLES.indexOf(one.role) });
  },
});

const create = defineChange({
  id: 'tokens.create',
  method: 'POST',
  path: '/tokens',
  role: 'administrator',
  status: 201,
  isSecret: true,
  summary: 'Makes a token, which is shown this once',
  description:
    'It belongs to the account that makes it: it is good as long as that is enabled, and for no more than its role.',
  input: Type.Object({
    role,
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'What it is for.' })),
    scopes: Type.Optional(
      Type.Array(Type.String({ maxLength: 100 }), {
        minItems: 1,
        maxItems: 64,
        description:
          'Nouns, the first parts of operation ids such as computers.list; everything when left out.',
      }),
    ),
    expiresMs: Type.Optional(time('When it ends; never when left out.')),
  }),
  result: Type.Object({
    token: Type.String({ description: 'The token itself. It can never be read again.' }),
    ...TOKEN.properties,
  }),
  errors: ['OAK_TOKEN_REQUEST'],
  example: {
    input: { name: 'inventory', role: 'reader', scopes: ['computers', 'compliance'] },
    result: {
      token: 'oakum_uPTGlvVtLDBPlxpGX0sqOqdIuzFYKULzmrBX0hzM5L0',
      ...inventory,
      expiresMs: null,
      lastUsedMs: null,
    },
  },
  async run({ db, principal, nowMs, house }, { scopes, ...input }) {
    const known = scopes === undefined ? [] : await house.nouns();
    return createToken(db, principal, {
      ...input,
      nowMs,
      ...(scopes === undefined ? {} : { scopes: scopes.map((scope) => noun(scope, known)) }),
    });
  },
});

/** @throws OakumError OAK_TOKEN_REQUEST: a token for what is not there is one that nobody meant */
function noun(scope: string, known: readonly string[]): string {
  if (known.includes(scope)) return scope;
  const nearest = nearestName(scope, known);
  throw new OakumError('OAK_TOKEN_REQUEST', {
    detail: `There is no scope "${scope.slice(0, 32)}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

const revoke = defineChange({
  id: 'tokens.revoke',
  method: 'POST',
  path: '/tokens/{token}/revoke',
  role: 'administrator',
  summary: 'Makes a token void, from the next request on',
  input: Type.Object({
    token: named('Its number, or its name when no other token in force has it.'),
    dryRun,
  }),
  result: TOKEN,
  errors: ['OAK_TOKEN_UNKNOWN'],
  example: { input: { token: 'inventory' }, result: { ...inventory, revokedMs: 1_794_996_000_000 } },
  run: ({ db, principal, nowMs }, input) => revokeToken(db, principal, { ...input, nowMs }),
});

export const tokens = { list, create, revoke };
