import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from '../../src/api/openapi.ts';
import { AdminApp } from '../support/admin-app.ts';

/** Pages for browsers, which are no part of the API. */
const PAGES = ['GET /', 'HEAD /', 'GET /setup', 'HEAD /setup', 'POST /setup'];

test('every route that answers is described, and every one that is described answers', async () => {
  await using admin = await AdminApp.open();
  const { paths } = openApi() as { readonly paths: Readonly<Record<string, object>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} /api/v1${path}`),
  );
  for (const route of described) {
    const [method = '', url = ''] = route.split(' ');
    const isThere = admin.app.hasRoute({ method: method, url: url.replaceAll(/\{(\w+)\}/g, ':$1') });
    assert.ok(isThere, route);
  }
  // Whatever can be looked at can be asked for its headers alone.
  const heads = described.filter((route) => route.startsWith('GET ')).length;
  const answering = [...admin.app.printRoutes({ commonPrefix: false }).matchAll(/\(([A-Z, ]+)\)/g)].flatMap(
    ([, methods = '']) => methods.split(', '),
  );
  assert.equal(answering.length, described.length + heads + PAGES.length);
});

test('an address that is asked with another method says which ones it knows', async () => {
  await using admin = await AdminApp.open();
  for (const [path, allowed] of [
    ['/groups/Berlin', 'GET, PATCH, DELETE'],
    ['/session', 'POST, GET, DELETE'],
    ['/openapi.json', 'GET'],
  ] as const) {
    const { status, headers } = await admin.ask('reader', 'PUT', path);
    assert.deepEqual([status, headers['allow']], [405, allowed], path);
  }
  assert.equal((await admin.ask('reader', 'PUT', '/openapiXjson')).status, 404);
});
