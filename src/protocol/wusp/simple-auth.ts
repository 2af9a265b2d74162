import { complexType, optional } from '../../soap/message-type.ts';
import { FRAMING, operation, type ServiceDeclaration } from '../../soap/service.ts';
import { string } from '../../soap/simple-type.ts';
import { AuthorizationCookie } from './common.ts';

export const GetAuthorizationCookie = operation(
  complexType('GetAuthorizationCookie', '2.2.2.1.1', {
    clientId: optional(string),
    /** Several groups are separated by `;`. */
    targetGroupName: optional(string),
    dnsName: optional(string),
  }),
  complexType('GetAuthorizationCookieResponse', '2.2.2.1.1', {
    GetAuthorizationCookieResult: optional(AuthorizationCookie),
  }),
);

/** The SimpleAuth web service ([MS-WUSP] 2.2.2.1). */
export const simpleAuthService = {
  name: 'SimpleAuth',
  portName: 'SimpleAuthSoap',
  section: '2.2.2.1',
  namespace: 'http://www.microsoft.com/SoftwareDistribution/Server/SimpleAuthWebService',
  path: '/SimpleAuthWebService/SimpleAuth.asmx',
  framing: FRAMING.classicService,
  cacheControl: 'private, max-age=0',
  faultActor: true,
  operations: { GetAuthorizationCookie },
} as const satisfies ServiceDeclaration;
