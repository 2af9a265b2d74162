/** What a result code of an agent is called, and what it means to whoever looks after the computer. */
export interface ResultCode {
  readonly name: string;
  readonly meaning: string;
}

/** A result code in all the ways people ask for it. */
export interface DescribedResult extends ResultCode {
  /** Signed, as events carry it. */
  readonly code: number;
  /** `0x80070643`. */
  readonly hex: string;
}

/**
 * Codes that agents report, from the documentation of the Windows Update Agent and of the components it hands
 * updates to. Not all of some thousand there are: those with which installations and scans are seen to fail.
 */
const CODES: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  0x00000000: ['S_OK', 'It succeeded.'],
  0x00240001: ['WU_S_SERVICE_STOP', 'The agent was stopped.'],
  0x00240003: ['WU_S_UPDATE_ERROR', 'It succeeded for some updates only.'],
  0x00240005: ['WU_S_REBOOT_REQUIRED', 'A restart completes it.'],
  0x00240006: ['WU_S_ALREADY_INSTALLED', 'It is installed already.'],
  0x00240007: ['WU_S_ALREADY_UNINSTALLED', 'It is removed already.'],
  0x00240008: ['WU_S_ALREADY_DOWNLOADED', 'It is downloaded already.'],
  0x80004001: ['E_NOTIMPL', 'A component does not support what was asked of it.'],
  0x80004002: ['E_NOINTERFACE', 'A component of the agent is damaged or not registered.'],
  0x80004004: ['E_ABORT', 'It was stopped.'],
  0x80004005: ['E_FAIL', 'It failed without saying why; the log of the component says more.'],
  0x8000ffff: ['E_UNEXPECTED', 'Something happened that must not; the log of the component says more.'],
  0x80070002: ['ERROR_FILE_NOT_FOUND', 'A file is missing on the computer.'],
  0x80070003: ['ERROR_PATH_NOT_FOUND', 'A folder is missing on the computer.'],
  0x80070005: ['E_ACCESSDENIED', 'Access was denied: permissions, or a program that guards files.'],
  0x8007000d: [
    'ERROR_INVALID_DATA',
    'Something the installation read is damaged, often the component store.',
  ],
  0x8007000e: ['E_OUTOFMEMORY', 'The computer ran out of memory.'],
  0x80070020: ['ERROR_SHARING_VIOLATION', 'A file is in use by another program.'],
  0x80070057: ['E_INVALIDARG', 'A component was called with something it does not understand.'],
  0x80070070: ['ERROR_DISK_FULL', 'The disk is full.'],
  0x800700c1: ['ERROR_BAD_EXE_FORMAT', 'A program is damaged or for another kind of processor.'],
  0x80070103: ['ERROR_NO_MORE_ITEMS', 'The driver is installed already, or a better one is.'],
  0x80070422: ['ERROR_SERVICE_DISABLED', 'A service that is needed is disabled.'],
  0x80070490: ['ERROR_NOT_FOUND', 'Something was not found, often in the component store.'],
  0x800705b4: ['ERROR_TIMEOUT', 'It took too long.'],
  0x80070641: ['ERROR_INSTALL_SERVICE_FAILURE', 'The Windows Installer service could not be reached.'],
  0x80070642: ['ERROR_INSTALL_USEREXIT', 'Somebody cancelled the installation.'],
  0x80070643: ['ERROR_INSTALL_FAILURE', 'The installer failed; its own log says why.'],
  0x80070644: ['ERROR_INSTALL_SUSPEND', 'An installation is suspended and has to be finished first.'],
  0x80070645: ['ERROR_UNKNOWN_PRODUCT', 'The product it belongs to is not installed.'],
  0x80070646: ['ERROR_UNKNOWN_FEATURE', 'The feature it belongs to is not installed.'],
  0x80070648: ['ERROR_BAD_CONFIGURATION', 'The records of an installed product are damaged.'],
  0x80070652: ['ERROR_INSTALL_ALREADY_RUNNING', 'Another installation was running.'],
  0x80070653: ['ERROR_INSTALL_PACKAGE_OPEN_FAILED', 'The installation package could not be opened.'],
  0x80070656: ['ERROR_INSTALL_LOG_FAILURE', 'The log of the installation could not be written.'],
  0x80070659: ['ERROR_INSTALL_PACKAGE_REJECTED', 'A policy forbids the installation.'],
  0x8007066a: ['ERROR_PATCH_TARGET_NOT_FOUND', 'What it updates is not installed in the version it expects.'],
  0x80070bc2: ['ERROR_SUCCESS_REBOOT_REQUIRED', 'A restart completes it.'],
  0x80070bc9: ['ERROR_FAIL_REBOOT_REQUIRED', 'It failed because a restart is outstanding.'],
  0x80070bca: ['ERROR_FAIL_REBOOT_INITIATED', 'It failed because the computer was restarting.'],
  0x80072ee2: ['ERROR_INTERNET_TIMEOUT', 'The server did not answer in time.'],
  0x80072ee7: [
    'ERROR_INTERNET_NAME_NOT_RESOLVED',
    'The name of the server is not known: look at DNS or the proxy.',
  ],
  0x80072efd: ['ERROR_INTERNET_CANNOT_CONNECT', 'No connection to the server.'],
  0x80072efe: ['ERROR_INTERNET_CONNECTION_ABORTED', 'The connection to the server broke.'],
  0x80072f06: ['ERROR_INTERNET_SEC_CERT_CN_INVALID', 'The certificate of the server is for another name.'],
  0x80072f0d: ['ERROR_INTERNET_INVALID_CA', 'The computer does not trust the certificate of the server.'],
  0x80072f8f: ['ERROR_INTERNET_SECURE_FAILURE', 'TLS failed: look at the certificate and the clocks.'],
  0x800b0100: ['TRUST_E_NOSIGNATURE', 'A payload is not signed.'],
  0x800b0101: ['CERT_E_EXPIRED', 'A certificate had expired: look at the clock, or at the signature.'],
  0x800b0109: ['CERT_E_UNTRUSTEDROOT', 'The computer does not trust the publisher of the payload.'],
  0x800b010a: ['CERT_E_CHAINING', 'The chain of a certificate is incomplete on the computer.'],
  0x800b0110: ['CERT_E_WRONG_USAGE', 'A certificate must not be used for this.'],
  0x80096010: ['TRUST_E_BAD_DIGEST', 'A payload is not what was signed.'],
  0x800f0805: ['CBS_E_INVALID_PACKAGE', 'The package is not valid.'],
  0x800f080c: ['CBS_E_UNKNOWN_UPDATE', 'The package has no such feature.'],
  0x800f081e: ['CBS_E_NOT_APPLICABLE', 'The package does not apply to the computer.'],
  0x800f081f: [
    'CBS_E_SOURCE_MISSING',
    'Files that are needed for repair were not found in the component store.',
  ],
  0x800f0823: ['CBS_E_NEW_SERVICING_STACK_REQUIRED', 'A newer servicing stack has to be installed first.'],
  0x800f0826: [
    'CBS_E_SECURITY_FAILURE',
    'A file or registry key could not be changed although the system may.',
  ],
  0x800f0831: ['CBS_E_STORE_CORRUPTION', 'The component store is damaged.'],
  0x800f083d: ['CBS_E_REQUIRES_ELEVATION', 'It needs more rights.'],
  0x800f0900: ['CBS_E_XML_PARSER_FAILURE', 'A manifest in the component store is damaged.'],
  0x800f0902: ['CBS_E_SERVICING_BUSY', 'Another servicing operation was running.'],
  0x800f0905: ['CBS_E_ENGINE_NOT_READY', 'Servicing was not ready; a restart helps.'],
  0x800f0922: ['CBS_E_INSTALLERS_FAILED', 'An advanced installer failed: often a full system partition.'],
  0x800f0982: [
    'PSFX_E_MATCHING_COMPONENT_NOT_FOUND',
    'A component it builds on is missing in the component store.',
  ],
  0x800f0986: ['PSFX_E_APPLY_FORWARD_DELTA_FAILED', 'A difference did not fit the file on the computer.'],
  0x800f0988: [
    'PSFX_E_INVALID_DELTA_COMBINATION',
    'Differences do not fit each other; clean the component store up.',
  ],
  0x800f0991: ['PSFX_E_MISSING_PAYLOAD_FILE', 'A file of the package is missing.'],
  0x80073701: ['ERROR_SXS_ASSEMBLY_MISSING', 'An assembly is missing in the component store.'],
  0x80073712: ['ERROR_SXS_COMPONENT_STORE_CORRUPT', 'The component store is damaged.'],
  0x8024000b: ['WU_E_CALL_CANCELLED', 'It was cancelled.'],
  0x8024000d: ['WU_E_XML_MISSINGDATA', 'Metadata of an update lack something.'],
  0x8024000e: ['WU_E_XML_INVALID', 'Metadata of an update cannot be read.'],
  0x8024000f: ['WU_E_CYCLE_DETECTED', 'Updates depend on each other in a circle.'],
  0x80240010: ['WU_E_TOO_DEEP_RELATION', 'Updates depend on each other too deeply.'],
  0x80240011: ['WU_E_INVALID_RELATIONSHIP', 'An update names another one that the computer was not told of.'],
  0x80240013: ['WU_E_DUPLICATE_ITEM', 'An update was named twice.'],
  0x80240016: ['WU_E_INSTALL_NOT_ALLOWED', 'Another installation, or a restart, was outstanding.'],
  0x80240017: ['WU_E_NOT_APPLICABLE', 'The update does not apply to the computer.'],
  0x8024001b: ['WU_E_SELFUPDATE_IN_PROGRESS', 'The agent was updating itself.'],
  0x8024001e: ['WU_E_SERVICE_STOP', 'The agent was stopped, often by shutting down.'],
  0x80240020: ['WU_E_NO_INTERACTIVE_USER', 'It needs somebody to be logged on.'],
  0x80240022: ['WU_E_ALL_UPDATES_FAILED', 'All updates that were to be installed failed.'],
  0x80240023: ['WU_E_EULAS_DECLINED', 'The licence terms were declined.'],
  0x80240024: ['WU_E_NO_UPDATE', 'There is no such update for the computer.'],
  0x80240025: ['WU_E_USER_ACCESS_DISABLED', 'A policy forbids the user to install updates.'],
  0x80240032: ['WU_E_INVALID_CRITERIA', 'A search was not understood.'],
  0x80240033: ['WU_E_EULA_UNAVAILABLE', 'The licence terms could not be downloaded.'],
  0x80240034: ['WU_E_DOWNLOAD_FAILED', 'The download failed.'],
  0x80240035: ['WU_E_UPDATE_NOT_PROCESSED', 'The update was not processed.'],
  0x80240039: ['WU_E_TOO_MANY_RESYNC', 'The agent and the server did not come to terms.'],
  0x80240044: ['WU_E_PER_MACHINE_UPDATE_ACCESS_DENIED', 'Only an administrator may do this.'],
  0x80240055: ['WU_E_EXCLUSIVE_INSTALL_CONFLICT', 'The update must be installed alone.'],
  0x80240061: ['WU_E_SHA2_REQUIRED', 'The payload is not signed with SHA-2.'],
  0x80240436: [
    'WU_E_CATALOG_SYNC_REQUIRED',
    'The server does not know scans that are limited to categories.',
  ],
  0x80240437: [
    'WU_E_SECURITY_VERIFICATION_FAILURE',
    'The server could not prove what it is: look at its certificate.',
  ],
  0x80240438: ['WU_E_ENDPOINT_UNREACHABLE', 'The server could not be reached.'],
  0x80240439: ['WU_E_INVALID_FORMAT', 'The answer of the server was not understood.'],
  0x8024043a: ['WU_E_INVALID_URL', 'The address of the server is not valid.'],
  0x80240fff: ['WU_E_UNEXPECTED', 'The agent failed without a code of its own.'],
  0x80242006: ['WU_E_UH_INVALIDMETADATA', 'Metadata of the update do not suit its installer.'],
  0x80242009: ['WU_E_UH_NOTREADY', 'The installer was not ready.'],
  0x8024200b: ['WU_E_UH_INSTALLERFAILURE', 'The installer of the update failed.'],
  0x8024200d: ['WU_E_UH_NEEDANOTHERDOWNLOAD', 'The download has to be done again.'],
  0x80242014: ['WU_E_UH_POSTREBOOTSTILLPENDING', 'A restart is still outstanding.'],
  0x80242015: ['WU_E_UH_POSTREBOOTRESULTUNKNOWN', 'What became of it after the restart is not known.'],
  0x80242016: ['WU_E_UH_POSTREBOOTUNEXPECTEDSTATE', 'After the restart it was not as it should be.'],
  0x80242fff: ['WU_E_UH_UNEXPECTED', 'The installer failed without a code of its own.'],
  0x80244005: ['WU_E_PT_SOAPCLIENT_SEND', 'A request could not be sent.'],
  0x80244007: ['WU_E_PT_SOAPCLIENT_SOAPFAULT', 'The server refused a request.'],
  0x80244010: ['WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS', 'A scan took too many requests.'],
  0x80244015: [
    'WU_E_PT_REFRESH_CACHE_REQUIRED',
    'The server is another one than before; the next scan is a whole one.',
  ],
  0x80244016: ['WU_E_PT_HTTP_STATUS_BAD_REQUEST', 'HTTP 400: often a proxy.'],
  0x80244017: ['WU_E_PT_HTTP_STATUS_DENIED', 'HTTP 401: often a proxy.'],
  0x80244018: ['WU_E_PT_HTTP_STATUS_FORBIDDEN', 'HTTP 403: often a proxy.'],
  0x80244019: [
    'WU_E_PT_HTTP_STATUS_NOT_FOUND',
    'HTTP 404: the server lacks a file; "oakum content" says which.',
  ],
  0x8024401b: ['WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ', 'HTTP 407: the proxy wants credentials.'],
  0x8024401c: ['WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT', 'HTTP 408, or no answer in time.'],
  0x8024401f: ['WU_E_PT_HTTP_STATUS_SERVER_ERROR', 'HTTP 500: the log of the server says why.'],
  0x80244021: ['WU_E_PT_HTTP_STATUS_BAD_GATEWAY', 'HTTP 502: a proxy did not reach the server.'],
  0x80244022: ['WU_E_PT_HTTP_STATUS_SERVICE_UNAVAILABLE', 'HTTP 503: the server was overloaded or stopped.'],
  0x80244023: ['WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT', 'HTTP 504: a proxy waited for the server in vain.'],
  0x8024402c: ['WU_E_PT_WINHTTP_NAME_NOT_RESOLVED', 'The name of the server or proxy is not known.'],
  0x8024402d: ['WU_E_PT_LOAD_SHEDDING', 'The server had too much to do.'],
  0x80246002: ['WU_E_DM_INCORRECTFILEHASH', 'A downloaded file is not what the metadata say.'],
  0x80246005: ['WU_E_DM_NONETWORK', 'There was no network.'],
  0x80246007: ['WU_E_DM_NOTDOWNLOADED', 'The payload had not been downloaded.'],
  0x80246008: ['WU_E_DM_FAILTOCONNECTTOBITS', 'The service that downloads is off.'],
  0x80248007: ['WU_E_DS_NODATA', 'The records of the agent lack the update; a new scan helps.'],
  0x80248014: ['WU_E_DS_UNKNOWNSERVICE', 'The agent is not set up for this server.'],
  0xc1900101: ['MOSETUP_E_ROLLBACK', 'The upgrade was undone, mostly because of a driver.'],
  0xc1900107: ['MOSETUP_E_CLEANUP_PENDING', 'An earlier upgrade has to be cleaned up first: restart.'],
  0xc1900200: [
    'MOSETUP_E_COMPAT_SYSREQ_BLOCK',
    'The computer does not meet the requirements of the upgrade.',
  ],
  0xc1900204: ['MOSETUP_E_COMPAT_MIGCHOICE_BLOCK', 'The upgrade cannot keep what it was asked to keep.'],
  0xc1900208: [
    'MOSETUP_E_COMPAT_INSTALLREQ_BLOCK',
    'A program or driver on the computer blocks the upgrade.',
  ],
  0xc190020e: ['MOSETUP_E_INSTALL_DISK_SPACE_BLOCK', 'There is too little disk space for the upgrade.'],
};

const UNKNOWN: ResultCode = { name: '', meaning: 'A code this server has no words for.' };

/** What a result code means. Codes nobody knows have an empty name. */
export function describeResult(code: number): DescribedResult {
  const unsigned = code >>> 0;
  const [name, meaning] = CODES[unsigned] ?? [UNKNOWN.name, UNKNOWN.meaning];
  return { code: code | 0, hex: `0x${unsigned.toString(16).padStart(8, '0').toUpperCase()}`, name, meaning };
}

/** The names of all codes there are words for. */
export const RESULT_NAMES: readonly string[] = Object.values(CODES).map(([name]) => name);

/** A code from what a person writes: hexadecimal, a signed or unsigned number, or its name. */
export function parseResultCode(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^0x[\da-f]{1,8}$/i.test(trimmed)) return Number(trimmed) | 0;
  if (/^-?\d{1,10}$/.test(trimmed)) {
    const value = Number(trimmed);
    return value >= -0x8000_0000 && value <= 0xffff_ffff ? value | 0 : undefined;
  }
  const found = Object.entries(CODES).find(([, [name]]) => name === trimmed.toUpperCase());
  return found && Number(found[0]) | 0;
}
