/**
 * What a Windows Update Agent calls its failures: the codes an administrator finds in the log of a
 * computer and looks up (wuerror.h), for those that a server's behaviour can cause.
 */
export const HRESULTS = Object.freeze({
  E_OUTOFMEMORY: 0x8007000e,
  E_INVALIDARG: 0x80070057,
  WU_E_XML_MISSINGDATA: 0x8024000d,
  WU_E_XML_INVALID: 0x8024000e,
  WU_E_CYCLE_DETECTED: 0x8024000f,
  WU_E_DUPLICATE_ITEM: 0x80240013,
  WU_E_ALL_UPDATES_FAILED: 0x80240022,
  WU_E_TOO_MANY_RESYNC: 0x80240039,
  WU_E_INSTALL_CANCELLED: 0x8024000b,
  WU_E_CATALOG_SYNC_REQUIRED: 0x80240436,
  WU_E_ENDPOINT_UNREACHABLE: 0x80240438,
  WU_E_INVALID_FORMAT: 0x80240439,
  WU_E_PT_SOAPCLIENT_SEND: 0x80244005,
  WU_E_PT_SOAP_SERVER: 0x80244006,
  WU_E_PT_SOAPCLIENT_SOAPFAULT: 0x80244007,
  WU_E_PT_SOAPCLIENT_PARSEFAULT: 0x80244008,
  WU_E_PT_SOAPCLIENT_READ: 0x80244009,
  WU_E_PT_SOAPCLIENT_PARSE: 0x8024400a,
  WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS: 0x80244010,
  WU_E_PT_REFRESH_CACHE_REQUIRED: 0x80244015,
  WU_E_PT_HTTP_STATUS_BAD_REQUEST: 0x80244016,
  WU_E_PT_HTTP_STATUS_DENIED: 0x80244017,
  WU_E_PT_HTTP_STATUS_FORBIDDEN: 0x80244018,
  WU_E_PT_HTTP_STATUS_NOT_FOUND: 0x80244019,
  WU_E_PT_HTTP_STATUS_SERVER_ERROR: 0x8024401f,
  WU_E_PT_HTTP_STATUS_BAD_GATEWAY: 0x80244021,
  WU_E_PT_HTTP_STATUS_SERVICE_UNAVAILABLE: 0x80244022,
  WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT: 0x80244023,
  WU_E_PT_FILE_LOCATIONS_CHANGED: 0x80244025,
  WU_E_PT_REGISTRATION_NOT_SUPPORTED: 0x80244026,
  WU_E_PT_NO_AUTH_PLUGINS_REQUESTED: 0x80244027,
  WU_E_PT_NO_AUTH_COOKIES_CREATED: 0x80244028,
  WU_E_PT_CONFIG_PROP_MISSING: 0x8024402a,
  WU_E_PT_HTTP_STATUS_NOT_MAPPED: 0x8024402b,
  WU_E_PT_WINHTTP_NAME_NOT_RESOLVED: 0x8024402c,
  WU_E_PT_LOAD_SHEDDING: 0x8024402d,
  WU_E_DM_NOTDOWNLOADED: 0x80246007,
  CERT_E_UNTRUSTEDROOT: 0x800b0109,
  TRUST_E_BAD_DIGEST: 0x80096010,
  /** Not an error: the installation waits for a restart. */
  WU_S_REBOOT_REQUIRED: 0x00240005,
});

export type HresultName = keyof typeof HRESULTS;

/** `0x80244010`, as logs write it. */
export function formatHresult(code: number): string {
  return `0x${(code >>> 0).toString(16).padStart(8, '0').toUpperCase()}`;
}

/** As a signed 32-bit integer, which is how events carry it. */
export function signedHresult(code: number): number {
  return code | 0;
}

/** The name of a code; undefined for one that is not in the table. */
export function hresultName(code: number): HresultName | undefined {
  return (Object.keys(HRESULTS) as HresultName[]).find((name) => HRESULTS[name] === code >>> 0);
}

const HTTP_STATUS: Readonly<Record<number, HresultName>> = {
  400: 'WU_E_PT_HTTP_STATUS_BAD_REQUEST',
  401: 'WU_E_PT_HTTP_STATUS_DENIED',
  403: 'WU_E_PT_HTTP_STATUS_FORBIDDEN',
  404: 'WU_E_PT_HTTP_STATUS_NOT_FOUND',
  500: 'WU_E_PT_HTTP_STATUS_SERVER_ERROR',
  502: 'WU_E_PT_HTTP_STATUS_BAD_GATEWAY',
  503: 'WU_E_PT_HTTP_STATUS_SERVICE_UNAVAILABLE',
  504: 'WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT',
};

/** What an agent makes of an HTTP status that is no success. */
export function hresultOfStatus(status: number): HresultName {
  return HTTP_STATUS[status] ?? 'WU_E_PT_HTTP_STATUS_NOT_MAPPED';
}
