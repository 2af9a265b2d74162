import type { Buffer } from 'node:buffer';
import { OakumError } from '../../errors/oakum-error.ts';
import type { Guard } from '../../soap/endpoint.ts';
import { dateTimeFromMs, type DateTime } from '../../soap/simple-type.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { openClientCookie, sealClientCookie, type ClientCookie } from './client-cookie.ts';

/** A cookie on the wire, either way. */
export interface WireCookie {
  readonly Expiration: DateTime;
  readonly EncryptedData: Buffer;
}

/**
 * Checks the `cookie` of a message before anything else of it is decoded: valid, issued by this server,
 * not expired ([MS-WUSP] 3.1.5.5 to 3.1.5.12). Only what is sealed inside counts, never the Expiration in
 * clear.
 */
export function cookieGuard(context: ServiceContext): Guard<Call, ClientCookie> {
  return {
    field: 'cookie',
    open: (_call, credential) => {
      const cookie = openIssuedCookie(
        context,
        (credential as Partial<WireCookie> | null | undefined)?.EncryptedData,
      );
      if (context.now() >= cookie.expiresMs) throw new OakumError('OAK_COOKIE_EXPIRED');
      return cookie;
    },
  };
}

/** A cookie this server issued, expired or not. */
export function openIssuedCookie(context: ServiceContext, sealed: Buffer | null | undefined): ClientCookie {
  const cookie =
    sealed === null || sealed === undefined ? undefined : openClientCookie(context.keys(), sealed);
  if (cookie === undefined) throw new OakumError('OAK_COOKIE_INVALID');
  // Ours to open, but issued before this server got a new identity: revision ids may have moved.
  if (cookie.serverIdentity !== context.server().identity) throw new OakumError('OAK_SERVER_CHANGED');
  return cookie;
}

/** Written once for each cookie: a scan brings back the one it came with, if there is nothing new. */
const expirations = new WeakMap<ClientCookie, DateTime>();

/** A cookie as it is sent. The Expiration is a copy for the client. */
export function toWire(context: ServiceContext, cookie: ClientCookie): WireCookie {
  const Expiration = expirations.get(cookie) ?? dateTimeFromMs(cookie.expiresMs);
  expirations.set(cookie, Expiration);
  return { Expiration, EncryptedData: sealClientCookie(context.keys(), cookie) };
}

/** [MS-WUSP] 3.1.5.7: the client must know the configuration that holds now. */
export function requireCurrentConfiguration(context: ServiceContext, cookie: ClientCookie): void {
  if (cookie.configurationMs !== context.server().configurationChangedMs)
    throw new OakumError('OAK_CONFIG_CHANGED');
}

/** [MS-WUSP] 2.2.2.4: a client that was told other locations asks for them again before it scans. */
export function requireCurrentFileLocations(context: ServiceContext, cookie: ClientCookie): void {
  if (cookie.fileBase !== context.settings.fileBase) throw new OakumError('OAK_FILE_LOCATION_CHANGED');
}
