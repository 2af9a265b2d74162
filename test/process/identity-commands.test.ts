import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { authenticate } from '../../src/admin/identity/authenticate.ts';
import { redeemLink } from '../../src/admin/identity/links.ts';
import { signIn } from '../../src/admin/identity/sign-in.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { CHEAP_PASSWORDS } from '../support/identity.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/oakum.js', import.meta.url));
const PASSWORD = 'correct horse battery';

function oakum(
  folder: string,
  args: readonly string[],
  input = '',
): { readonly code: number | null; readonly out: string; readonly error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args, '--data', folder], {
    input,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, error: stderr };
}

function done(folder: string, args: readonly string[], input = ''): void {
  const { code, error } = oakum(folder, args, input);
  assert.equal(code, 0, error);
}

function json(folder: string, args: readonly string[], input = ''): unknown {
  const { code, out, error } = oakum(folder, [...args, '--json'], input);
  assert.equal(code, 0, error);
  return JSON.parse(out) as unknown;
}

async function onStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ dataFolder: folder, now: Date.now });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

test('a token is made while the server runs, is good at once, and is void once revoked', async (t) => {
  const folder = temporaryFolder(t);
  const server = new OakumProcess(t, ['serve', '--data', folder, '--set', 'listen=127.0.0.1:0']);
  await server.ready();
  const args = ['token', 'create', '--role', 'operator', '--name', 'ci', '--scope', 'computers', 'groups'];
  const made = json(folder, [...args, '--expires-days', '30']) as { readonly token: string };
  const who = await onStore(folder, ({ db }) => authenticate(db, { bearer: made.token }, Date.now()));
  assert.deepEqual([who.role, who.scopes], ['operator', ['computers', 'groups']]);
  const list = oakum(folder, ['token', 'list']);
  assert.match(list.out, /ci +operator +computers groups/);
  assert.ok(!list.out.includes(made.token) && !JSON.stringify(json(folder, ['token'])).includes(made.token));
  done(folder, ['token', 'revoke', 'ci']);
  await onStore(folder, ({ db }) =>
    assert.rejects(authenticate(db, { bearer: made.token }, Date.now()), { code: 'OAK_TOKEN_INVALID' }),
  );
});

test('a mistyped role or number of days makes no token and no store', (t) => {
  const folder = temporaryFolder(t);
  assert.match(oakum(folder, ['token', 'create', '--role', 'root']).error, /OAK_ROLE_UNKNOWN/);
  const days = oakum(folder, ['token', 'create', '--role', 'reader', '--expires-days', '0']);
  assert.match(days.error, /whole number of days/);
  assert.match(oakum(folder, ['token', 'list']).error, /OAK_STORE_MISSING/);
});

test('a token can be made before the first start of the server, for which it is good then', async (t) => {
  const folder = temporaryFolder(t);
  const { token } = json(folder, ['token', 'create', '--role', 'reader']) as { readonly token: string };
  const listen = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'];
  const server = new OakumProcess(t, ['serve', '--data', folder, '--json', ...listen]);
  await server.ready();
  const { admin } = JSON.parse(server.output.split('\n')[0]) as { readonly admin: string };
  const answer = await fetch(`${admin}/api/v1/groups`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
});

test('accounts are made, changed and deleted, with passwords from standard input', async (t) => {
  const folder = temporaryFolder(t);
  done(folder, ['sample']);
  const first = json(folder, ['users', 'link']) as { readonly secret: string };
  const use = { secret: first.secret, name: 'anna', password: PASSWORD, address: '::1', nowMs: Date.now() };
  await onStore(folder, ({ db }) => redeemLink(db, use, CHEAP_PASSWORDS));

  const create = ['users', 'create', 'berta', '--role', 'operator', '--password'];
  assert.match(oakum(folder, create, 'short\n').error, /OAK_PASSWORD_WEAK/);
  assert.match(oakum(folder, create).error, /OAK_PASSWORD_WEAK/);
  done(folder, create, `${PASSWORD}\n`);
  const enter = (password: string): Promise<unknown> =>
    onStore(folder, ({ db }) => signIn(db, { name: 'berta', password, address: '::1', nowMs: Date.now() }));
  await enter(PASSWORD);
  done(folder, ['users', 'set-password', 'berta'], 'another horse battery\r\n');
  await enter('another horse battery');
  await assert.rejects(enter(PASSWORD), { code: 'OAK_SIGN_IN_FAILED' });

  assert.match(oakum(folder, ['users', 'delete', 'anna']).error, /OAK_ACCOUNT_LAST/);
  assert.match(oakum(folder, ['users', 'set-role', 'berta', 'administrator', '--dry-run']).out, /^dry run: /);
  done(folder, ['users', 'set-role', 'berta', 'administrator']);
  done(folder, ['users', 'disable', 'anna']);
  done(folder, ['users', 'enable', 'anna']);
  done(folder, ['users', 'delete', 'anna']);
  assert.match(oakum(folder, ['users', 'reset-totp', 'berta']).error, /OAK_TOTP_STATE/);
  const left = json(folder, ['users']) as readonly { readonly name: string; readonly role: string }[];
  assert.deepEqual(
    left.map(({ name, role }) => [name, role]),
    [['berta', 'administrator']],
  );
  assert.match(
    oakum(folder, ['users', 'link', 'berta']).out,
    /^http:\/\/127\.0\.0\.1:8540\/setup\?link=[A-Za-z0-9_-]{43}\n$/,
  );
});
