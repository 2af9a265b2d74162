import type { Audience } from '../catalog/audience.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import type { ClientCookie } from './cookies/client-cookie.ts';
import type { ServiceContext } from './service-context.ts';

/** The audience that decides what the cookie's computer is sent out of this generation. */
export function audienceOf(context: ServiceContext, catalog: Catalog, cookie: ClientCookie): Audience {
  const standing = context.computers.find(cookie.clientId);
  context.computers.seen(cookie.clientId);
  return catalog.audience(standing?.groupIds ?? [UNASSIGNED_COMPUTERS]);
}

/** The same, for operations that only serve registered computers ([MS-WUSP] 3.1.5.7). */
export function registeredAudienceOf(
  context: ServiceContext,
  catalog: Catalog,
  cookie: ClientCookie,
): Audience {
  const standing = context.computers.find(cookie.clientId);
  context.computers.seen(cookie.clientId);
  if (context.settings.registrationRequired && standing?.registered !== true) {
    throw new OakumError('OAK_REGISTRATION_REQUIRED');
  }
  return catalog.audience(standing?.groupIds ?? [UNASSIGNED_COMPUTERS]);
}
