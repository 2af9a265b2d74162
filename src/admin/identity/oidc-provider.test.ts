import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { oidcOptions } from '../../../test/support/oidc-server.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { OidcProvider } from './oidc-provider.ts';
import { beginOidc, completeOidc } from './oidc-sign-in.ts';

const REDIRECT = 'http://127.0.0.1:8540/api/v1/oidc/callback';

/** A provider that answers as it likes. */
async function withAnswers(answer: RequestListener, work: (issuer: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

test('a provider that is not there is asked again the next time', async () => {
  await using temp = await TempStore.open();
  const request = { redirectUri: REDIRECT, nowMs: temp.nowMs };
  let isUp = false;
  await withAnswers(
    (incoming, response) => {
      if (!isUp) return incoming.socket.destroy();
      const issuer = `http://${incoming.headers.host}`;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth` }));
    },
    async (issuer) => {
      const provider = new OidcProvider(oidcOptions(issuer));
      await assert.rejects(beginOidc(temp.db, provider, request), { code: 'OAK_OIDC_UNREACHABLE' });
      isUp = true;
      assert.match((await beginOidc(temp.db, provider, request)).url, /\/auth\?/);
    },
  );
});

test('an answer that no provider gives is refused, however long it is', async () => {
  await using temp = await TempStore.open();
  const request = { redirectUri: REDIRECT, nowMs: temp.nowMs };
  const bodies = ['', '<html>', '[]', '{"issuer":"https://other.example"}', `"${'x'.repeat(3_000_000)}"`];
  for (const body of bodies) {
    await withAnswers(
      (_, response) => response.setHeader('content-type', 'application/json').end(body),
      async (issuer) => {
        const provider = new OidcProvider(oidcOptions(issuer));
        await assert.rejects(beginOidc(temp.db, provider, request), { code: 'OAK_OIDC_ANSWER' });
      },
    );
  }
  assert.equal(await temp.count('oidc_pending'), 0);
});

test('an issuer without TLS is only this machine, unless the settings say so', () => {
  const refused = [
    'http://login.example.com',
    'http://127.0.0.1.example.com',
    'ftp://localhost',
    'x',
    'https://a@b',
    '',
  ];
  for (const issuer of refused) {
    assert.throws(() => new OidcProvider(oidcOptions(issuer)), { code: 'OAK_OIDC_SETTINGS' }, issuer);
  }
  for (const issuer of [
    'https://login.example.com/realm',
    'http://localhost:9',
    'http://[::1]:9',
    'http://127.0.0.1',
  ]) {
    assert.ok(new OidcProvider(oidcOptions(issuer)));
  }
  assert.ok(new OidcProvider(oidcOptions('http://login.example.com', { allowHttp: true })));
  assert.throws(() => new OidcProvider(oidcOptions('https://a.example', { clientId: '' })), {
    code: 'OAK_OIDC_SETTINGS',
  });
});

function signed(claims: object, key: KeyObject): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`;
  return `${text}.${createSign('sha256').update(text).sign(key, 'base64url')}`;
}

test('an ID token counts only as its issuer signed it, for this client and now', async () => {
  await using temp = await TempStore.open();
  const { db, nowMs } = temp;
  const [own, foreign] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  assert.ok(own !== undefined && foreign !== undefined);
  const seconds = Math.floor(Date.now() / 1000);
  let change: object = {};
  let key = own.privateKey;
  let nonce = '';
  await withAnswers(
    (request, response) => {
      const issuer = `http://${request.headers.host}`;
      const claims = {
        iss: issuer,
        sub: '1',
        aud: 'oakum',
        iat: seconds,
        exp: seconds + 60,
        nonce,
        roles: ['r'],
      };
      const idToken = signed({ ...claims, preferred_username: 'anna', ...change }, key);
      const answers: Readonly<Record<string, object>> = {
        '/.well-known/openid-configuration': {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
        '/token': { access_token: 'x', token_type: 'bearer', id_token: idToken },
        '/keys': {
          keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }],
        },
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answers[request.url ?? '']));
    },
    async (issuer) => {
      const provider = new OidcProvider(oidcOptions(issuer));
      const enter = async (): Promise<string> => {
        const { url, binding } = await beginOidc(db, provider, { redirectUri: REDIRECT, nowMs });
        const sent = new URL(url).searchParams;
        nonce = sent.get('nonce') ?? '';
        const query = new URLSearchParams({ code: 'c', state: sent.get('state') ?? '' }).toString();
        const back = { query, binding, address: '::1', nowMs };
        return (await completeOidc(db, provider, back)).principal.name;
      };
      assert.equal(await enter(), 'anna');
      const wrong = [
        { iss: 'http://127.0.0.1:1' },
        { aud: 'other' },
        { exp: seconds - 3600 },
        { nonce: undefined },
      ];
      for (const one of wrong) {
        change = one;
        await assert.rejects(enter(), { code: 'OAK_OIDC_ANSWER' }, JSON.stringify(one));
      }
      change = {};
      key = foreign.privateKey;
      await assert.rejects(enter(), { code: 'OAK_OIDC_ANSWER' }, 'signed by another key');
    },
  );
});
