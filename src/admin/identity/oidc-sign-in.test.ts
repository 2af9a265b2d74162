import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oidcOptions, OidcServer, type OidcServerOptions } from '../../../test/support/oidc-server.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { accountByName } from '../../store/accounts.ts';
import { listAudit } from '../../store/audit.ts';
import {
  createAccount,
  disableAccount,
  setAccountPassword,
  setAccountRole,
  viewAccounts,
} from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { createLink } from './links.ts';
import { OidcProvider, type OidcOptions } from './oidc-provider.ts';
import { beginOidc, completeOidc, type OidcBegin } from './oidc-sign-in.ts';
import type { SignedIn } from './sessions.ts';
import { createToken } from './tokens.ts';

const caller = { name: 'test' };
const REDIRECT = 'http://127.0.0.1:8540/api/v1/oidc/callback';

/** A store, a provider, and a browser between them. */
class Scene implements AsyncDisposable {
  readonly temp: TempStore;
  readonly server: OidcServer;
  readonly provider: OidcProvider;

  private constructor(temp: TempStore, server: OidcServer, change: Partial<OidcOptions>) {
    this.temp = temp;
    this.server = server;
    this.provider = new OidcProvider(oidcOptions(server.issuer, change));
  }

  static async set(
    change: Partial<OidcOptions> = {},
    server: Partial<OidcServerOptions> = {},
  ): Promise<Scene> {
    const temp = await TempStore.open();
    return new Scene(temp, await OidcServer.start({ redirectUri: REDIRECT, ...server }), change);
  }

  is(sub: string, claims: Readonly<Record<string, unknown>>): void {
    this.server.person = { sub, claims };
  }

  begin(returnTo?: string): Promise<OidcBegin> {
    const { db, nowMs } = this.temp;
    return beginOidc(db, this.provider, {
      redirectUri: REDIRECT,
      nowMs,
      ...(returnTo === undefined ? {} : { returnTo }),
    });
  }

  visit(url: string): Promise<string> {
    return this.server.visit(url, REDIRECT);
  }

  complete(query: string, binding: string | undefined): ReturnType<typeof completeOidc> {
    const { db, nowMs } = this.temp;
    return completeOidc(db, this.provider, { query, binding, address: '192.0.2.7', nowMs });
  }

  async signIn(): Promise<SignedIn> {
    const { url, binding } = await this.begin();
    return this.complete(await this.visit(url), binding);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.temp[Symbol.asyncDispose]();
  }
}

test('somebody whom the provider gives a role gets an account and a session', async (t) => {
  for (const claimsInIdToken of [true, false]) {
    await t.test(claimsInIdToken ? 'by the ID token' : 'by user info', async () => {
      await using scene = await Scene.set({}, { claimsInIdToken });
      scene.is('subject-1', { preferred_username: 'Anna', roles: ['x', 'r', 'root'] });
      const { url, binding } = await scene.begin('/computers?view=all');
      const sent = new URL(url).searchParams;
      assert.deepEqual(
        ['response_type', 'code_challenge_method', 'scope'].map((name) => sent.get(name)),
        ['code', 'S256', 'openid profile'],
      );
      assert.ok((sent.get('state') ?? '').length > 30 && (sent.get('nonce') ?? '').length > 30);
      const { sessionId, principal, returnTo } = await scene.complete(await scene.visit(url), binding);
      assert.equal(returnTo, '/computers?view=all');
      assert.deepEqual([principal.name, principal.role], ['Anna', 'administrator']);
      const { db, nowMs } = scene.temp;
      assert.deepEqual(await authenticate(db, { session: sessionId }, nowMs), principal);
      assert.equal((await viewAccounts(db))[0]?.signsInBy, 'oidc');
    });
  }
});

test('the role follows the provider at each sign-in, and sessions in the old one end', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  scene.is('1', { preferred_username: 'anna', roles: ['a'] });
  const first = await scene.signIn();
  scene.is('1', { preferred_username: 'anna.new', roles: 'o' });
  const second = await scene.signIn();
  assert.deepEqual([second.principal.name, second.principal.role], ['anna.new', 'operator']);
  assert.equal(second.principal.accountId, first.principal.accountId);
  await assert.rejects(authenticate(db, { session: first.sessionId }, nowMs), {
    code: 'OAK_SIGN_IN_REQUIRED',
  });
  assert.equal((await listAudit(db, { action: 'account.follow' })).length, 1);
});

test('tokens of whoever lost the last role are void', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  scene.is('1', { preferred_username: 'anna', roles: ['a'] });
  const { principal } = await scene.signIn();
  const { token } = await createToken(db, principal, { role: 'administrator', nowMs });
  const { token: other } = await createToken(db, caller, { role: 'reader', nowMs });
  scene.is('1', { preferred_username: 'anna' });
  await assert.rejects(scene.signIn(), { code: 'OAK_OIDC_ROLE' });
  await assert.rejects(authenticate(db, { bearer: token }, nowMs), { code: 'OAK_TOKEN_INVALID' });
  assert.equal((await authenticate(db, { bearer: other }, nowMs)).role, 'reader');
});

test('nobody without a mapped role gets in, and whoever lost the last one is signed out', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  scene.is('1', { preferred_username: 'anna', roles: ['a'] });
  const { sessionId } = await scene.signIn();
  const odd = [undefined, [], '', ['A', 'admin'], [['a']], { a: true }, 5, 'a,r'];
  for (const roles of odd) {
    scene.is('1', { preferred_username: 'anna', ...(roles === undefined ? {} : { roles }) });
    await assert.rejects(scene.signIn(), { code: 'OAK_OIDC_ROLE' }, JSON.stringify(roles));
  }
  await assert.rejects(authenticate(db, { session: sessionId }, nowMs), { code: 'OAK_SIGN_IN_REQUIRED' });
  scene.is('2', { preferred_username: 'berta' });
  await assert.rejects(scene.signIn(), { code: 'OAK_OIDC_ROLE' });
  assert.equal(await accountByName(db, 'berta'), undefined);
});

test('the claim may lie inside another one', async () => {
  await using scene = await Scene.set({ roleClaim: 'realm_access.roles', nameClaim: 'nickname' });
  scene.is('subject-1', { realm_access: { roles: ['o'] } });
  const { principal } = await scene.signIn();
  assert.deepEqual([principal.name, principal.role], ['subject-1', 'operator']);
});

test('a name at the provider takes over no account that is there', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  await createAccount(db, caller, { name: 'Anna', role: 'administrator', nowMs });
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  await assert.rejects(scene.signIn(), { code: 'OAK_ACCOUNT_EXISTS' });
  scene.is('1', { preferred_username: 'anna2', roles: ['r'] });
  await scene.signIn();
  scene.is('1', { preferred_username: 'Anna', roles: ['r'] });
  assert.equal((await scene.signIn()).principal.name, 'anna2');
  scene.is('3', { preferred_username: 'root@localhost', roles: ['r'] });
  await assert.rejects(scene.signIn(), { code: 'OAK_ACCOUNT_NAME' });
});

test('a disabled account does not get in by the provider', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  await scene.signIn();
  await disableAccount(db, caller, { name: 'anna', nowMs });
  await assert.rejects(scene.signIn(), { code: 'OAK_SIGN_IN_FAILED' });
});

test('what the provider decides is not decided here', async () => {
  await using scene = await Scene.set();
  const { db, nowMs } = scene.temp;
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  await scene.signIn();
  const external = { code: 'OAK_ACCOUNT_EXTERNAL' };
  await assert.rejects(setAccountRole(db, caller, { name: 'anna', role: 'operator', nowMs }), external);
  const password = 'correct horse battery';
  await assert.rejects(setAccountPassword(db, caller, { name: 'anna', password, nowMs }), external);
  await assert.rejects(createLink(db, caller, { name: 'anna', nowMs }), external);
});

test('a state that is not ours, was used, or is too old is refused', async () => {
  await using scene = await Scene.set();
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  const refused = { code: 'OAK_OIDC_STATE' };
  const { url, binding } = await scene.begin();
  const query = await scene.visit(url);
  const other = new URLSearchParams(query);
  other.set('state', 'x'.repeat(43));
  await assert.rejects(scene.complete(other.toString(), binding), refused);
  await assert.rejects(scene.complete('', binding), refused);
  await scene.complete(query, binding);
  await assert.rejects(scene.complete(query, binding), refused, 'used');
  const slow = await scene.begin();
  const late = await scene.visit(slow.url);
  scene.temp.nowMs = slow.expiresMs;
  await assert.rejects(scene.complete(late, slow.binding), refused, 'too old');
});

test('a sign-in that another browser began is refused', async () => {
  await using scene = await Scene.set();
  scene.is('mallory', { preferred_username: 'mallory', roles: ['r'] });
  const [attacker, victim] = [await scene.begin(), await scene.begin()];
  for (const binding of [victim.binding, undefined]) {
    const { url } = binding === undefined ? victim : attacker;
    const query = await scene.visit(url);
    await assert.rejects(scene.complete(query, binding), { code: 'OAK_OIDC_STATE' });
  }
  assert.equal(await scene.temp.count('session'), 0);
});

test('a code of another sign-in is refused', async () => {
  await using scene = await Scene.set();
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  const [first, second, third] = [await scene.begin(), await scene.begin(), await scene.begin()];
  const one = new URLSearchParams(await scene.visit(first.url));
  const other = new URLSearchParams(await scene.visit(second.url));
  // Injected: its verifier does not fit (RFC 7636).
  const injected = new URLSearchParams(other);
  injected.set('code', one.get('code') ?? '');
  await assert.rejects(scene.complete(injected.toString(), second.binding), { code: 'OAK_OIDC_REFUSED' });
  // Replayed with a fresh state.
  const fresh = new URLSearchParams(await scene.visit(third.url));
  await scene.complete(fresh.toString(), third.binding);
  const again = await scene.begin();
  const replayed = new URLSearchParams(await scene.visit(again.url));
  replayed.set('code', fresh.get('code') ?? '');
  await assert.rejects(scene.complete(replayed.toString(), again.binding), { code: 'OAK_OIDC_REFUSED' });
});

test('an ID token with another nonce is refused', async () => {
  await using scene = await Scene.set();
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  const { url, binding } = await scene.begin();
  const changed = new URL(url);
  changed.searchParams.set('nonce', 'another');
  const query = await scene.visit(changed.href);
  await assert.rejects(scene.complete(query, binding), { code: 'OAK_OIDC_ANSWER' });
  assert.equal(await scene.temp.count('account'), 0);
});

test('an answer in the name of another issuer is refused (RFC 9207)', async () => {
  await using scene = await Scene.set();
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  const { url, binding } = await scene.begin();
  const query = new URLSearchParams(await scene.visit(url));
  query.set('iss', 'http://127.0.0.1:1');
  await assert.rejects(scene.complete(query.toString(), binding), { code: 'OAK_OIDC_ANSWER' });
});

test('a refusal of the provider is told in its word, and other texts of it are not', async () => {
  await using scene = await Scene.set();
  for (const [error, message] of [
    ['access_denied', /It says access_denied\.$/],
    ['<script>', /refused\.$/],
  ] as const) {
    const { url, binding } = await scene.begin();
    const state = new URL(url).searchParams.get('state') ?? '';
    const { issuer } = scene.server;
    const query = new URLSearchParams({
      error,
      error_description: 'call 555',
      state,
      iss: issuer,
    }).toString();
    await assert.rejects(scene.complete(query, binding), { code: 'OAK_OIDC_REFUSED', message });
  }
});

test('a wrong client secret is a refusal', async () => {
  await using scene = await Scene.set({ clientSecret: 'wrong' });
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  await assert.rejects(scene.signIn(), { code: 'OAK_OIDC_REFUSED' });
});

test('one goes on at a page of this server only', async () => {
  await using scene = await Scene.set();
  scene.is('1', { preferred_username: 'anna', roles: ['r'] });
  for (const returnTo of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/a\r\nb',
    'javascript:x',
  ]) {
    const { url, binding } = await scene.begin(returnTo);
    assert.equal((await scene.complete(await scene.visit(url), binding)).returnTo, '/', returnTo);
  }
});
