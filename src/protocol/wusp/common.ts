import { arrayOf, complexType, intArray, optional, required } from '../../soap/message-type.ts';
import { base64Binary, dateTime, guid, int, string } from '../../soap/simple-type.ts';

/**
 * Types that several services share. The prose defines them in one common namespace ([MS-WUSP] 2.2.3);
 * on the wire, and in the WSDL, each service has them in its own.
 */

/** The namespace of the prose. Elements in it are understood too. */
export const COMMON_NAMESPACE = 'http://www.microsoft.com/SoftwareDistribution';

export const ArrayOfInt = intArray('ArrayOfInt', 'int');
export const ArrayOfString = arrayOf('ArrayOfString', 'string', string);
export const ArrayOfGuid = arrayOf('ArrayOfGuid', 'guid', guid, { nillable: false });
export const ArrayOfBase64Binary = arrayOf('ArrayOfBase64Binary', 'base64Binary', base64Binary);

export const AuthorizationCookie = complexType('AuthorizationCookie', '2.2.3.4', {
  PlugInId: optional(string),
  CookieData: optional(base64Binary),
});

export const Cookie = complexType('Cookie', '2.2.3.5', {
  /** A copy in clear; only what is sealed inside counts. */
  Expiration: required(dateTime),
  EncryptedData: optional(base64Binary),
});

export const UpdateIdentity = complexType('UpdateIdentity', '2.2.3.6', {
  UpdateID: required(guid),
  RevisionNumber: required(int),
});
