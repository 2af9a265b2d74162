import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TempFolder } from '../../test/support/temp-store.ts';
import { oidcOptionsOf } from './oidc-settings.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { Settings } from './settings.ts';

function settingsOf(values: Readonly<Record<string, string>>): Settings {
  const given = Object.entries(values).map(([key, value]) => ({ key, value, source: 'flag' as const }));
  return resolveSettings(given).settings;
}

test('without an issuer there is no provider', () => {
  assert.equal(oidcOptionsOf(settingsOf({}), '/'), undefined);
});

test('lists are split and the secret is read from its file beside the store', () => {
  using folder = new TempFolder();
  writeFileSync(join(folder.path, 'secret'), ' s3cret\n');
  const settings = settingsOf({
    'oidc.issuer': 'https://login.example.com',
    'oidc.clientId': 'oakum',
    'oidc.clientSecretFile': 'secret',
    'oidc.scopes': 'profile, email groups',
    'oidc.readerValues': 'CN=Readers of it, staff,',
  });
  const options = oidcOptionsOf(settings, folder.path);
  assert.equal(options?.clientSecret, 's3cret');
  assert.deepEqual(options?.scopes, ['profile', 'email', 'groups']);
  assert.deepEqual(options?.roleValues, {
    reader: ['CN=Readers of it', 'staff'],
    operator: ['oakum-operator'],
    administrator: ['oakum-administrator'],
  });
});

test('a secret that cannot be read is an error that does not hold it', () => {
  using folder = new TempFolder();
  for (const [file, text] of [
    ['empty', ''],
    ['long', 'x'.repeat(5000)],
    ['missing', undefined],
  ] as const) {
    if (text !== undefined) writeFileSync(join(folder.path, file), text);
    const settings = settingsOf({ 'oidc.issuer': 'https://a.example', 'oidc.clientSecretFile': file });
    assert.throws(() => oidcOptionsOf(settings, folder.path), {
      code: 'OAK_OIDC_SETTINGS',
      message: /oidc\.clientSecretFile/,
    });
  }
});
