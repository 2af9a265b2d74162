import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TempStore } from '../../../test/support/temp-store.ts';
import { listAudit } from '../../store/audit.ts';
import { createAccount, disableAccount, enableAccount, removeAccount, setAccountRole } from './accounts.ts';
import { authenticate, requireMayCall } from './authenticate.ts';
import { mayCall, ROLES, type Principal } from './roles.ts';
import { requireCsrf } from './sessions.ts';
import { createToken, revokeToken, viewTokens } from './tokens.ts';

const caller = { name: 'test' };
const DAY_MS = 24 * 60 * 60_000;

test('a token is shown once, stored as a hash and known again', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const { token, id } = await createToken(db, caller, { role: 'operator', name: 'ci', nowMs });
  assert.match(token, /^oakum_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(await authenticate(db, { bearer: token }, nowMs), {
    name: `ci (token ${id})`,
    role: 'operator',
    kind: 'token',
  });
  const secret = token.slice('oakum_'.length);
  const stored = JSON.stringify([await db.selectFrom('token').selectAll().execute(), await viewTokens(db)]);
  assert.ok(!stored.includes(secret));
  assert.ok(!JSON.stringify(await listAudit(db, {})).includes(secret));
});

test('whatever is no token of this server is refused alike', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const { token } = await createToken(db, caller, { role: 'reader', nowMs });
  const invalid = { code: 'OAK_TOKEN_INVALID' };
  const odd = [
    '',
    'x',
    token.slice(0, -1),
    `${token}x`,
    token.toUpperCase(),
    `${token}\n`,
    'oakum_'.padEnd(1e6, 'x'),
  ];
  for (const bearer of odd) await assert.rejects(authenticate(db, { bearer }, nowMs), invalid);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), (bearer) =>
      assert.rejects(authenticate(db, { bearer }, nowMs), invalid),
    ),
    { numRuns: 50 },
  );
  await assert.rejects(authenticate(db, {}, nowMs), { code: 'OAK_SIGN_IN_REQUIRED' });
});

test('a token is good until it ends or is revoked', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const made = await createToken(db, caller, { role: 'reader', expiresMs: nowMs + DAY_MS, nowMs });
  await authenticate(db, { bearer: made.token }, nowMs + DAY_MS - 1);
  await assert.rejects(authenticate(db, { bearer: made.token }, nowMs + DAY_MS), {
    code: 'OAK_TOKEN_EXPIRED',
  });
  const other = await createToken(db, caller, { role: 'reader', name: 'ci', nowMs });
  await revokeToken(db, caller, { token: 'ci', nowMs });
  await assert.rejects(authenticate(db, { bearer: other.token }, nowMs), { code: 'OAK_TOKEN_INVALID' });
  await assert.rejects(revokeToken(db, caller, { token: String(other.id), nowMs }), {
    code: 'OAK_TOKEN_UNKNOWN',
  });
});

test('a name that several tokens have revokes none of them', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const { id } = await createToken(db, caller, { role: 'reader', name: 'ci', nowMs });
  await createToken(db, caller, { role: 'reader', name: 'ci', nowMs });
  await assert.rejects(revokeToken(db, caller, { token: 'ci', nowMs }), { code: 'OAK_TOKEN_UNKNOWN' });
  await revokeToken(db, caller, { token: String(id), nowMs });
  const inForce = (await viewTokens(db)).filter((one) => one.revokedMs === null);
  assert.equal(inForce.length, 1);
});

test('its use is written down at most once a minute', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const { token } = await createToken(db, caller, { role: 'reader', nowMs });
  const used: (number | null | undefined)[] = [];
  for (const afterMs of [0, 59_999, 60_000, 61_000]) {
    await authenticate(db, { bearer: token }, nowMs + afterMs);
    used.push((await viewTokens(db))[0]?.lastUsedMs);
  }
  assert.deepEqual(used, [nowMs, nowMs, nowMs + 60_000, nowMs + 60_000]);
});

test('a token goes no further than the account that made it', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  await createAccount(db, caller, { name: 'anna', role: 'administrator', nowMs });
  const { id } = await createAccount(db, caller, { name: 'berta', role: 'administrator', nowMs });
  const berta: Principal = { name: 'berta', role: 'administrator', kind: 'session', accountId: id };
  const { token } = await createToken(db, berta, { role: 'administrator', nowMs });
  const role = async (): Promise<string> => (await authenticate(db, { bearer: token }, nowMs)).role;
  assert.equal(await role(), 'administrator');
  await setAccountRole(db, caller, { name: 'berta', role: 'reader', nowMs });
  assert.equal(await role(), 'reader');
  await disableAccount(db, caller, { name: 'berta', nowMs });
  await assert.rejects(role(), { code: 'OAK_TOKEN_INVALID' });
  await enableAccount(db, caller, { name: 'berta', nowMs });
  assert.equal(await role(), 'reader');
  await removeAccount(db, caller, { name: 'berta', nowMs });
  await assert.rejects(role(), { code: 'OAK_TOKEN_INVALID' });
});

test('a token makes no token that may do more, or lasts longer', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const request = {
    role: 'administrator',
    scopes: ['tokens', 'groups'],
    expiresMs: nowMs + DAY_MS,
    nowMs,
  } as const;
  const made = await createToken(db, caller, request);
  const maker = await authenticate(db, { bearer: made.token }, nowMs);
  const beyond = [
    { ...request, scopes: ['computers'] },
    { ...request, scopes: undefined },
    { ...request, expiresMs: nowMs + DAY_MS + 1 },
    { ...request, expiresMs: undefined },
  ].map(({ scopes, expiresMs, ...rest }) => ({
    ...rest,
    ...(scopes === undefined ? {} : { scopes }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  }));
  for (const one of beyond) await assert.rejects(createToken(db, maker, one), { code: 'OAK_FORBIDDEN' });
  const operator: Principal = { name: 'x', role: 'operator', kind: 'token' };
  await assert.rejects(createToken(db, operator, { role: 'administrator', nowMs }), {
    code: 'OAK_FORBIDDEN',
  });
  assert.equal((await createToken(db, maker, { ...request, scopes: ['groups'] })).createdBy, maker.name);
});

test('a token that makes no sense is not made', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const odd = [
    { name: '' },
    { name: 'a\u0000b' },
    { name: 'anna (token 1)' },
    { name: 'x'.repeat(65) },
    { scopes: [] },
    { scopes: ['Computers!'] },
    { scopes: Array.from({ length: 65 }, (_, index) => `a${index}`) },
    { expiresMs: nowMs },
    { expiresMs: Number.NaN },
  ];
  for (const one of odd) {
    await assert.rejects(createToken(db, caller, { role: 'reader', nowMs, ...one }), {
      code: 'OAK_TOKEN_REQUEST',
    });
  }
});

test('role and scope both decide what a token may call', () => {
  const operations = ROLES.flatMap((role) => [
    { id: 'computers.list', role },
    { id: 'computersOther.list', role },
  ]);
  for (const [have, role] of ROLES.entries()) {
    const everything: Principal = { name: 'x', role, kind: 'token' };
    const limited: Principal = { ...everything, scopes: ['computers'] };
    for (const operation of operations) {
      const isEnough = have >= ROLES.indexOf(operation.role);
      assert.equal(mayCall(everything, operation), isEnough);
      assert.equal(mayCall(limited, operation), isEnough && operation.id === 'computers.list');
      if (mayCall(limited, operation)) requireMayCall(limited, operation);
      else assert.throws(() => requireMayCall(limited, operation), { code: 'OAK_FORBIDDEN' });
    }
  }
});

test('a request with a token needs no CSRF token', () => {
  requireCsrf({ name: 'x', role: 'reader', kind: 'token' }, undefined);
});
