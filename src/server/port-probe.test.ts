import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { TestServer } from '../../test/support/test-server.ts';
import { probePort } from './port-probe.ts';

const server = await TestServer.start({ settings: { 'metrics.listen': '127.0.0.1:0' } });
after(() => server[Symbol.asyncDispose]());

test('a listener of this program is recognised, whatever it is for', async () => {
  for (const url of [server.url, server.monitorUrl])
    assert.deepEqual(await probePort(new URL(url).host, false), { kind: 'oakum' });
});

test('another program is told apart, and nobody leaves the port free', async () => {
  const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  assert.deepEqual(await probePort(`127.0.0.1:${port}`, false), { kind: 'other' });
  other.closeAllConnections();
  other.close();
  await once(other, 'close');
  assert.deepEqual(await probePort(`127.0.0.1:${port}`, false), { kind: 'free' });
});

test('an address of another computer cannot be used', async () => {
  const state = await probePort('192.0.2.1:8530', false);
  assert.equal(state.kind, 'unusable');
});

test('a listener that speaks no HTTP is another program', async () => {
  const { createServer: createPlain } = await import('node:net');
  const plain = createPlain((socket) => socket.end('nonsense\r\n\r\n')).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  assert.deepEqual(await probePort(`127.0.0.1:${port}`, false), { kind: 'other' });
  plain.close();
});
