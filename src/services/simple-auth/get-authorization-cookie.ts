import { GetAuthorizationCookie } from '../../protocol/wusp/simple-auth.ts';
import { implement } from '../../soap/endpoint.ts';
import { sealAuthorizationCookie } from '../cookies/authorization-cookie.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';

export const PLUG_IN_ID = 'SimpleTargeting';

/** Long enough for any handshake: clients ask for a new one whenever they renew their cookie. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

// ClientIdString, [MS-WUSP] 1.1: 1 to 255 of a-z, 0-9 and "-". Upper case is the same id.
const CLIENT_ID = /^[a-z0-9-]{1,255}$/i;

// 3.1.5.3: "consistent with DNS naming requirements"; underscores occur in NetBIOS names.
const DNS_NAME = /^[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;
const DNS_NAME_LENGTH = 255;

const TARGET_GROUPS_LENGTH = 1024;

/** GetAuthorizationCookie ([MS-WUSP] 2.2.2.1.1, 3.1.5.3). */
export function getAuthorizationCookie(context: ServiceContext) {
  return implement(GetAuthorizationCookie, {
    async handle(call: Call, request) {
      const clientId = present(request.clientId, 'clientId').toLowerCase();
      const dnsName = present(request.dnsName, 'dnsName');
      if (!CLIENT_ID.test(clientId)) throw invalidParameter('clientId');
      if (!DNS_NAME.test(dnsName) || dnsName.length > DNS_NAME_LENGTH) throw invalidParameter('dnsName');
      const requestedGroups = request.targetGroupName ?? '';
      if (requestedGroups.length > TARGET_GROUPS_LENGTH) throw invalidParameter('targetGroupName');
      await context.computers.greet({ clientId, dnsName, requestedGroups, address: call.address });
      const cookie = {
        serverIdentity: context.server().identity,
        clientId,
        expiresMs: context.now() + LIFETIME_MS,
      };
      return {
        GetAuthorizationCookieResult: {
          PlugInId: PLUG_IN_ID,
          CookieData: sealAuthorizationCookie(context.keys(), cookie),
        },
      };
    },
  });
}
