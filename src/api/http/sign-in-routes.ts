import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { redeemLink } from '../../admin/identity/links.ts';
import type { OidcProvider } from '../../admin/identity/oidc-provider.ts';
import { beginOidc, completeOidc } from '../../admin/identity/oidc-sign-in.ts';
import {
  beginTotp,
  changeOwnPassword,
  confirmTotp,
  removeOwnTotp,
  viewOwnAccount,
} from '../../admin/identity/own-account.ts';
import type { Principal } from '../../admin/identity/roles.ts';
import { signOut, type SignedIn } from '../../admin/identity/sessions.ts';
import { signIn } from '../../admin/identity/sign-in.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import type { Db } from '../../store/schema.ts';
import { jsonLine } from '../json-text.ts';
import { PLAIN, type PlainRoute } from '../plain-routes.ts';
import { sessionCookie, sessionOf, type Authenticate } from './authenticator.ts';
import { addPlainRoute, type PlainRequest } from './plain-route.ts';

export interface SignInOptions {
  readonly db: Db;
  readonly now: () => number;
  readonly secure: boolean;
  /** Where the administration is reached; what the identity provider sends browsers back to begins with it. */
  readonly publicUrl: () => string;
  /** Undefined when nobody signs in that way. */
  readonly oidc: OidcProvider | undefined;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const CALLBACK_PATH = '/api/v1/session/oidc/callback';

/** Signing in and out, and the own account. */
export function addSignIn(app: FastifyInstance, options: SignInOptions, authenticate: Authenticate): void {
  const { db, now, secure } = options;
  const bindingCookie = secure ? '__Host-oakum-oidc' : 'oakum-oidc';
  const add = (route: PlainRoute, answer: (request: PlainRequest) => Promise<FastifyReply>): void =>
    addPlainRoute(app, route, authenticate, answer);
  const start = (request: FastifyRequest) => {
    const replaces = sessionOf(request, secure);
    return { address: request.ip, nowMs: now(), ...(replaces === undefined ? {} : { replaces }) };
  };
  const entered = async (reply: FastifyReply, status: number, signedIn: SignedIn): Promise<FastifyReply> => {
    const view = await sessionView(db, { ...signedIn.principal, csrfToken: signedIn.csrfToken });
    return setSession(reply, signedIn, secure).code(status).type(JSON_TYPE).send(jsonLine(view));
  };

  add(PLAIN.signIn, async ({ input, request, reply }) => {
    const { name, password, code } = input as { name: string; password: string; code?: string };
    const given = { name, password, ...(code === undefined ? {} : { code }) };
    return entered(reply, 201, await signIn(db, { ...given, ...start(request) }));
  });
  add(PLAIN.useLink, async ({ input, request, reply }) => {
    const { link, name, password, code } = input as Record<'link' | 'password', string> & {
      readonly name?: string;
      readonly code?: string;
    };
    const signedIn = await redeemLink(db, {
      secret: link,
      password,
      ...(name === undefined ? {} : { name }),
      ...(code === undefined ? {} : { code }),
      ...start(request),
    });
    return entered(reply, 201, signedIn);
  });
  add(PLAIN.whoAmI, async ({ principal, reply }) =>
    reply.type(JSON_TYPE).send(jsonLine(await sessionView(db, principal!))),
  );
  add(PLAIN.signOut, async ({ request, reply }) => {
    const session = sessionOf(request, secure);
    if (session !== undefined) await signOut(db, session, now());
    return reply
      .clearCookie(sessionCookie(secure), { path: '/', secure })
      .type(JSON_TYPE)
      .send(jsonLine({ signedOut: session !== undefined }));
  });
  add(PLAIN.changePassword, async ({ input, principal, request, reply }) => {
    const { password, newPassword } = input as Record<'password' | 'newPassword', string>;
    const own = { password, newPassword, address: request.ip, nowMs: now() };
    return entered(reply, 200, await changeOwnPassword(db, principal!, own));
  });
  add(PLAIN.beginTotp, async ({ input, principal, request, reply }) => {
    const { password } = input as Record<'password', string>;
    const enrolment = await beginTotp(db, principal!, { password, address: request.ip, nowMs: now() });
    return reply.type(JSON_TYPE).send(jsonLine(enrolment));
  });
  add(PLAIN.confirmTotp, async ({ input, principal, reply }) => {
    const { code } = input as Record<'code', string>;
    await confirmTotp(db, principal!, { code, nowMs: now() });
    return reply.type(JSON_TYPE).send(jsonLine({ totp: true }));
  });
  add(PLAIN.removeTotp, async ({ input, principal, request, reply }) => {
    const { password, code } = input as Record<'password' | 'code', string>;
    await removeOwnTotp(db, principal!, { password, code, address: request.ip, nowMs: now() });
    return reply.type(JSON_TYPE).send(jsonLine({ totp: false }));
  });
  add(PLAIN.beginOidc, async ({ input, reply }) => {
    const { returnTo } = input;
    const begun = await beginOidc(db, required(options.oidc), {
      redirectUri: options.publicUrl() + CALLBACK_PATH,
      nowMs: now(),
      ...(returnTo === undefined ? {} : { returnTo }),
    });
    // Lax: the browser comes back from another site.
    return reply
      .setCookie(bindingCookie, begun.binding, {
        path: '/',
        httpOnly: true,
        secure,
        sameSite: 'lax',
        expires: new Date(begun.expiresMs),
      })
      .redirect(begun.url, 302);
  });
  add(PLAIN.endOidc, async ({ request, reply }) => {
    const { returnTo, ...signedIn } = await completeOidc(db, required(options.oidc), {
      query: request.url.split('?')[1] ?? '',
      binding: request.cookies[bindingCookie],
      ...start(request),
    });
    return setSession(reply, signedIn, secure)
      .clearCookie(bindingCookie, { path: '/', secure })
      .redirect(returnTo, 302);
  });
}

/** Gives the browser a session that no script can read and no other site can use. */
export function setSession(reply: FastifyReply, signedIn: SignedIn, secure: boolean): FastifyReply {
  return reply.setCookie(sessionCookie(secure), signedIn.sessionId, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'strict',
    expires: new Date(signedIn.expiresMs),
  });
}

function required(oidc: OidcProvider | undefined): OidcProvider {
  if (oidc === undefined) throw new OakumError('OAK_OIDC_OFF');
  return oidc;
}

async function sessionView(db: Db, principal: Principal): Promise<unknown> {
  const { name, role, kind, scopes, expiresMs, csrfToken } = principal;
  return {
    name,
    role,
    kind,
    scopes: scopes ?? null,
    expiresMs: expiresMs ?? null,
    csrfToken: csrfToken ?? null,
    totp: kind === 'session' ? (await viewOwnAccount(db, principal)).totp : null,
  };
}
