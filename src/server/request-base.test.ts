import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { requestBase } from './request-base.ts';

const baseOf = (host: string | undefined, localAddress = '192.0.2.7'): string =>
  requestBase({ headers: { host }, socket: { localAddress, localPort: 8530 } } as IncomingMessage);

describe('the caller is answered with the host it asked', () => {
  for (const host of [
    'wsus',
    'wsus.example.com',
    'WSUS_1.example.com:8530',
    '10.0.0.1:80',
    '[::1]:8530',
    '[fe80::1]',
    '1',
  ])
    test(host, () => assert.equal(baseOf(host), `http://${host}`));
});

describe('a Host that is none counts for nothing', () => {
  const hostile = [
    undefined,
    '',
    ' ',
    '-wsus',
    'wsus-',
    'wsus.',
    '.wsus',
    'a b',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'user@host',
    'user:pass@host',
    'http://host',
    'host:',
    'host:port',
    'host:123456',
    'host:80:80',
    '[::1',
    '::1',
    '[]',
    '[evil]',
    '<script>',
    'a"b',
    "a'b",
    'a&amp;b',
    'a%00b',
    'a\r\nX: y',
    'ä.example.com',
    'a'.repeat(300),
  ];
  for (const host of hostile)
    test(JSON.stringify(host)?.slice(0, 30) ?? 'none', () =>
      assert.equal(baseOf(host), 'http://192.0.2.7:8530'),
    );

  test('an IPv6 address of this server is put in brackets', () => {
    assert.equal(baseOf(undefined, '::1'), 'http://[::1]:8530');
  });
});
