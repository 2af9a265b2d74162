import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { selfSigned } from '../../../test/support/self-signed.ts';
import { WebhookReceiver, type ReceivedWebhook } from '../../../test/support/webhook-receiver.ts';
import type { Attempt, OutgoingMessage } from './transport.ts';
import { webhookTransport, type WebhookOptions } from './webhook-transport.ts';

const SECRET = Buffer.from('a secret of the tests').toString('base64');
const NEVER = new AbortController().signal;

function message(url: string, changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: 'msg_1',
    event: 'disk.low',
    timeMs: Date.UTC(2026, 9, 4),
    text: 'Only 3 % of the disk are free.',
    data: { freeBytes: 3, totalBytes: 100 },
    server: 'updates.example',
    subscription: 'chat',
    targets: [url],
    secret: SECRET,
    nowMs: Date.UTC(2026, 9, 4, 1),
    ...changes,
  };
}

const send = (url: string, options: Partial<WebhookOptions> = {}, changes?: Partial<OutgoingMessage>) =>
  webhookTransport({ allowLoopback: true, ...options })(message(url, changes), NEVER);

/** As a receiver checks it. */
function isAuthentic({ headers, body }: ReceivedWebhook): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', Buffer.from(SECRET, 'base64')).update(signed).digest('base64');
  return headers['webhook-signature'] === `v1,${expected}`;
}

describe('a webhook', () => {
  test('is signed JSON', async () => {
    await using receiver = await WebhookReceiver.open();
    assert.deepEqual(await send(receiver.url), { ok: true, status: 204, error: null } satisfies Attempt);
    const [got] = receiver.received;
    assert.equal(got.path, '/hook');
    assert.equal(got.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(got.headers['webhook-id'], 'msg_1');
    assert.equal(got.headers['webhook-timestamp'], String(Date.UTC(2026, 9, 4, 1) / 1000));
    assert.ok(isAuthentic(got));
    assert.ok(!isAuthentic({ ...got, body: `${got.body} ` }));
    assert.deepEqual(JSON.parse(got.body), {
      type: 'disk.low',
      timestamp: '2026-10-04T00:00:00.000Z',
      server: 'updates.example',
      text: 'Only 3 % of the disk are free.',
      data: { freeBytes: 3, totalBytes: 100 },
    });
  });

  test('carries hostile names as data', async () => {
    await using receiver = await WebhookReceiver.open();
    const name = '"},\r\nX-Evil: 1\r\n\r\n{"type":"\u0000\uD800';
    await send(receiver.url, {}, { data: { name } });
    const [got] = receiver.received;
    assert.ok(isAuthentic(got));
    assert.equal(got.headers['x-evil'], undefined);
    const { data } = JSON.parse(got.body) as { readonly data: { readonly name: string } };
    assert.equal(data.name, name, 'a lone surrogate too: JSON escapes it');
  });

  for (const status of [301, 302, 307, 400, 404, 410, 500, 503]) {
    test(`answered with ${status} has failed, and leads nowhere else`, async () => {
      await using receiver = await WebhookReceiver.open();
      await using elsewhere = await WebhookReceiver.open();
      receiver.statuses = [status];
      receiver.headers = { location: elsewhere.url };
      assert.deepEqual(await send(receiver.url), {
        ok: false,
        status,
        error: `the receiver answered ${status}`,
      });
      assert.equal(elsewhere.received.length, 0);
    });
  }

  test('is delivered when the answer begins, however long it is', async () => {
    await using receiver = await WebhookReceiver.open();
    receiver.statuses = [200];
    receiver.body = 'x'.repeat(20_000_000);
    assert.equal((await send(receiver.url)).ok, true);
  });

  test('that nobody answers is given up in time', async () => {
    await using receiver = await WebhookReceiver.open();
    receiver.silent = true;
    await assert.rejects(send(receiver.url, { timeoutMs: 50 }), { name: 'AbortError' });
  });

  test('ends with the signal', async () => {
    await using receiver = await WebhookReceiver.open();
    receiver.silent = true;
    const stop = new AbortController();
    const sending = webhookTransport({ allowLoopback: true })(message(receiver.url), stop.signal);
    stop.abort();
    await assert.rejects(sending, { name: 'AbortError' });
  });

  for (const [what, answer] of [
    ['nothing', ''],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ] as const) {
    test(`answered with ${what} fails`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(answer));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      using _closing = { [Symbol.dispose]: () => server.close() };
      await assert.rejects(send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
    });
  }
});

describe('nothing is sent', () => {
  test('to this machine, unless the settings say so', async () => {
    await using receiver = await WebhookReceiver.open();
    const refused = { code: 'OAK_WEBHOOK_ADDRESS' };
    const localhost = receiver.url.replace('127.0.0.1', 'localhost');
    for (const url of [receiver.url, localhost])
      await assert.rejects(send(url, { allowLoopback: false }), refused, url);
    assert.equal(receiver.received.length, 0);
    assert.equal((await send(localhost)).ok, true);
  });

  test('to what a name stands for at that moment, if that is not allowed', async () => {
    await using receiver = await WebhookReceiver.open();
    let asked = 0;
    const resolve = ((
      _name: string,
      _options: unknown,
      callback: (error: null, all: readonly { address: string; family: number }[]) => void,
    ) => {
      asked++;
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as NonNullable<WebhookOptions['resolve']>;
    const url = `http://receiver.example:${receiver.port}/`;
    await assert.rejects(send(url, { allowLoopback: false, resolve }), { code: 'OAK_WEBHOOK_ADDRESS' });
    assert.equal(receiver.received.length, 0);
    assert.equal((await send(url, { resolve })).ok, true);
    assert.equal(asked, 2, 'asked once for each attempt: what is checked is what is connected to');
  });
});

test('over TLS only a receiver that proves its name is told anything', async () => {
  const certificate = selfSigned('localhost');
  await using receiver = await WebhookReceiver.open(certificate);
  const url = `https://localhost:${receiver.port}/hook`;
  await assert.rejects(send(url), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await assert.rejects(send(url, { ca: selfSigned('localhost').cert }));
  const otherName = url.replace('localhost', '127.0.0.1');
  await assert.rejects(send(otherName, { ca: certificate.cert }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  assert.equal(receiver.received.length, 0);
  assert.equal((await send(url, { ca: certificate.cert })).ok, true);
});
