import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { isLoopback } from './is-loopback.ts';
import { tlsListenOf } from './listeners.ts';

describe('clients are served over TLS', () => {
  for (const [listen, tls, expected] of [
    ['0.0.0.0:8530', 'auto', '0.0.0.0:8531'],
    ['127.0.0.1:8530', 'auto', '127.0.0.1:8531'],
    ['[::]:8530', 'auto', '[::]:8531'],
    ['wsus:80', 'auto', 'wsus:443'],
    ['', 'auto', '0.0.0.0:8531'],
    ['127.0.0.1:0', 'auto', undefined],
    ['0.0.0.0:9000', 'auto', undefined],
    ['0.0.0.0:9000', '0.0.0.0:9001', '0.0.0.0:9001'],
    ['0.0.0.0:8530', '', undefined],
  ] as const)
    test(`with listen "${listen}" and tls.listen "${tls}" at ${expected ?? 'no address'}`, () =>
      assert.equal(tlsListenOf({ listen, 'tls.listen': tls }), expected));

  test('and an address that is none is said to be', () => {
    assert.equal(
      raised(() => tlsListenOf({ listen: 'nonsense', 'tls.listen': 'auto' })),
      'OAK_LISTEN',
    );
  });
});

test('loopback is what nobody else can reach', () => {
  assert.deepEqual(
    ['127.0.0.1', '127.8.9.1', '::1', 'localhost', '0.0.0.0', '::', '10.0.0.1', '127.example.com'].map(
      isLoopback,
    ),
    [true, true, true, true, false, false, false, false],
  );
});
