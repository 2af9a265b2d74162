import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdminApp } from '../support/admin-app.ts';

test('a body that is nested deeper than anything needs to be is refused, however deep', async () => {
  await using app = await AdminApp.open();
  for (const depth of [250, 5_000, 400_000]) {
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    for (const [path, body] of [
      ['/policy/plan', `{"document":{"version":1,"x":${deep}}}`],
      ['/policy/apply', `{"document":{"groups":${deep}}}`],
      ['/rules', `{"name":"x","groups":${deep}}`],
    ] as const) {
      const response = await app.app.inject({
        method: 'POST',
        url: `/api/v1${path}`,
        headers: {
          authorization: `Bearer ${app.token('administrator')}`,
          'content-type': 'application/json',
          'idempotency-key': `${depth}`,
        },
        payload: body,
      });
      assert.deepEqual(
        [response.statusCode, (JSON.parse(response.payload) as { readonly code: string }).code],
        [400, 'OAK_BODY_MALFORMED'],
      );
    }
  }
});
