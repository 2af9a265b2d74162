import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { raised } from '../../test/support/error-code.ts';
import { openHttpListener, parseListen, routedPath } from './http-listener.ts';

describe('an address to listen on', () => {
  for (const [listen, host, port] of [
    ['0.0.0.0:8530', '0.0.0.0', 8530],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['wsus.example.com:65535', 'wsus.example.com', 65_535],
    ['[::]:8530', '::', 8530],
    ['[::ffff:127.0.0.1]:1', '::ffff:127.0.0.1', 1],
  ] as const) {
    test(`${listen} is ${host} and ${port}`, () => assert.deepEqual(parseListen(listen), { host, port }));
  }

  for (const listen of [
    '',
    '8530',
    ':8530',
    'host',
    'host:',
    'host:x',
    'host:-1',
    'host:65536',
    '::1:80',
    '[::1]',
    'a b:1',
    'http://a:1',
    '[x]:1',
    'a:1 ',
  ])
    test(`"${listen}" is none`, () =>
      assert.equal(
        raised(() => parseListen(listen)),
        'OAK_LISTEN',
      ));
});

describe('a path is routed', () => {
  for (const [url, path] of [
    ['/ClientWebService/Client.asmx', '/clientwebservice/client.asmx'],
    ['//SelfUpdate///iuident.cab?2610041503', '/selfupdate/iuident.cab'],
    ['/a?b=//C', '/a'],
    ['/?wsdl', '/'],
    ['?', ''],
    ['', ''],
    ['*', '*'],
    ['http://host:8530/A//b?c', '/a/b'],
    ['HTTPS://host', ''],
    ['http://host?x', ''],
    ['/http://host/a', '/http:/host/a'],
    ['/%2e%2E/a', '/%2e%2e/a'],
  ] as const) {
    test(`${url} as ${path}`, () => assert.equal(routedPath(url), path));
  }
});

test('an address in use, one that is not this computer, and one that is none are refused', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  for (const listen of [`127.0.0.1:${port}`, '192.0.2.1:1', 'nothing'])
    await assert.rejects(
      openHttpListener({
        ...{ listen, requestTimeoutMs: 1000, keepAliveMs: 1000, log: pino({ enabled: false }) },
        route: () => undefined,
      }),
      { code: 'OAK_LISTEN' },
    );
});
