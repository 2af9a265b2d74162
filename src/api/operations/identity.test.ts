import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdminApp } from '../../../test/support/admin-app.ts';
import { NOUNS } from './index.ts';

const PASSWORD = 'rope tar hemp caulk';
const CREATE = { name: 'kim', role: 'operator', password: PASSWORD };

describe('accounts over HTTP', () => {
  test('are made with a password that is in no answer, log, audit or memory of requests', async () => {
    await using app = await AdminApp.open();
    const headers = { 'idempotency-key': 'c0ffee' };
    const made = await app.ask('administrator', 'POST', '/accounts', { body: CREATE, headers });
    assert.equal(made.status, 201, made.text);
    const changed = await app.ask('administrator', 'PUT', '/accounts/kim/password', {
      body: { password: `${PASSWORD} 2` },
      headers: { 'idempotency-key': 'decade' },
    });
    assert.equal(changed.status, 200, changed.text);
    const audit = await app.temp.db.selectFrom('audit').selectAll().execute();
    assert.doesNotMatch(JSON.stringify([made.body, changed.body, audit, app.log]), /hemp|argon2/);
    // A hash of a password that takes no time would be one to guess at.
    const again = await app.ask('administrator', 'POST', '/accounts', {
      body: { ...CREATE, password: 'another horse battery' },
      headers,
    });
    assert.deepEqual([again.text, again.headers['idempotency-replayed']], [made.text, 'true']);
  });

  test('are refused a weak password and told why', async () => {
    await using app = await AdminApp.open();
    const { status, text } = await app.ask('administrator', 'POST', '/accounts', {
      body: { ...CREATE, password: 'short' },
    });
    assert.equal(status, 400);
    assert.match(text, /OAK_PASSWORD_WEAK/);
  });

  test('are not made in a batch with a password, and are disabled in one', async () => {
    await using app = await AdminApp.open();
    await app.ask('administrator', 'POST', '/accounts', { body: { name: 'kim', role: 'reader' } });
    const { body } = await app.ask('administrator', 'POST', '/batch', {
      body: {
        items: [
          { operation: 'accounts.create', input: CREATE },
          { operation: 'accounts.disable', input: { account: 'kim' } },
        ],
      },
    });
    const { items } = body as { readonly items: readonly { readonly status: number }[] };
    assert.deepEqual(
      items.map((one) => one.status),
      [400, 200],
    );
  });
});

describe('tokens over HTTP', () => {
  test('for what is not there are refused with the nearest noun', async () => {
    await using app = await AdminApp.open();
    const create = (scopes: readonly string[]) =>
      app.ask('administrator', 'POST', '/tokens', { body: { role: 'reader', scopes } });
    const refused = await create(['computers', 'compiance']);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /OAK_TOKEN_REQUEST/);
    assert.match(refused.text, /Did you mean \\"compliance\\"/);
    const made = await create(NOUNS);
    assert.equal(made.status, 201, made.text);
    assert.deepEqual((made.body as { readonly scopes: unknown }).scopes, NOUNS.toSorted());
  });

  test('may do no more than the token they are made with', async () => {
    await using app = await AdminApp.open();
    const narrow = await app.ask('administrator', 'POST', '/tokens', {
      body: { role: 'administrator', scopes: ['tokens'] },
    });
    const { token } = narrow.body as { readonly token: string };
    const more = await app.ask('nobody', 'POST', '/tokens', {
      body: { role: 'reader' },
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(more.status, 403, more.text);
  });

  test('are void once they are revoked', async () => {
    await using app = await AdminApp.open();
    await app.ask('administrator', 'POST', '/tokens/reader/revoke');
    assert.equal((await app.ask('reader', 'GET', '/groups')).status, 401);
  });
});
