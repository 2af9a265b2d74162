import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { viewAudit } from '../../src/admin/audit.ts';
import { AdminApp } from '../support/admin-app.ts';

const codeOf = (body: unknown): string => (body as { readonly code: string }).code;

describe('If-Match', () => {
  test('a change is made when it is about what was read', async () => {
    await using app = await AdminApp.open();
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' } });
    const { headers } = await app.ask('reader', 'GET', '/groups/Berlin');
    const changed = await app.ask('operator', 'PATCH', '/groups/Berlin', {
      body: { name: 'Rostock' },
      headers: { 'if-match': String(headers['etag']) },
    });
    assert.equal(changed.status, 200);
  });

  test('a change is refused when somebody was faster', async () => {
    await using app = await AdminApp.open();
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' } });
    const { headers } = await app.ask('reader', 'GET', '/groups/Berlin');
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Mitte', parent: 'Berlin' } });
    await app.ask('operator', 'POST', '/groups/Berlin/move', { body: { parent: 'All Computers' } });
    await app.ask('operator', 'PATCH', '/groups/Berlin', { body: { name: 'BERLIN' } });
    const refused = await app.ask('operator', 'DELETE', '/groups/Berlin', {
      headers: { 'if-match': String(headers['etag']) },
    });
    assert.equal(refused.status, 412);
    assert.equal(codeOf(refused.body), 'OAK_PRECONDITION');
    assert.equal((await app.ask('reader', 'GET', '/groups/Berlin')).status, 200);
  });

  test('what is known already is not sent again', async () => {
    await using app = await AdminApp.open();
    const path = '/groups/All%20Computers';
    const first = await app.ask('reader', 'GET', path);
    const tag = String(first.headers['etag']);
    const second = await app.ask('reader', 'GET', path, { headers: { 'if-none-match': `"x", W/${tag}` } });
    assert.equal(second.status, 304);
    assert.equal(second.text, '');
  });
});

describe('Idempotency-Key', () => {
  test('the same change sent again is made once and answered the same', async () => {
    await using app = await AdminApp.open();
    const send = () =>
      app.ask('operator', 'POST', '/groups', {
        body: { name: 'Berlin' },
        headers: { 'idempotency-key': 'c0ffee' },
      });
    const [first, second] = [await send(), await send()];
    assert.equal(first.status, 201);
    assert.equal(second.status, 201);
    assert.equal(second.text, first.text);
    assert.equal(second.headers['idempotency-replayed'], 'true');
  });

  test('the same key with another change is refused, and the key of somebody else is another one', async () => {
    await using app = await AdminApp.open();
    const headers = { 'idempotency-key': 'c0ffee' };
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' }, headers });
    const other = await app.ask('operator', 'POST', '/groups', { body: { name: 'Rostock' }, headers });
    assert.equal(codeOf(other.body), 'OAK_IDEMPOTENCY_REUSED');
    const mine = await app.ask('administrator', 'POST', '/groups', { body: { name: 'Rostock' }, headers });
    assert.equal(mine.status, 201);
  });

  test('what failed is tried again', async () => {
    await using app = await AdminApp.open();
    const headers = { 'idempotency-key': 'c0ffee' };
    const body = { name: 'Mitte', parent: 'Berlin' };
    assert.equal((await app.ask('operator', 'POST', '/groups', { body, headers })).status, 404);
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' } });
    assert.equal((await app.ask('operator', 'POST', '/groups', { body, headers })).status, 201);
  });

  test('a key is good for a day', async () => {
    await using app = await AdminApp.open();
    const headers = { 'idempotency-key': 'c0ffee' };
    await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' }, headers });
    app.temp.nowMs += 25 * 3_600_000;
    await app.ask('operator', 'POST', '/groups', {
      body: { name: 'Rostock' },
      headers: { 'idempotency-key': 'other' },
    });
    const again = await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' }, headers });
    assert.equal(again.status, 409);
  });

  test('a key that is none is refused', async () => {
    await using app = await AdminApp.open();
    const headers = { 'idempotency-key': 'two words' };
    const refused = await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' }, headers });
    assert.equal(codeOf(refused.body), 'OAK_IDEMPOTENCY_KEY');
  });
});

describe('a batch', () => {
  const items = ['Berlin', 'All Computers', 'Rostock'].map((name) => ({
    operation: 'groups.create',
    input: { name },
  }));
  const statuses = (body: unknown): number[] =>
    (body as { readonly items: readonly { readonly status: number }[] }).items.map(({ status }) => status);

  test('does what can be done and says what became of each', async () => {
    await using app = await AdminApp.open();
    const answer = await app.ask('operator', 'POST', '/batch', { body: { items } });
    assert.deepEqual(statuses(answer.body), [201, 409, 201]);
    assert.equal((await app.ask('reader', 'GET', '/groups/Rostock')).status, 200);
  });

  test('does nothing of it when it is all or nothing', async () => {
    await using app = await AdminApp.open();
    const answer = await app.ask('operator', 'POST', '/batch', { body: { items, together: true } });
    assert.deepEqual(statuses(answer.body), [424, 409, 424]);
    assert.equal((answer.body as { readonly done: boolean }).done, false);
    assert.equal((await app.ask('reader', 'GET', '/groups/Rostock')).status, 404);
  });

  test('takes the role that each of it takes alone', async () => {
    await using app = await AdminApp.open();
    const answer = await app.ask('reader', 'POST', '/batch', { body: { items } });
    assert.deepEqual(statuses(answer.body), [403, 403, 403]);
  });

  test('knows nothing that is not an operation', async () => {
    await using app = await AdminApp.open();
    for (const operation of ['batch.run', 'groups.list', '__proto__', 'groups.burn']) {
      const answer = await app.ask('administrator', 'POST', '/batch', { body: { items: [{ operation }] } });
      assert.deepEqual(statuses(answer.body), [400]);
    }
  });
});

test('a dry run answers like the run, and changes and writes down nothing', async () => {
  await using app = await AdminApp.open();
  const before = await viewAudit(app.temp.db, { limit: 100 });
  const told = await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin', dryRun: true } });
  assert.equal(told.status, 201);
  assert.equal((await app.ask('reader', 'GET', '/groups/Berlin')).status, 404);
  assert.deepEqual(await viewAudit(app.temp.db, { limit: 100 }), before);
});

test('the audit log names whose token it was', async () => {
  await using app = await AdminApp.open();
  await app.ask('operator', 'POST', '/groups', { body: { name: 'Berlin' } });
  const [entry] = (await viewAudit(app.temp.db, { limit: 1 })).items;
  assert.equal(entry?.action, 'group.create');
  assert.match(entry.caller, /operator/);
});
