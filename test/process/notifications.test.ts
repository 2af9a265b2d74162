import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

/** Notifications as administrators use them: commands on a data folder, and a server that delivers. */

async function oakum(t: TestContext, folder: string, ...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await new OakumProcess(t, [...args, '--data', folder, '--json']).exited();
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function serve(t: TestContext, folder: string): OakumProcess {
  const settings = ['notifications.allowLoopback=true', 'admin.listen=', 'tls.listen='];
  return new OakumProcess(
    t,
    ['serve', '--data', folder, '--listen', '127.0.0.1:0', ...settings.flatMap((one) => ['--set', one])],
    { OAKUM_WORKERS: '1' },
  );
}

interface Listed {
  readonly state: string;
  readonly attempts: number;
  readonly event: string;
}

test('a server delivers what commands change, signed with the secret that was printed', async (t) => {
  await using receiver = await WebhookReceiver.open();
  const folder = temporaryFolder(t);
  const server = serve(t, folder);
  await server.ready();
  const add = ['notifications', 'add', 'hook', '--webhook', receiver.url, '--event', 'audit.*'];
  const { secret } = (await oakum(t, folder, ...add)) as { readonly secret: string };
  await oakum(t, folder, 'groups', 'create', 'Pilot');
  await oakum(t, folder, 'notifications', 'test', 'hook');
  const all = (): string => receiver.received.map((one) => one.body).join('\n');
  await until('both are told', () => all().includes('group.create') && receiver.types.includes('test'));
  for (const { headers, body } of receiver.received) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    assert.equal(headers['webhook-signature'], expected);
  }
  const [listed] = (await oakum(t, folder, 'notifications')) as readonly object[];
  assert.ok(!JSON.stringify(listed).includes(secret.slice(6)));
  server.signal('SIGTERM');
  assert.equal((await server.exited()).code, 0);
  const removed = (await oakum(t, folder, 'notifications', 'remove', 'hook')) as { readonly name: string };
  assert.equal(removed.name, 'hook');
});

test('a server that is killed during an attempt makes it again, under the same id', async (t) => {
  await using receiver = await WebhookReceiver.open();
  receiver.silent = true;
  const folder = temporaryFolder(t);
  const killed = serve(t, folder);
  await killed.ready();
  await oakum(t, folder, 'notifications', 'add', 'hook', '--webhook', receiver.url, '--event', 'disk.*');
  await oakum(t, folder, 'notifications', 'test', 'hook');
  await until('it is under way', () => receiver.received.length > 0);
  killed.signal('SIGKILL');
  await killed.exited();
  receiver.silent = false;
  const next = serve(t, folder);
  await next.ready();
  await until('it has come again', () => receiver.received.length > 1);
  const deliveries = ['notifications', 'deliveries', '--state', 'delivered'];
  const [delivered] = await until('it is noted', async () => {
    const listed = (await oakum(t, folder, ...deliveries)) as readonly Listed[];
    return listed.length > 0 ? listed : undefined;
  });
  assert.deepEqual([delivered.event, delivered.state, delivered.attempts], ['test', 'delivered', 1]);
  const ids = new Set(receiver.received.map((one) => one.headers['webhook-id']));
  assert.equal(ids.size, 1);
});
