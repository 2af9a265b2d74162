import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { adminAddress } from './admin-address.ts';
import { resolveSettings } from './resolve-settings.ts';

function addressWith(given: Readonly<Record<string, string>>, boundPort?: number): string {
  const values = Object.entries(given).map(([key, value]) => ({ key, value, source: 'file' as const }));
  return adminAddress(resolveSettings(values).settings, boundPort);
}

test('a browser is sent to an address that it can reach', () => {
  assert.equal(addressWith({}), 'http://127.0.0.1:8540');
  assert.equal(addressWith({ 'admin.listen': '127.0.0.1:0' }, 41_234), 'http://127.0.0.1:41234');
  assert.equal(addressWith({ 'admin.listen': '[::1]:8540', 'admin.tls': 'on' }), 'https://[::1]:8540');
  assert.equal(addressWith({ 'admin.listen': '0.0.0.0:8540' }), `https://${hostname()}:8540`);
  assert.equal(
    addressWith({ 'admin.listen': '[::]:8540', 'server.names': 'wsus.example.com, wsus' }),
    'https://wsus.example.com:8540',
  );
  assert.equal(addressWith({ 'admin.url': 'https://updates.example.com' }), 'https://updates.example.com');
});
