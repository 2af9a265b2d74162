import { OakumError } from '../../errors/oakum-error.ts';
import { GetCookie } from '../../protocol/wusp/client.ts';
import type { Cookie } from '../../protocol/wusp/common.ts';
import { implement } from '../../soap/endpoint.ts';
import type { Decoded } from '../../soap/message-type.ts';
import { dateTimeToMs } from '../../soap/simple-type.ts';
import { openAuthorizationCookie, type AuthorizationCookie } from '../cookies/authorization-cookie.ts';
import { NO_WATERMARKS, type ClientCookie } from '../cookies/client-cookie.ts';
import { openIssuedCookie, toWire } from '../cookies/session.ts';
import { invalidParameter } from '../parameters.ts';
import { parseProtocolVersion } from '../protocol-version.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { PLUG_IN_ID } from '../simple-auth/get-authorization-cookie.ts';

interface WireAuthorizationCookie {
  readonly PlugInId?: string | null;
  readonly CookieData?: Buffer | null;
}

/** GetCookie ([MS-WUSP] 2.2.2.2.2): checks the conditions of 3.1.5.4 in the order of its table. */
export function getCookie(context: ServiceContext) {
  return implement(GetCookie, {
    guard: {
      field: 'authCookies',
      open: (_call: Call, credential) =>
        authorize(context, credential as readonly WireAuthorizationCookie[] | null),
    },
    // A damaged one in a client's cache must not keep the client out for ever: it starts anew after InvalidCookie.
    invalid: { oldCookie: 'OAK_COOKIE_INVALID' },
    handle(_call: Call, request, authorization: AuthorizationCookie) {
      const old = oldCookie(context, request.oldCookie, authorization);
      const configurationMs = context.server().configurationChangedMs;
      if (request.lastChange === undefined || request.lastChange === null)
        throw invalidParameter('lastChange');
      if (dateTimeToMs(request.lastChange) !== configurationMs) throw new OakumError('OAK_CONFIG_CHANGED');
      const protocolVersion = parseProtocolVersion(request.protocolVersion);
      if (protocolVersion === undefined) throw invalidParameter('protocolVersion');
      const cookie: ClientCookie = {
        serverIdentity: authorization.serverIdentity,
        clientId: authorization.clientId,
        protocolVersion,
        expiresMs: context.now() + context.settings.cookieLifetimeMs,
        configurationMs,
        fileBase: old?.fileBase ?? context.settings.fileBase,
        audienceKey: old?.audienceKey ?? '',
        // What the client was told before carries over, or it would be told everything again every hour.
        watermarks: old?.watermarks ?? NO_WATERMARKS,
      };
      return { GetCookieResult: toWire(context, cookie) };
    },
  });
}

/** Exactly one authorization cookie: ours, intact, of this server identity. */
function authorize(
  context: ServiceContext,
  cookies: readonly WireAuthorizationCookie[] | null | undefined,
): AuthorizationCookie {
  const [only, ...others] = cookies ?? [];
  const issuedHere = others.length === 0 && only?.PlugInId?.toLowerCase() === PLUG_IN_ID.toLowerCase();
  const cookie =
    issuedHere && only?.CookieData ? openAuthorizationCookie(context.keys(), only.CookieData) : undefined;
  const holds =
    cookie !== undefined &&
    cookie.serverIdentity === context.server().identity &&
    context.now() < cookie.expiresMs;
  if (!holds) throw new OakumError('OAK_AUTHORIZATION_COOKIE_INVALID');
  return cookie;
}

/**
 * The cookie to renew: absent, nil or without data on first contact (real agents then send its Expiration
 * only), else one of ours, typically expired.
 */
function oldCookie(
  context: ServiceContext,
  wire: Decoded<typeof Cookie> | null | undefined,
  authorization: AuthorizationCookie,
): ClientCookie | undefined {
  const sealed = wire?.EncryptedData;
  if (sealed === undefined || sealed === null || sealed.length === 0) return undefined;
  const cookie = openIssuedCookie(context, sealed);
  // A cookie of another client is not this client's state, whoever got hold of it.
  if (cookie.clientId !== authorization.clientId) throw new OakumError('OAK_COOKIE_INVALID');
  return cookie;
}
