import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from '../../src/api/openapi.ts';
import { AdminApp } from '../support/admin-app.ts';

/** Pages for browsers, which are no part of the API. */
const PAGES = ['GET /setup', 'HEAD /setup', 'POST /setup'];

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
