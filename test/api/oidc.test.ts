import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OidcProvider } from '../../src/admin/identity/oidc-provider.ts';
import { AdminApp } from '../support/admin-app.ts';
import { oidcOptions, OidcServer } from '../support/oidc-server.ts';

const PUBLIC_URL = 'http://127.0.0.1:8540';
const CALLBACK = '/api/v1/session/oidc/callback';

class Scene implements AsyncDisposable {
  readonly provider: OidcServer;
  readonly app: AdminApp;

  private constructor(provider: OidcServer, app: AdminApp) {
    this.provider = provider;
    this.app = app;
  }

  static async set(): Promise<Scene> {
    const provider = await OidcServer.start({ redirectUri: PUBLIC_URL + CALLBACK });
    const oidc = new OidcProvider(oidcOptions(provider.issuer));
    return new Scene(provider, await AdminApp.open({ oidc, publicUrl: () => PUBLIC_URL }));
  }

  /** A browser goes to the provider and comes back. */
  async comeBack(cookie?: string): Promise<Awaited<ReturnType<AdminApp['ask']>>> {
    const begun = await this.app.ask('nobody', 'GET', '/session/oidc?returnTo=/rollouts');
    assert.equal(begun.status, 302, begun.text);
    const query = await this.provider.visit(String(begun.headers['location']), PUBLIC_URL + CALLBACK);
    return this.app.ask('nobody', 'GET', `/session/oidc/callback${query}`, {
      headers: { cookie: cookie ?? nameAndValue(begun.headers['set-cookie']) },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await this.provider[Symbol.asyncDispose]();
  }
}

function nameAndValue(set: unknown, of = ''): string {
  const all = Array.isArray(set) ? (set as string[]) : [String(set)];
  return all.find((one) => one.startsWith(of))!.split(';', 1)[0];
}

describe('signing in through an identity provider', () => {
  test('gives a session with the role that the provider tells', async () => {
    await using scene = await Scene.set();
    scene.provider.person = { sub: '4711', claims: { preferred_username: 'kim', roles: ['o'] } };
    const back = await scene.comeBack();
    assert.equal(back.status, 302, back.text);
    assert.equal(back.headers['location'], '/rollouts');
    const cookie = nameAndValue(back.headers['set-cookie'], 'oakum-session=');
    const { body } = await scene.app.ask('nobody', 'GET', '/session', { headers: { cookie } });
    assert.deepEqual(
      (({ name, role, kind }: Record<string, unknown>) => ({ name, role, kind }))(
        body as Record<string, unknown>,
      ),
      { name: 'kim', role: 'operator', kind: 'session' },
    );
  });

  test('is refused to whoever has no role there', async () => {
    await using scene = await Scene.set();
    scene.provider.person = { sub: '4712', claims: { preferred_username: 'sam', roles: ['visitor'] } };
    const back = await scene.comeBack();
    assert.equal((back.body as { readonly code: string }).code, 'OAK_OIDC_ROLE');
    assert.equal(back.headers['set-cookie'], undefined);
  });

  test('is refused to another browser than the one that began', async () => {
    await using scene = await Scene.set();
    scene.provider.person = { sub: '4711', claims: { preferred_username: 'kim', roles: ['o'] } };
    const back = await scene.comeBack('oakum-oidc=of-somebody-else');
    assert.equal((back.body as { readonly code: string }).code, 'OAK_OIDC_STATE');
  });
});
