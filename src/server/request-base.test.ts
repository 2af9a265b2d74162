import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { RequestBase, type RequestBaseOptions } from './request-base.ts';

const NAMES = ['wsus.example.com', 'wsus', 'localhost', '10.0.0.1', '::1', 'wsus_1.example.com', '1'];

const asked = (host: string | undefined, localAddress = '192.0.2.7', encrypted = false): IncomingMessage =>
  ({ headers: { host }, socket: { localAddress, localPort: 8530, encrypted } }) as unknown as IncomingMessage;

const base = (options: Partial<RequestBaseOptions> = {}): RequestBase =>
  new RequestBase({ names: NAMES, firstIsChosen: false, ...options });

describe('the caller is answered with the host it asked, if that is one of this server', () => {
  for (const host of [
    'wsus',
    'wsus.example.com',
    'WSUS_1.example.com:8530',
    '10.0.0.1:80',
    '[::1]:8530',
    '[::1]',
    '1',
    '192.0.2.7:8530',
  ])
    test(host, () => assert.equal(base().own(asked(host)), `http://${host}`));

  test('over TLS with https', () => {
    assert.equal(base().own(asked('wsus:8531', '192.0.2.7', true)), 'https://wsus:8531');
  });

  test('an address that the connection came in on is one, however it is written', () => {
    for (const [host, localAddress] of [
      ['[2001:DB8:0::1]:8530', '2001:db8::1'],
      ['192.0.2.9', '::ffff:192.0.2.9'],
    ] as const)
      assert.equal(base().own(asked(host, localAddress)), `http://${host}`);
  });

  test('and with names that are learnt later', () => {
    const one = base();
    one.add(['Updates.Example.com']);
    assert.equal(one.own(asked('updates.example.com')), 'http://updates.example.com');
  });
});

describe('a host of somebody else is not repeated', () => {
  const foreign = [
    'evil.example',
    'wsus.evil.example',
    'wsus.example.com.evil',
    '198.51.100.1',
    '[2001:db8::2]:80',
  ];
  for (const host of foreign) {
    test(`${host}: the address the connection came in on stands in its place, and it is told`, () => {
      const told: string[] = [];
      assert.equal(
        base({ onForeignHost: (one) => told.push(one) }).own(asked(host)),
        'http://192.0.2.7:8530',
      );
      assert.equal(told.length, 1);
    });
    test(`${host}: or the name that was chosen`, () => {
      assert.equal(base({ firstIsChosen: true }).own(asked(host)), 'http://wsus.example.com:8530');
    });
  }
});

describe('a Host that is none counts for nothing', () => {
  const hostile = [
    ...[
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
    ],
    ...[
      'user:pass@host',
      'http://host',
      'host:',
      'host:port',
      'host:123456',
      'host:80:80',
      '[::1',
      '::1',
      '[]',
    ],
    ...[
      '[evil]',
      '<script>',
      'a"b',
      "a'b",
      'a&amp;b',
      'a%00b',
      'a\r\nX: y',
      'ä.example.com',
      'a'.repeat(300),
    ],
    ...['wsus:', 'wsus/', 'wsus@evil', '[wsus]'],
  ];
  for (const host of hostile)
    test(JSON.stringify(host)?.slice(0, 30) ?? 'none', () =>
      assert.equal(base().own(asked(host)), 'http://192.0.2.7:8530'),
    );

  test('an IPv6 address of this server is put in brackets', () => {
    assert.equal(base().own(asked(undefined, '::1')), 'http://[::1]:8530');
  });

  test('an IPv4 address that came by IPv6 is written as one', () => {
    assert.equal(base().own(asked(undefined, '::ffff:10.0.0.1')), 'http://10.0.0.1:8530');
  });
});

test('a listener for content changes scheme and port, not the host', () => {
  const one = base();
  assert.equal(one.content(asked('wsus:8530')), 'http://wsus:8530');
  one.contentIsAt(new URL('http://0.0.0.0:8532'));
  assert.equal(one.content(asked('wsus:8531', '192.0.2.7', true)), 'http://wsus:8532');
  assert.equal(one.content(asked('[::1]:8530')), 'http://[::1]:8532');
  assert.equal(one.content(asked('evil.example')), 'http://192.0.2.7:8532');
  assert.equal(one.own(asked('wsus:8530')), 'http://wsus:8530');
});

test('more hosts than are remembered are answered all the same', () => {
  const one = base();
  for (let port = 1; port < 1000; port++) assert.equal(one.own(asked(`wsus:${port}`)), `http://wsus:${port}`);
});
