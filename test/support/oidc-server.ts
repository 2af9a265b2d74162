import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration, type JWK } from 'oidc-provider';
import type { OidcOptions } from '../../src/admin/identity/oidc-provider.ts';

/** Somebody whom the provider knows. */
export interface OidcPerson {
  readonly sub: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface OidcServerOptions {
  readonly redirectUri: string;
  /** Whether claims are in the ID token, or only where the access token fetches them. */
  readonly claimsInIdToken?: boolean;
}

const OIDC_CLIENT = { id: 'oakum', secret: 'a secret of the tests, long enough' };

/** Settings with which a provider is asked: the roles are called r, o and a. */
export function oidcOptions(issuer: string, change: Partial<OidcOptions> = {}): OidcOptions {
  return {
    issuer,
    clientId: OIDC_CLIENT.id,
    clientSecret: OIDC_CLIENT.secret,
    scopes: ['profile'],
    roleClaim: 'roles',
    nameClaim: 'preferred_username',
    roleValues: { reader: ['r'], operator: ['o'], administrator: ['a', 'root'] },
    allowHttp: false,
    ...change,
  };
}

/** A real OpenID Connect provider on a loopback port, whose sign-in page asks nobody anything. */
export class OidcServer implements AsyncDisposable {
  readonly issuer: string;
  /** Who sits before the browser. */
  person: OidcPerson = { sub: 'nobody', claims: {} };
  readonly #people = new Map<string, OidcPerson>();
  readonly #server: Server;
  readonly #provider: Provider;

  private constructor(server: Server, options: OidcServerOptions) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#provider = new Provider(this.issuer, this.#configuration(options));
    const answer = this.#provider.callback();
    server.on('request', (request, response) => {
      if (request.url?.startsWith('/interaction/') === true) void this.#interact(request, response);
      else void answer(request, response);
    });
  }

  static async start(options: OidcServerOptions): Promise<OidcServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OidcServer(server, options);
  }

  /** Follows the provider from page to page, as a browser, until it sends back. @returns the query it sends back with */
  async visit(url: string, redirectUri: string): Promise<string> {
    this.#people.set(this.person.sub, this.person);
    const cookies = new Map<string, string>();
    for (let at = url; ;) {
      if (at.startsWith(redirectUri)) return new URL(at).search;
      const header = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(at, { redirect: 'manual', headers: { cookie: header } });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${response.status} at ${at}: ${await response.text()}`);
      at = new URL(location, at).href;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session, grantId } = await this.#provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      await this.#provider.interactionFinished(request, response, { login: { accountId: this.person.sub } });
      return;
    }
    const known = grantId === undefined ? undefined : await this.#provider.Grant.find(grantId);
    const grant =
      known ??
      new this.#provider.Grant({
        accountId: session?.accountId ?? '',
        clientId: String(params['client_id']),
      });
    grant.addOIDCScope(String(params['scope']));
    await this.#provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }

  #configuration({ redirectUri, claimsInIdToken = false }: OidcServerOptions): Configuration {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { ...privateKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' } as JWK;
    return {
      clients: [
        {
          client_id: OIDC_CLIENT.id,
          client_secret: OIDC_CLIENT.secret,
          redirect_uris: [redirectUri],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      jwks: { keys: [key] },
      cookies: { keys: ['a key of the tests'] },
      claims: { openid: ['sub'], profile: ['preferred_username', 'roles', 'realm_access'] },
      conformIdTokenClaims: !claimsInIdToken,
      findAccount: (_, sub) => ({
        accountId: sub,
        claims: async () => ({ sub, ...this.#people.get(sub)?.claims }),
      }),
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => true },
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
    };
  }
}
