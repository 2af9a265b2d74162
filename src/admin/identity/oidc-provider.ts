import {
  allowInsecureRequests,
  AuthorizationResponseError,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
  type ClientAuth,
  type Configuration,
  type CustomFetchOptions,
} from 'openid-client';
import { OakumError } from '../../errors/oakum-error.ts';
import type { Role } from './roles.ts';

/** How this server is known to an identity provider, and whom it lets in. */
export interface OidcOptions {
  /** The issuer's address, below which `.well-known/openid-configuration` lies. */
  readonly issuer: string;
  readonly clientId: string;
  /** Empty for a client without a secret, which PKCE protects alone. */
  readonly clientSecret: string;
  /** What is asked for beside `openid`. */
  readonly scopes: readonly string[];
  /** Where the roles are: the name of a claim, or names with dots between them for a claim inside a claim. */
  readonly roleClaim: string;
  /** Where the name is. */
  readonly nameClaim: string;
  /** Which values of the claim stand for which role. */
  readonly roleValues: Readonly<Record<Role, readonly string[]>>;
  /** Plain HTTP to the issuer, which is else allowed to this machine only. */
  readonly allowHttp: boolean;
}

const TIMEOUT_SECONDS = 10;
const REFRESH_MS = 60 * 60_000;
const MOST_BYTES = 1_048_576;

/** The configuration of the identity provider, asked for when somebody signs in, not before. */
export class OidcProvider {
  readonly options: OidcOptions;
  readonly #issuer: URL;
  #found: { readonly config: Promise<Configuration>; readonly untilMs: number } | undefined;

  /** @throws OakumError OAK_OIDC_SETTINGS */
  constructor(options: OidcOptions) {
    this.options = options;
    this.#issuer = checkedIssuer(options);
    if (options.clientId === '')
      throw new OakumError('OAK_OIDC_SETTINGS', { detail: 'oidc.clientId is empty.' });
  }

  /**
   * @throws OakumError OAK_OIDC_UNREACHABLE, OAK_OIDC_ANSWER; the next call tries again
   */
  async configuration(nowMs: number): Promise<Configuration> {
    const found = this.#found;
    if (found !== undefined && nowMs < found.untilMs) return found.config;
    const config = this.#discover();
    const mine = { config, untilMs: nowMs + REFRESH_MS };
    this.#found = mine;
    try {
      return await config;
    } catch (error) {
      if (this.#found === mine) this.#found = undefined;
      throw error;
    }
  }

  async #discover(): Promise<Configuration> {
    const { clientId, clientSecret } = this.options;
    try {
      return await discovery(this.#issuer, clientId, undefined, clientAuthentication(clientSecret), {
        timeout: TIMEOUT_SECONDS,
        [customFetch]: boundedFetch,
        // The signature of ID tokens is checked although TLS alone would do (OpenID Connect Core 1.0, 3.1.3.7).
        execute: [
          enableNonRepudiationChecks,
          ...(this.#issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
      });
    } catch (error) {
      throw oidcError(error);
    }
  }
}

/** How the secret is sent is known only when the provider has said what it takes. */
function clientAuthentication(secret: string): ClientAuth {
  if (secret === '') return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, ...rest) => {
    // OpenID Connect Discovery 1.0, 3: client_secret_basic when the provider does not say.
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isPost = methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
    (isPost ? post : basic)(server, ...rest);
  };
}

function checkedIssuer({ issuer, allowHttp }: OidcOptions): URL {
  const url = URL.parse(issuer);
  if (url === null) throw new OakumError('OAK_OIDC_SETTINGS', { detail: `oidc.issuer is no address.` });
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && (isLoopback || allowHttp));
  if (!isAllowed || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new OakumError('OAK_OIDC_SETTINGS', {
      detail: `oidc.issuer must be an https address without user, query and fragment.`,
    });
  }
  return url;
}

/** Reads no more than a provider has to say. */
async function boundedFetch(url: string, options: CustomFetchOptions): Promise<Response> {
  const { body, ...rest } = options;
  const response = await fetch(url, { ...rest, body: body ?? null });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    // Leaving the loop ends the transfer.
    if (length > MOST_BYTES) throw new ClientError('too long an answer');
    chunks.push(chunk);
  }
  const { status, headers } = response;
  // A status such as 204 allows no body, not even an empty one.
  return new Response(length === 0 ? null : Buffer.concat(chunks), { status, headers });
}

/** What went wrong, in a word of the catalogue. Texts of the provider are left out: anybody may have written them. */
export function oidcError(error: unknown): OakumError {
  if (error instanceof OakumError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const isWord = /^[a-z_]{1,64}$/.test(error.error);
    return new OakumError('OAK_OIDC_REFUSED', {
      cause: error,
      ...(isWord ? { detail: `It says ${error.error}.` } : {}),
    });
  }
  // RFC 6749, 5.2: so it answers a client that it does not know, or whose secret is wrong.
  if (error instanceof WWWAuthenticateChallengeError) {
    return new OakumError('OAK_OIDC_REFUSED', {
      detail: 'It does not take the client or its secret.',
      cause: error,
    });
  }
  const code = error instanceof ClientError ? error.code : undefined;
  const isUnreachable =
    code === 'OAUTH_TIMEOUT' || (error instanceof TypeError && error.message === 'fetch failed');
  if (isUnreachable) return new OakumError('OAK_OIDC_UNREACHABLE', { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new OakumError('OAK_OIDC_ANSWER', {
    detail: `${reason.slice(0, 200).replace(/\.$/, '')}.`,
    cause: error,
  });
}
