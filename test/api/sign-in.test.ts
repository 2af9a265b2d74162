import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ensureFirstAdministrator } from '../../src/admin/identity/links.ts';
import { Value } from 'typebox/value';
import { PLAIN } from '../../src/api/plain-routes.ts';
import { AdminApp } from '../support/admin-app.ts';
import { codeAt } from '../support/identity.ts';
import { strictly } from '../support/strict-schema.ts';

const PASSWORD = 'rope tar hemp caulk';

interface Session {
  readonly csrfToken: string;
  readonly name: string;
  readonly role: string;
}

/** The cookie that an answer sets, as a browser sends it back. */
function cookieOf(headers: Readonly<Record<string, unknown>>): string {
  const set = headers['set-cookie'];
  const [first] = Array.isArray(set) ? (set as string[]) : [String(set)];
  return first.split(';', 1)[0];
}

async function withAdministrator(options: Parameters<typeof AdminApp.open>[0] = {}): Promise<AdminApp> {
  const app = await AdminApp.open(options);
  const link = await ensureFirstAdministrator(app.temp.db, app.temp.nowMs);
  const used = await app.ask('nobody', 'POST', '/session/link', {
    body: { link: link!.secret, name: 'kim', password: PASSWORD },
  });
  assert.equal(used.status, 201, used.text);
  return app;
}

const codeOf = ({ body }: { readonly body: unknown }): unknown => (body as { readonly code?: unknown }).code;

const signIn = (app: AdminApp, headers: Readonly<Record<string, string>> = {}, password = PASSWORD) =>
  app.ask('nobody', 'POST', '/session', { body: { name: 'kim', password }, headers });

describe('a session', () => {
  test('is a cookie that no script reads and no other site sends', async () => {
    await using app = await withAdministrator();
    const { headers } = await signIn(app);
    assert.match(String(headers['set-cookie']), /; HttpOnly/);
    assert.match(String(headers['set-cookie']), /; SameSite=Strict/);
    assert.match(String(headers['set-cookie']), /; Path=\//);
  });

  test('over TLS the cookie is for this host and for TLS only', async () => {
    await using app = await withAdministrator({ secure: true });
    const { headers } = await signIn(app);
    assert.match(String(headers['set-cookie']), /^__Host-oakum-session=/);
    assert.match(String(headers['set-cookie']), /; Secure/);
    assert.match(String(headers['strict-transport-security']), /max-age=\d+/);
  });

  test('looks at things, and changes them with its token only', async () => {
    await using app = await withAdministrator();
    const entered = await signIn(app);
    const cookie = cookieOf(entered.headers);
    const { csrfToken } = entered.body as Session;
    const create = (headers: Readonly<Record<string, string>>) =>
      app.ask('nobody', 'POST', '/groups', { body: { name: 'Berlin' }, headers });
    assert.equal((await app.ask('nobody', 'GET', '/groups', { headers: { cookie } })).status, 200);
    const unproven: Readonly<Record<string, string>>[] = [{ cookie }, { cookie, 'x-csrf-token': 'guessed' }];
    for (const headers of unproven) {
      const refused = await create(headers);
      assert.equal(refused.status, 403);
      assert.equal((refused.body as { readonly code: string }).code, 'OAK_CSRF');
    }
    const foreign = { cookie, 'x-csrf-token': csrfToken, 'sec-fetch-site': 'cross-site' };
    assert.equal((await create(foreign)).status, 403);
    assert.equal((await create({ cookie, 'x-csrf-token': csrfToken })).status, 201);
  });

  test('is never one that was there before somebody signed in', async () => {
    await using app = await withAdministrator();
    const planted = 'oakum-session=planted';
    const entered = await signIn(app, { cookie: planted });
    const cookie = cookieOf(entered.headers);
    assert.notEqual(cookie, planted);
    assert.equal((await app.ask('nobody', 'GET', '/session', { headers: { cookie: planted } })).status, 401);
    const again = await signIn(app, { cookie });
    assert.notEqual(cookieOf(again.headers), cookie);
    assert.equal((await app.ask('nobody', 'GET', '/session', { headers: { cookie } })).status, 401);
  });

  test('ends when it is told to', async () => {
    await using app = await withAdministrator();
    const entered = await signIn(app);
    const cookie = cookieOf(entered.headers);
    const headers = { cookie, 'x-csrf-token': (entered.body as Session).csrfToken };
    assert.equal((await app.ask('nobody', 'DELETE', '/session', { headers })).status, 200);
    assert.equal((await app.ask('nobody', 'GET', '/session', { headers })).status, 401);
  });

  test('guessing is slowed down, also for whoever guesses right in the end', async () => {
    await using app = await withAdministrator();
    const answers = [];
    for (let attempt = 0; attempt < 30; attempt++)
      answers.push((await signIn(app, {}, `wrong password ${attempt}`)).status);
    assert.ok(answers.includes(401));
    assert.equal(answers.at(-1), 429);
    assert.equal((await signIn(app)).status, 429);
    app.temp.nowMs += 24 * 3_600_000;
    assert.equal((await signIn(app)).status, 201);
  });

  test('who guesses is told apart by what a trusted proxy says, and by nothing else', async () => {
    let guesses = 0;
    const guess = async (app: AdminApp, address: string): Promise<number> => {
      const body = { name: `nobody-${(guesses += 1)}`, password: 'wrong password' };
      const headers = { 'x-forwarded-for': address };
      return (await app.ask('nobody', 'POST', '/session', { body, headers })).status;
    };
    const throttled = async (app: AdminApp): Promise<boolean> => {
      for (let attempt = 0; attempt < 25; attempt++) await guess(app, '192.0.2.7');
      return (await guess(app, '192.0.2.8')) === 429;
    };
    await using behind = await withAdministrator({ trustedProxies: ['127.0.0.1'] });
    assert.equal(await throttled(behind), false);
    await using direct = await withAdministrator();
    assert.equal(await throttled(direct), true);
  });

  test('neither passwords nor links nor sessions are in the log', async () => {
    await using app = await AdminApp.open();
    const link = await ensureFirstAdministrator(app.temp.db, app.temp.nowMs);
    await app.app.inject({ method: 'GET', url: `/setup?link=${link!.secret}` });
    const body = { link: link!.secret, name: 'kim', password: PASSWORD };
    const used = await app.ask('nobody', 'POST', '/session/link', { body });
    const entered = await signIn(app);
    const text = JSON.stringify(app.log);
    for (const secret of [link!.secret, PASSWORD, cookieOf(used.headers), cookieOf(entered.headers)])
      assert.ok(!text.includes(secret.replace(/^[^=]*=/, '')));
  });
});

test('every request is one line in the log, with the code of what it was refused for', async () => {
  await using app = await AdminApp.open();
  await app.ask('reader', 'GET', '/groups');
  await app.ask('nobody', 'GET', '/groups');
  await app.ask('operator', 'POST', '/groups', { body: { name: 'Pilot', parent: 'Nowhere' } });
  await app.app.inject({ method: 'GET', url: '/api/v1/computer?link=secret' });
  await app.app.inject({ method: 'GET', url: '/%' });
  assert.deepEqual(
    app.log.map(({ level, method, route, path, status, code }) => [
      level,
      method,
      route ?? path,
      status,
      code,
    ]),
    [
      [30, 'GET', '/api/v1/groups', 200, undefined],
      [40, 'GET', '/api/v1/groups', 401, 'OAK_SIGN_IN_REQUIRED'],
      [30, 'POST', '/api/v1/groups', 404, 'OAK_GROUP_UNKNOWN'],
      [30, 'GET', '/api/v1/computer', 404, 'OAK_HTTP_NOT_FOUND'],
      [30, 'GET', '/%', 400, 'OAK_HTTP_MALFORMED'],
    ],
  );
});

describe('a second factor', () => {
  test('is asked for as soon as the authenticator has proved that it works', async () => {
    await using app = await withAdministrator();
    const entered = await signIn(app);
    const headers = {
      cookie: cookieOf(entered.headers),
      'x-csrf-token': (entered.body as Session).csrfToken,
    };
    const own = (method: string, path: string, body?: unknown) =>
      app.ask('nobody', method, `/session${path}`, body === undefined ? { headers } : { headers, body });
    const begun = await own('POST', '/totp', { password: PASSWORD });
    const { secret } = begun.body as { readonly secret: string };
    assert.equal((await signIn(app)).status, 201);
    const confirmed = await own('POST', '/totp/confirm', { code: codeAt(secret, app.temp.nowMs) });
    assert.equal(confirmed.status, 200, confirmed.text);
    const shown = await own('GET', '');
    assert.ok(Value.Check(strictly(PLAIN.whoAmI.result), shown.body), shown.text);
    assert.equal((shown.body as { readonly totp: boolean }).totp, true);
    assert.equal(codeOf(await signIn(app)), 'OAK_TOTP_REQUIRED');
    app.temp.nowMs += 30_000;
    const code = codeAt(secret, app.temp.nowMs);
    const again = await app.ask('nobody', 'POST', '/session', {
      body: { name: 'kim', password: PASSWORD, code },
    });
    assert.equal(again.status, 201, again.text);
    const replayed = await app.ask('nobody', 'POST', '/session', {
      body: { name: 'kim', password: PASSWORD, code },
    });
    assert.equal(replayed.status, 401);
  });
});

describe('the page behind a one-time link', () => {
  test('can be looked at any number of times, and used once', async () => {
    await using app = await AdminApp.open();
    const { secret } = (await ensureFirstAdministrator(app.temp.db, app.temp.nowMs))!;
    const look = () => app.app.inject({ method: 'GET', url: `/setup?link=${secret}` });
    const use = () =>
      app.app.inject({
        method: 'POST',
        url: '/setup',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ link: secret, name: 'kim', password: PASSWORD }).toString(),
      });
    assert.equal((await look()).statusCode, 200);
    assert.match((await look()).payload, /<form method="post"/);
    const used = await use();
    assert.equal(used.statusCode, 200);
    assert.match(used.payload, /Welcome, kim/);
    const cookie = cookieOf(used.headers);
    const whoAmI = await app.ask('nobody', 'GET', '/session', { headers: { cookie } });
    assert.equal((whoAmI.body as Session).role, 'administrator');
    assert.equal((await use()).statusCode, 401);
    const late = await look();
    assert.equal(late.statusCode, 401);
    // In a browser, before somebody who does not read JSON.
    assert.match(String(late.headers['content-type']), /^text\/html/);
    assert.match(late.payload, /role="alert">The link is none of this server, was used, or is too old\. /);
  });

  test('says what is wrong with a password, and asks again', async () => {
    await using app = await AdminApp.open();
    const { secret } = (await ensureFirstAdministrator(app.temp.db, app.temp.nowMs))!;
    const weak = await app.app.inject({
      method: 'POST',
      url: '/setup',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ link: secret, name: '<b>', password: 'short' }).toString(),
    });
    assert.equal(weak.statusCode, 400);
    assert.match(weak.payload, /role="alert"/);
    assert.doesNotMatch(weak.payload, /<b>/);
    assert.match(weak.payload, /name="name" value="&#60;b&#62;"/);
    assert.doesNotMatch(weak.payload, /"short"/);
  });

  test('is used by no other site', async () => {
    await using app = await AdminApp.open();
    const { secret } = (await ensureFirstAdministrator(app.temp.db, app.temp.nowMs))!;
    const foreign = await app.app.inject({
      method: 'POST',
      url: '/setup',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      payload: new URLSearchParams({ link: secret, name: 'kim', password: PASSWORD }).toString(),
    });
    assert.equal(foreign.statusCode, 403);
  });
});

describe('a token', () => {
  test('that is none, or of another scheme, is refused', async () => {
    await using app = await AdminApp.open();
    for (const authorization of ['Bearer oakum_x', 'Basic a2ltOng=', 'Bearer', '']) {
      const answer = await app.ask('nobody', 'GET', '/groups', { headers: { authorization } });
      assert.equal(answer.status, 401, authorization);
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    }
  });
});

test('no answer may be framed, guessed at, kept or referred from', async () => {
  await using app = await AdminApp.open();
  for (const path of ['/groups', '/nothing']) {
    const { headers } = await app.ask('reader', 'GET', path);
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
});
