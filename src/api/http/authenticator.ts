import type { FastifyRequest } from 'fastify';
import { authenticate } from '../../admin/identity/authenticate.ts';
import type { Principal } from '../../admin/identity/roles.ts';
import { requireCsrf } from '../../admin/identity/sessions.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import type { Db } from '../../store/schema.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, as soon as that is known. */
    principal: Principal | undefined;
  }
}

/** Finds out who sends a request; a change in a session must carry its token, too. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal>;

export interface AuthenticatorOptions {
  readonly db: Db;
  readonly now: () => number;
  readonly secure: boolean;
}

/** The name of the session cookie. With the prefix, browsers take it over TLS only, from this host only. */
export const sessionCookie = (secure: boolean): string => (secure ? '__Host-oakum-session' : 'oakum-session');

/** What the request brings as its session. */
export function sessionOf(request: FastifyRequest, secure: boolean): string | undefined {
  return request.cookies[sessionCookie(secure)];
}

/**
 * Makes what finds out who sends a request, by its token or its session.
 *
 * @throws OakumError (what is made) OAK_SIGN_IN_REQUIRED, OAK_TOKEN_INVALID, OAK_TOKEN_EXPIRED, OAK_CSRF
 */
export function createAuthenticator({ db, now, secure }: AuthenticatorOptions): Authenticate {
  return async (request) => {
    const bearer = bearerOf(request.headers.authorization);
    const session = sessionOf(request, secure);
    const principal = await authenticate(
      db,
      { ...(bearer === undefined ? {} : { bearer }), ...(session === undefined ? {} : { session }) },
      now(),
    );
    request.principal = principal;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseForeignPage(request);
      const sent = request.headers['x-csrf-token'];
      requireCsrf(principal, typeof sent === 'string' ? sent : undefined);
    }
    return principal;
  };
}

/** Browsers say by themselves which page sent something; nobody else has a reason to. */
export function refuseForeignPage({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new OakumError('OAK_CSRF');
}

/** @throws OakumError OAK_TOKEN_INVALID for another scheme */
function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new OakumError('OAK_TOKEN_INVALID');
  return token;
}
