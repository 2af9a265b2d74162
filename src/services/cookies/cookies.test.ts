import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import type { Guid } from '../../soap/simple-type.ts';
import { openAuthorizationCookie, sealAuthorizationCookie } from './authorization-cookie.ts';
import { NO_WATERMARKS, openClientCookie, sealClientCookie, type ClientCookie } from './client-cookie.ts';
import { createSealingKey, KeyRing } from './key-ring.ts';

const keys = new KeyRing([createSealingKey([], 0)]);
const guid = fc.uuid().map((text) => text as Guid);
const time = fc.maxSafeNat();
const clientId = fc.stringMatching(/^[a-z0-9-]{1,255}$/);
const record = <T>(parts: { readonly [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> =>
  fc.record<T>(parts, { noNullPrototype: true });
const watermark = record({ change: fc.nat(), key: fc.string({ maxLength: 40 }) });
const watermarks = record({
  ...{ software: watermark, category: watermark, driver: watermark, printer: watermark },
});
const protocolVersion = record({ major: fc.nat(99_999), minor: fc.nat(99_999) });

test('a client cookie comes back as it went', () => {
  const cookies = record({
    ...{ serverIdentity: guid, clientId, protocolVersion },
    ...{
      expiresMs: time,
      configurationMs: time,
      fileBase: fc.string(),
      audienceKey: fc.string(),
      watermarks,
    },
  });
  fc.assert(
    fc.property(cookies, (cookie) => {
      assert.deepEqual(openClientCookie(keys, sealClientCookie(keys, cookie)), cookie);
    }),
  );
});

test('an authorization cookie comes back as it went', () => {
  fc.assert(
    fc.property(record({ serverIdentity: guid, clientId, expiresMs: time }), (cookie) => {
      assert.deepEqual(openAuthorizationCookie(keys, sealAuthorizationCookie(keys, cookie)), cookie);
    }),
  );
});

test('neither passes for the other', () => {
  const cookie: ClientCookie = {
    ...{ serverIdentity: '0a000000-0000-4000-8000-000000000001' as Guid, clientId: 'pc' },
    ...{
      protocolVersion: { major: 2, minor: 90 },
      expiresMs: 1,
      configurationMs: 1,
      fileBase: '',
      audienceKey: '',
    },
    watermarks: NO_WATERMARKS,
  };
  assert.equal(openAuthorizationCookie(keys, sealClientCookie(keys, cookie)), undefined);
  assert.equal(openClientCookie(keys, sealAuthorizationCookie(keys, cookie)), undefined);
});
