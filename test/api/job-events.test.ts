import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdminApp } from '../support/admin-app.ts';

test('whoever follows a job does not hold up the end of the server', async () => {
  await using app = await AdminApp.open();
  await app.ask('reader', 'POST', '/doctor', { body: {} });
  const url = await app.app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { authorization: `Bearer ${app.token('reader')}` };
  const followed = await fetch(`${url}/api/v1/jobs/1/events`, { headers });
  await app.app.close();
  assert.match(await followed.text(), /^event: job\ndata: \{"id":1,.*"state":"queued"/);
});
