import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import type { Guid } from '../../soap/simple-type.ts';
import { openAuthorizationCookie, sealAuthorizationCookie } from './authorization-cookie.ts';
import { NO_WATERMARKS, openClientCookie, sealClientCookie, type ClientCookie } from './client-cookie.ts';
import { createSealingKey, KeyRing } from './key-ring.ts';

const key = createSealingKey([], 0);
const keys = new KeyRing([key]);
/** Another process, which has sealed and opened nothing yet. */
const elsewhere = (): KeyRing => new KeyRing([key]);
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
      const sealed = sealClientCookie(keys, cookie);
      assert.deepEqual(openClientCookie(elsewhere(), sealed), cookie);
      assert.equal(openClientCookie(keys, sealed), cookie);
    }),
  );
});

test('an authorization cookie comes back as it went', () => {
  fc.assert(
    fc.property(record({ serverIdentity: guid, clientId, expiresMs: time }), (cookie) => {
      const sealed = sealAuthorizationCookie(keys, cookie);
      assert.deepEqual(openAuthorizationCookie(elsewhere(), sealed), cookie);
      assert.equal(openAuthorizationCookie(keys, sealed), cookie);
    }),
  );
});

const COOKIE: ClientCookie = {
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

test('neither passes for the other', () => {
  const cookie = COOKIE;
  assert.equal(openAuthorizationCookie(keys, sealClientCookie(keys, cookie)), undefined);
  assert.equal(openClientCookie(keys, sealAuthorizationCookie(keys, cookie)), undefined);
});

test('a cookie that was only opened is given back as it came, unless the key is an old one', () => {
  const cookie = { ...COOKIE };
  const sealed = sealClientCookie(keys, cookie);
  const here = elsewhere();
  const opened = openClientCookie(here, sealed)!;
  assert.deepEqual(sealClientCookie(here, opened), sealed);
  const rotated = new KeyRing([key, createSealingKey([key], 1)]);
  const renewed = sealClientCookie(rotated, openClientCookie(rotated, sealed)!);
  assert.notDeepEqual(renewed, sealed);
  assert.deepEqual(openClientCookie(rotated, renewed), cookie);
});

test('what one ring remembers another one does not', () => {
  const sealed = sealClientCookie(keys, { ...COOKIE });
  assert.equal(openClientCookie(new KeyRing([createSealingKey([key], 2)]), sealed), undefined);
});
