import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createToken } from '../../src/admin/identity/tokens.ts';
import { endJob, takeJob } from '../../src/store/jobs.ts';
import { AdminApp, type Answer } from '../support/admin-app.ts';

interface Job {
  readonly id: number;
  readonly result: unknown;
  readonly problem: { readonly code: string; readonly detail?: string } | null;
}

const codeOf = ({ body }: Answer): string => (body as { readonly code: string }).code;

describe('what came of a job', () => {
  /** A backup that was taken, and one that was refused. */
  async function withBackups(): Promise<AdminApp> {
    const app = await AdminApp.open();
    const { db, nowMs } = app.temp;
    for (const end of [
      { state: 'done', result: { path: '/secret/place' } } as const,
      { state: 'failed', errorCode: 'OAK_BACKUP_TARGET', errorDetail: '/secret/place' } as const,
    ]) {
      assert.equal((await app.ask('administrator', 'POST', '/backups', { body: {} })).status, 202);
      await endJob(db, (await takeJob(db, nowMs))!.id, end, nowMs);
    }
    return app;
  }

  test('is told to whoever may ask for the same', async () => {
    await using app = await withBackups();
    assert.match((await app.ask('administrator', 'GET', '/jobs/1')).text, /secret/);
    assert.match((await app.ask('administrator', 'GET', '/jobs/2')).text, /secret/);
  });

  test('is told to nobody else, wherever jobs are shown', async () => {
    await using app = await withBackups();
    const { db, nowMs } = app.temp;
    const scoped = await createToken(
      db,
      { name: 'test' },
      { role: 'administrator', scopes: ['jobs'], nowMs },
    );
    for (const path of ['/jobs', '/jobs/1', '/jobs/2', '/jobs/1/events', '/jobs?format=csv']) {
      for (const token of [app.token('operator'), scoped.token]) {
        const headers = { authorization: `Bearer ${token}` };
        const { status, text } = await app.ask('nobody', 'GET', path, { headers });
        assert.equal(status, 200, text);
        assert.doesNotMatch(text, /secret/, path);
      }
    }
    const { result, problem } = (await app.ask('reader', 'GET', '/jobs/2')).body as Job;
    assert.deepEqual([result, problem?.code, problem?.detail], [null, 'OAK_BACKUP_TARGET', undefined]);
  });
});

describe('a job', () => {
  test('is cancelled by those who may start it', async () => {
    await using app = await AdminApp.open();
    await app.ask('administrator', 'POST', '/backups', { body: {} });
    assert.equal(codeOf(await app.ask('operator', 'POST', '/jobs/1/cancel')), 'OAK_FORBIDDEN');
    assert.equal((await app.ask('administrator', 'POST', '/jobs/1/cancel')).status, 200);
  });

  test('works with no more rights than it takes', async () => {
    await using app = await AdminApp.open();
    await app.ask('administrator', 'POST', '/doctor', { body: {} });
    assert.equal((await takeJob(app.temp.db, app.temp.nowMs))!.role, 'reader');
  });

  test('finds a place although somebody else starts one after the other', async () => {
    await using app = await AdminApp.open();
    const examine = () => app.ask('reader', 'POST', '/doctor', { body: {} });
    let last = await examine();
    for (let count = 0; count < 100 && last.status === 202; count++) last = await examine();
    assert.equal(codeOf(last), 'OAK_JOBS_BUSY');
    assert.equal((await app.ask('operator', 'POST', '/content/verify', { body: {} })).status, 202);
  });

  test('is followed by many at once, not by any number', async () => {
    await using app = await AdminApp.open();
    await app.ask('reader', 'POST', '/doctor', { body: {} });
    const follow = () => app.ask('reader', 'GET', '/jobs/1/events');
    const following = Array.from({ length: 120 }, follow);
    const { db, nowMs } = app.temp;
    const first = await Promise.race(following);
    assert.equal(codeOf(first), 'OAK_SERVER_BUSY');
    await endJob(db, 1, { state: 'done', result: {} }, nowMs);
    const all = await Promise.all(following);
    assert.equal(all.filter(({ status }) => status === 200).length, 100);
    // Those that left make room.
    assert.equal((await follow()).status, 200);
    assert.equal((await app.ask('reader', 'HEAD', '/jobs/1/events')).text, '');
  });
});

describe('whoever has no name', () => {
  test('has no body read', async () => {
    await using app = await AdminApp.open();
    const headers = { 'content-type': 'application/json' };
    for (const path of ['/groups', '/session/password', '/imports'])
      assert.equal((await app.ask('nobody', 'POST', path, { headers, body: '{' })).status, 401, path);
    const long = JSON.stringify({ name: 'kim', password: 'x'.repeat(20_000) });
    assert.equal((await app.ask('nobody', 'POST', '/session', { headers, body: long })).status, 413);
  });

  test('does not make the page of a link fail with what is no text', async () => {
    await using app = await AdminApp.open();
    const looked = await app.app.inject({ method: 'GET', url: '/setup?link=a&link=b' });
    assert.equal(looked.statusCode, 401);
    for (const payload of [{ link: { a: 1 }, password: 5, name: [] }, [1], 'null', '5']) {
      const headers = { 'content-type': 'application/json' };
      const used = await app.app.inject({ method: 'POST', url: '/setup', headers, payload });
      assert.equal(used.statusCode, 401);
    }
  });

  test('is answered in problems, whatever the address', async () => {
    await using app = await AdminApp.open();
    for (const url of ['/api/v1/groups/%ED%A0%80', '/%', '/setup/%C0%AF']) {
      const { statusCode, headers, payload } = await app.app.inject({ method: 'GET', url });
      assert.equal(statusCode, 400, url);
      assert.match(String(headers['content-type']), /^application\/problem\+json/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal((JSON.parse(payload) as { readonly code: string }).code, 'OAK_HTTP_MALFORMED');
    }
  });
});

test('a setting that is not there, or takes no such value, is the mistake of whoever asks', async () => {
  await using app = await AdminApp.open();
  for (const key of ['sync.pageUpdate', '__proto__', 'constructor', 'toString']) {
    const path = `/settings/${key}`;
    assert.equal((await app.ask('reader', 'GET', path)).status, 404, key);
    assert.equal((await app.ask('administrator', 'PUT', path, { body: { value: 1 } })).status, 404, key);
    assert.equal((await app.ask('administrator', 'DELETE', path)).status, 404, key);
  }
  const body = { value: 'many' };
  assert.equal((await app.ask('administrator', 'PUT', '/settings/sync.pageUpdates', { body })).status, 400);
});

describe('where two people approve for everybody', () => {
  const withTwoPeople = (): Promise<AdminApp> =>
    AdminApp.open({}, [{ key: 'approvals.secondPerson', value: true, source: 'store' }]);

  test('an operator makes no rule and no ring that needs nobody', async () => {
    await using app = await withTwoPeople();
    const rule = { groups: ['All Computers'] };
    const ring = { name: 'R', steps: [{ group: 'Unassigned Computers' }, { group: 'All Computers' }] };
    await app.ask('operator', 'POST', '/rules', {
      body: { name: 'narrow', groups: ['Unassigned Computers'] },
    });
    const batch = { items: [{ operation: 'rules.add', input: { name: 'all', ...rule } }] };
    for (const asked of [
      app.ask('operator', 'POST', '/rules', { body: { name: 'all', ...rule } }),
      app.ask('operator', 'PATCH', '/rules/narrow', { body: rule }),
      app.ask('operator', 'POST', '/rings', { body: ring }),
    ])
      assert.equal(codeOf(await asked), 'OAK_FORBIDDEN');
    assert.match((await app.ask('operator', 'POST', '/batch', { body: batch })).text, /OAK_FORBIDDEN/);
    const rules = (await app.ask('reader', 'GET', '/rules?fields=name,groups')).body;
    assert.deepEqual(rules, {
      items: [{ name: 'narrow', groups: ['Unassigned Computers'] }],
      next: null,
    });
  });

  test('an administrator does, and an operator what keeps updates off', async () => {
    await using app = await withTwoPeople();
    const body = { name: 'all', groups: ['All Computers'] };
    assert.equal((await app.ask('administrator', 'POST', '/rules', { body })).status, 201);
    const off = { ...body, name: 'off', action: 'not-approved' };
    assert.equal((await app.ask('operator', 'POST', '/rules', { body: off })).status, 201);
  });
});
