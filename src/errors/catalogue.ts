/**
 * Every error Oakum can report, once. SOAP faults, HTTP answers, command-line messages, logs and
 * docs/errors.md are all produced from this table; a code, once published, is never reused.
 */

/** The ErrorCode values a client understands ([MS-WUSP] 2.2.2.4). Case matters to clients. */
export type FaultCode =
  | 'InvalidCookie'
  | 'ConfigChanged'
  | 'RegistrationRequired'
  | 'ServerChanged'
  | 'InternalServerError'
  | 'CookieExpired'
  | 'InvalidParameters'
  | 'InvalidAuthorizationCookie'
  | 'RegistrationNotRequired'
  | 'ServerBusy'
  | 'FileLocationChanged';

export interface ErrorDefinition {
  /** HTTP status outside SOAP. A SOAP fault is always sent with 500 (SOAP 1.1, 6.2). */
  readonly status: number;
  /** What a SOAP client is told, where the error can reach one. */
  readonly fault?: FaultCode;
  /** The faultcode of SOAP, where it is neither the client's nor the server's side in general. */
  readonly soapCode?: 'MustUnderstand' | 'VersionMismatch';
  /** One sentence: what happened. */
  readonly summary: string;
  /** One sentence: what the reader can do about it. */
  readonly cure: string;
}

const define = <const T extends Record<string, ErrorDefinition>>(
  definitions: T,
): { readonly [K in keyof T]: ErrorDefinition } => definitions;

export const ERRORS = define({
  // --- XML ---------------------------------------------------------------------------------------
  OAK_XML_MALFORMED: {
    status: 400,
    fault: 'InvalidParameters',
    summary: 'The XML is not well-formed.',
    cure: 'Send well-formed XML 1.0; the message names the byte offset of the first fault.',
  },
  OAK_XML_ENCODING: {
    status: 400,
    fault: 'InvalidParameters',
    summary: 'The XML is not valid UTF-8.',
    cure: 'Send UTF-8, and let the XML declaration and the Content-Type header say so or say nothing.',
  },
  OAK_XML_DTD: {
    status: 400,
    fault: 'InvalidParameters',
    summary: 'The XML carries a document type declaration.',
    cure: 'Remove the DOCTYPE: Oakum never reads DTDs or custom entities.',
  },
  OAK_XML_LIMIT: {
    status: 400,
    fault: 'InvalidParameters',
    summary: 'The XML exceeds a limit on depth, elements, attributes or text length.',
    cure: 'Check what sent it; if the document is legitimate, raise the limit the message names.',
  },
  // --- SOAP --------------------------------------------------------------------------------------
  OAK_SOAP_ENVELOPE: {
    status: 500,
    fault: 'InvalidParameters',
    summary: 'The XML is not a SOAP envelope with one body element.',
    cure: 'Send a SOAP 1.1 or 1.2 envelope whose Body holds the operation element.',
  },
  OAK_SOAP_VERSION: {
    status: 500,
    fault: 'InvalidParameters',
    soapCode: 'VersionMismatch',
    summary: 'The envelope is of no SOAP version that this server knows.',
    cure: 'Send SOAP 1.1 or 1.2, each in its own namespace.',
  },
  OAK_SOAP_MUST_UNDERSTAND: {
    status: 500,
    fault: 'InvalidParameters',
    soapCode: 'MustUnderstand',
    summary: 'The envelope carries a header that must be understood, and is not.',
    cure: 'Send no SOAP headers: these protocols use none.',
  },
  OAK_SOAP_OPERATION_UNKNOWN: {
    status: 500,
    fault: 'InvalidParameters',
    summary: 'The service has no such operation.',
    cure: 'Check the body element and its namespace against the service description at ?wsdl.',
  },
  OAK_SOAP_OPERATION_NOT_SERVED: {
    status: 500,
    fault: 'InternalServerError',
    summary: 'The operation is part of the service description but not offered by this server.',
    cure: 'Use a server that offers it; Windows Update Agents never call it.',
  },
  OAK_SOAP_VALUE: {
    status: 500,
    fault: 'InvalidParameters',
    summary: 'A value does not have the type its element demands.',
    cure: 'Correct the element that the fault names.',
  },
  OAK_SOAP_LIST_TOO_LONG: {
    status: 500,
    fault: 'InvalidParameters',
    summary: 'A list has more entries than the server accepts.',
    cure: 'Raise the limit in the settings, or prune the catalogue so that clients cache fewer updates.',
  },
  OAK_SOAP_PARAMETER: {
    status: 500,
    fault: 'InvalidParameters',
    summary: 'A parameter is missing or not allowed.',
    cure: 'Correct the parameter that the fault names.',
  },
  // --- Cookies and sessions ----------------------------------------------------------------------
  OAK_COOKIE_INVALID: {
    status: 401,
    fault: 'InvalidCookie',
    summary: 'The cookie is missing, damaged, or not one of ours.',
    cure: 'Nothing: the client starts its handshake again by itself. If it happens often, look for a lost key file.',
  },
  OAK_COOKIE_EXPIRED: {
    status: 401,
    fault: 'CookieExpired',
    summary: 'The cookie has expired.',
    cure: 'Nothing: the client renews it by itself. If it happens all the time, compare the clocks.',
  },
  OAK_SERVER_CHANGED: {
    status: 409,
    fault: 'ServerChanged',
    summary: 'The cookie was issued under another server identity.',
    cure: 'Nothing: the client refreshes its cache by itself. It happens after a restore and after a move.',
  },
  OAK_CONFIG_CHANGED: {
    status: 409,
    fault: 'ConfigChanged',
    summary: 'The configuration has changed since the client read it.',
    cure: 'Nothing: the client reads the configuration again by itself.',
  },
  OAK_AUTHORIZATION_COOKIE_INVALID: {
    status: 401,
    fault: 'InvalidAuthorizationCookie',
    summary: 'There is not exactly one intact authorization cookie of this server.',
    cure: 'Nothing: the client asks for a new one. If it happens often, look for a lost key file.',
  },
  OAK_REGISTRATION_REQUIRED: {
    status: 409,
    fault: 'RegistrationRequired',
    summary: 'The computer has not registered yet.',
    cure: 'Nothing: the client registers by itself.',
  },
  OAK_REGISTRATION_NOT_REQUIRED: {
    status: 409,
    fault: 'RegistrationNotRequired',
    summary: 'The computer registered although the configuration says it need not.',
    cure: 'Set clients.registrationRequired to true to keep an inventory.',
  },
  OAK_SERVER_BUSY: {
    status: 503,
    fault: 'ServerBusy',
    summary: 'The server has more work waiting than it accepts.',
    cure: 'Nothing: clients try again later. If it lasts, give the server more capacity.',
  },
  OAK_FILE_LOCATION_CHANGED: {
    status: 409,
    fault: 'FileLocationChanged',
    summary: 'The locations of files have changed since the client read them.',
    cure: 'Nothing: the client asks for the new locations by itself.',
  },
  OAK_EVENT_NAMESPACE: {
    status: 400,
    fault: 'InvalidParameters',
    summary: 'A client sent an event that only a server may raise.',
    cure: 'Find out what sent it: this is how servers of this protocol were attacked in 2025.',
  },
  OAK_EVENT_KIND_UNKNOWN: {
    status: 404,
    summary: 'There are no events of that name.',
    cure: 'Give a number, or words as "oakum events" shows them.',
  },
  OAK_STATE_UNKNOWN: {
    status: 404,
    summary: 'There is no such state.',
    cure: 'States are unknown, notApplicable, needed, downloaded, installed, failed and pendingReboot.',
  },
  OAK_RESULT_CODE_UNKNOWN: {
    status: 404,
    summary: 'There is no such result code.',
    cure: 'Give it as 0x80070643, as a number, or by a name that "oakum compliance --failures" shows.',
  },
  OAK_CATEGORY_UNKNOWN: {
    status: 404,
    summary: 'There is no such product or classification.',
    cure: 'Correct the name; "oakum compliance --by product" and "--by classification" list them.',
  },
  OAK_EVENT_OVERSIZED: {
    status: 400,
    summary: 'An event carried more text than any event has.',
    cure: 'Nothing: it was counted and dropped. If one computer does it again and again, look at what it runs.',
  },
  OAK_EVENT_CONTRADICTORY: {
    status: 400,
    summary: 'A report of states contradicts itself or cannot be read.',
    cure: 'Nothing: it was counted and changed no state. The next report of the computer replaces it.',
  },
  OAK_EVENT_UNKNOWN_UPDATE: {
    status: 400,
    summary: 'A report of states names updates this server has never had.',
    cure: 'Nothing: they were left out. A computer that came from another server stops naming them after its next scan.',
  },
  OAK_KEYS_UNUSABLE: {
    status: 500,
    summary: 'The key file cannot be used.',
    cure: 'Restore keys.json, or delete it: clients then start their handshake again.',
  },
  // --- Compression -------------------------------------------------------------------------------
  OAK_XPRESS_INVALID: {
    status: 400,
    summary: 'The xpress data is not a valid sequence of blocks.',
    cure: 'Send blocks as [MS-WUSP] 2.1.1 describes, or send the body uncompressed.',
  },
  OAK_XPRESS_LIMIT: {
    status: 413,
    summary: 'The xpress data decodes to more bytes than allowed.',
    cure: 'Send a smaller body; the limit is the setting soap.maxRequestBytes.',
  },
  OAK_CABINET_INVALID: {
    status: 400,
    summary: 'The cabinet file is damaged or not a cabinet.',
    cure: 'Copy the file again from its source; compare its size and digest with the original.',
  },
  OAK_CABINET_UNSUPPORTED: {
    status: 400,
    summary: 'The cabinet is of a kind that Oakum does not read.',
    cure: 'Repack it as a single cabinet, stored, with MSZIP or with LZX.',
  },
  OAK_CABINET_LIMIT: {
    status: 413,
    summary: 'The cabinet holds more files, folders or bytes than allowed.',
    cure: 'Check where the cabinet comes from; split it if it is legitimate.',
  },
  // --- Export packages ---------------------------------------------------------------------------
  OAK_EXPORT_INVALID: {
    status: 400,
    summary: 'The export package is damaged or not the output of "wsusutil export".',
    cure: 'Export again; the message names the byte where reading stopped.',
  },
  OAK_EXPORT_LIMIT: {
    status: 413,
    summary: 'The export package, or one document in it, is larger than allowed.',
    cure: 'Check where the package comes from; if it is legitimate, raise the limit the message names.',
  },
  OAK_FILE_UNREADABLE: {
    status: 400,
    summary: 'A file cannot be opened or read.',
    cure: 'Check the path and who may read it; the message carries the answer of the operating system.',
  },
  OAK_FILE_UNWRITABLE: {
    status: 500,
    summary: 'A file cannot be written.',
    cure: 'Check the path, who may write there and the free space; the message carries the answer of the operating system.',
  },
  // --- Update documents --------------------------------------------------------------------------
  OAK_DOCUMENT_INVALID: {
    status: 422,
    summary: 'The document is not a valid update document.',
    cure: 'Export or download the update again; the detail names what is missing or wrong.',
  },
  // --- Import ------------------------------------------------------------------------------------
  OAK_IMPORT_PATH: {
    status: 400,
    summary: 'There is nothing to import at this path.',
    cure: 'Name an update document, a folder or an export package that exists and can be read.',
  },
  OAK_IMPORT_CONFLICT: {
    status: 409,
    summary: 'Another document is already stored under this UpdateID and revision number.',
    cure: 'Keep the stored one, or give the changed update a higher revision number; a revision never changes.',
  },
  OAK_IMPORT_BUSY: {
    status: 409,
    summary: 'Another import into this data folder is running.',
    cure: 'Wait until it has ended, then run this one again.',
  },
  // --- Housekeeping ------------------------------------------------------------------------------
  OAK_HOUSEKEEPING_BUSY: {
    status: 409,
    summary: 'Housekeeping of this data folder is running already.',
    cure: 'Wait until it has ended; a server does it by itself. "oakum housekeeping history" shows what it did.',
  },
  // --- Store -------------------------------------------------------------------------------------
  OAK_STORE_UNUSABLE: {
    status: 500,
    summary: 'The store cannot be opened.',
    cure: 'Check that the data folder exists, is writable and belongs to Oakum; restore it from a backup if it is damaged.',
  },
  OAK_STORE_MISSING: {
    status: 404,
    summary: 'There is no store in the data folder.',
    cure: 'Check --data and OAKUM_DATA; "oakum serve" and "oakum import" create a new store.',
  },
  OAK_STORE_WRITE: {
    status: 500,
    fault: 'InternalServerError',
    summary: 'The store did not take what was to be written.',
    cure: 'Check the free space and the health of the disk; clients repeat by themselves what was not acknowledged.',
  },
  OAK_STORE_DAMAGED: {
    status: 500,
    summary: 'The store is damaged.',
    cure: 'Check the disk, and restore the last good backup with "oakum restore"; older backups were kept.',
  },
  OAK_STORE_IN_USE: {
    status: 409,
    summary: 'Another process works with this data folder.',
    cure: 'Stop the server and wait for commands under way, then try again.',
  },
  // --- Backup ------------------------------------------------------------------------------------
  OAK_RESTORE_UNDER_WAY: {
    status: 503,
    summary: 'A backup is being restored into this data folder.',
    cure: 'Wait until the restore has ended, then try again.',
  },
  OAK_RESTORE_OCCUPIED: {
    status: 409,
    summary: 'The data folder is not empty.',
    cure: 'Name another folder with --data, or add --replace: what is there is then moved aside, not deleted.',
  },
  OAK_BACKUP_BUSY: {
    status: 409,
    summary: 'Another backup of this data folder is running.',
    cure: 'Wait until it has ended, then run this one again.',
  },
  OAK_BACKUP_TARGET: {
    status: 400,
    summary: 'A backup cannot be written there.',
    cure: 'Name a folder outside the data folder, best on another disk, or "backups" inside it.',
  },
  OAK_BACKUP_MISSING: {
    status: 404,
    summary: 'There is no backup in this folder.',
    cure: 'Name the folder that holds manifest.json; one without it was never finished.',
  },
  OAK_BACKUP_DAMAGED: {
    status: 422,
    summary: 'The backup is damaged.',
    cure: 'Take another backup, or another copy of this one; nothing was replaced.',
  },
  OAK_BACKUP_VERSION: {
    status: 422,
    summary: 'The backup was made by a newer version of Oakum.',
    cure: 'Restore it with the version that the message names, or a newer one.',
  },
  // --- Content -----------------------------------------------------------------------------------
  OAK_CONTENT_NOT_FOUND: {
    status: 404,
    summary: 'No file with this digest is stored.',
    cure: 'Add the file with "oakum content add", or check the digest.',
  },
  OAK_CONTENT_RANGE: {
    status: 416,
    summary: 'The requested range lies outside the file.',
    cure: 'Ask for a range inside the size that the Content-Range header names.',
  },
  OAK_CONTENT_DIGEST_MISMATCH: {
    status: 422,
    summary: 'The file does not have the digest its metadata names.',
    cure: 'Fetch the file again from its source; the damaged copy was not published.',
  },
  OAK_CONTENT_DIGEST_INVALID: {
    status: 400,
    summary: 'A content digest is not a SHA-1 digest.',
    cure: 'Give the digest as 20 bytes, or as 40 hexadecimal digits.',
  },
  OAK_CONTENT_EXTENSION: {
    status: 403,
    summary: 'The content address has no usable file extension.',
    cure: 'Ask for the address as the update metadata names it, with the extension of the original file.',
  },
  OAK_CONTENT_METHOD: {
    status: 405,
    summary: 'Content can only be read.',
    cure: 'Use GET or HEAD; files are added with "oakum content add".',
  },
  OAK_CONTENT_PRECONDITION: {
    status: 412,
    summary: 'The file does not meet the conditions in the request headers.',
    cure: 'Start the download again without If-Match and If-Unmodified-Since.',
  },
  OAK_CONTENT_STORE: {
    status: 500,
    summary: 'The content store could not be read or written.',
    cure: 'Check that the content folder exists, has free space and belongs to the account Oakum runs as.',
  },
  // --- Administration ----------------------------------------------------------------------------
  OAK_UPDATE_UNKNOWN: {
    status: 404,
    summary: 'There is no such update.',
    cure: 'Name it by UpdateID, KB number or title; "oakum updates" lists them.',
  },
  OAK_UPDATE_AMBIGUOUS: {
    status: 409,
    summary: 'Several updates fit.',
    cure: 'Name one by its UpdateID.',
  },
  OAK_UPDATE_NOT_DEPLOYABLE: {
    status: 409,
    summary: 'The update cannot be approved or declined by itself.',
    cure: 'Name the bundle it belongs to; categories and detectoids need no decision.',
  },
  OAK_UPDATE_DECLINED: {
    status: 409,
    summary: 'The update is declined.',
    cure: 'Undecline it first.',
  },
  OAK_UPDATE_EXPIRED: {
    status: 409,
    summary: 'The update has expired; only its removal can be approved.',
    cure: 'Approve the update that replaces it.',
  },
  OAK_UPDATE_NOT_UNINSTALLABLE: {
    status: 409,
    summary: 'The update cannot be uninstalled.',
    cure: 'Nothing: its publisher provides no way.',
  },
  OAK_LICENCE_NOT_ACCEPTED: {
    status: 409,
    summary: 'The update has a licence that nobody has accepted yet.',
    cure: 'Read it, then accept it with "oakum licences accept", or approve with --accept-licence.',
  },
  OAK_DEADLINE: {
    status: 400,
    summary: 'The deadline is not allowed here, or is no time.',
    cure: 'Give deadlines as 2026-12-31T22:00Z or 2026-12-31T23:00+01:00, for install and uninstall only.',
  },
  OAK_GROUP_UNKNOWN: {
    status: 404,
    summary: 'There is no such group.',
    cure: 'Correct the name, or create the group with "oakum groups create".',
  },
  OAK_GROUP_EXISTS: {
    status: 409,
    summary: 'A group of this name exists already.',
    cure: 'Choose another name.',
  },
  OAK_GROUP_BUILT_IN: {
    status: 409,
    summary: 'This group belongs to every server and cannot be changed.',
    cure: 'Create a group of your own.',
  },
  OAK_GROUP_NAME: {
    status: 400,
    summary: 'The name is not fit for a group.',
    cure: 'Use 1 to 256 characters without ";" and control characters.',
  },
  OAK_GROUP_CYCLE: {
    status: 409,
    summary: 'A group cannot stand below itself.',
    cure: 'Choose a parent that is neither the group itself nor below it.',
  },
  OAK_GROUP_IN_USE: {
    status: 409,
    summary: 'A rule or a ring names this group.',
    cure: 'Change or remove what the message names, then delete the group.',
  },
  OAK_RULE_UNKNOWN: {
    status: 404,
    summary: 'There is no such rule.',
    cure: 'Correct the name; "oakum rules" and "oakum groups rules" list them.',
  },
  OAK_RULE_EXISTS: {
    status: 409,
    summary: 'A rule of this name exists already.',
    cure: 'Choose another name, or change the rule that is there.',
  },
  OAK_RULE_INVALID: {
    status: 400,
    summary: 'The rule is not valid.',
    cure: 'Correct what the message names; --help lists what a rule can say.',
  },
  OAK_RING_UNKNOWN: {
    status: 404,
    summary: 'There is no such ring.',
    cure: 'Correct the name; "oakum rings" lists them.',
  },
  OAK_RING_EXISTS: {
    status: 409,
    summary: 'A ring of this name exists already.',
    cure: 'Choose another name.',
  },
  OAK_RING_INVALID: {
    status: 400,
    summary: 'The ring is not valid.',
    cure: 'Correct what the message names.',
  },
  OAK_ROLLOUT_UNKNOWN: {
    status: 404,
    summary: 'No rollout of this update is under way.',
    cure: 'Look at "oakum rings status", or start one with "oakum rings start".',
  },
  OAK_ROLLOUT_STATE: {
    status: 409,
    summary: 'The rollout is in a state in which this cannot be done.',
    cure: 'Look at "oakum rings status"; a rollout that has ended can be started again.',
  },
  OAK_COMPUTER_UNKNOWN: {
    status: 404,
    summary: 'There is no such computer.',
    cure: 'Name it by client id or name; "oakum computers" lists them.',
  },
  OAK_CONTENT_UNNAMED: {
    status: 404,
    summary: 'No imported update names a file with this digest.',
    cure: 'Import the metadata first; a file that no update names can never be asked for.',
  },
  // --- Talking to a server -----------------------------------------------------------------------
  OAK_PEER_UNREACHABLE: {
    status: 502,
    summary: 'The server cannot be reached.',
    cure: 'Check the address, that the server runs, and firewalls between.',
  },
  OAK_PEER_ANSWER: {
    status: 502,
    summary: 'The server answered with something these protocols do not know.',
    cure: 'Check that the address is that of an update server and that no proxy or login page stands between.',
  },
  OAK_PEER_FAULT: {
    status: 502,
    summary: 'The server refused the call with a fault.',
    cure: 'Look for the fault id in the log of that server.',
  },
  OAK_AGENT_FAILED: {
    status: 502,
    summary: 'The simulated agent failed as a real one would.',
    cure: 'The code in the message is what the Windows Update log of a computer would show; the reason stands behind it.',
  },
  OAK_AGENT_STATE: {
    status: 500,
    summary: 'The state folder of the simulated agent cannot be used.',
    cure: 'Delete the folder to start with a fresh computer, or name another one with --state.',
  },
  OAK_MACHINE_INVALID: {
    status: 400,
    summary: 'The description of a simulated machine is not valid.',
    cure: 'Correct what the message names; it begins with the path to it in the JSON.',
  },
  OAK_PROFILE_UNKNOWN: {
    status: 404,
    summary: 'There is no machine profile of this name.',
    cure: 'Use one of the names that the message lists.',
  },
  // --- Administration over HTTP ------------------------------------------------------------------
  OAK_INPUT_INVALID: {
    status: 400,
    summary: 'What was asked for does not fit what this operation takes.',
    cure: 'Correct what the message names; /api/v1/openapi.json says what each operation takes.',
  },
  OAK_BODY_MALFORMED: {
    status: 400,
    summary: 'The body is not what its Content-Type says.',
    cure: 'Send one JSON object in UTF-8 with the Content-Type application/json.',
  },
  OAK_BODY_TYPE: {
    status: 415,
    summary: 'This operation does not take a body of this Content-Type.',
    cure: 'Send application/json, or what the description of the operation names.',
  },
  OAK_CURSOR: {
    status: 400,
    summary: 'The cursor belongs to no such list.',
    cure: 'Begin with the first page again, and send the same filters and order with each cursor.',
  },
  OAK_PRECONDITION: {
    status: 412,
    summary: 'It was changed since it was read.',
    cure: 'Read it again, look at what is different, and send the change with the new ETag.',
  },
  OAK_BATCH_TAKEN_BACK: {
    status: 424,
    summary: 'It was taken back because another change of the batch failed.',
    cure: 'Correct the change that failed and send all of them again.',
  },
  OAK_IDEMPOTENCY_KEY: {
    status: 400,
    summary: 'The Idempotency-Key is none.',
    cure: 'Send 1 to 255 visible ASCII characters that are new for each change, such as a UUID.',
  },
  OAK_IDEMPOTENCY_REUSED: {
    status: 422,
    summary: 'The Idempotency-Key was sent before with another request.',
    cure: 'Send a new key with each new change, and the old one only to repeat the same change.',
  },
  OAK_IDEMPOTENCY_SECRET: {
    status: 409,
    summary: 'This was done already, and its secret is shown only once.',
    cure: 'Revoke what was made and make another one if its secret did not arrive.',
  },
  OAK_APPROVAL_REQUEST_UNKNOWN: {
    status: 404,
    summary: 'There is no such request for an approval.',
    cure: 'List the requests; the message names what was looked for.',
  },
  OAK_APPROVAL_REQUEST_DECIDED: {
    status: 409,
    summary: 'The request for an approval is decided already, or was left too long.',
    cure: 'Look at what became of it, and ask for the approval again if it is still wanted.',
  },
  OAK_SECOND_PERSON: {
    status: 403,
    summary: 'Nobody confirms what they asked for themselves.',
    cure: 'Let somebody else confirm it, who signs in with another account.',
  },
  OAK_JOB_UNKNOWN: {
    status: 404,
    summary: 'There is no such job.',
    cure: 'List the jobs; those that ended are kept for some days.',
  },
  OAK_JOB_ENDED: {
    status: 409,
    summary: 'The job has ended.',
    cure: 'Look at its result; what it has done is not taken back.',
  },
  OAK_JOB_CANCELLED: {
    status: 409,
    summary: 'The job was cancelled.',
    cure: 'Start it again if it was not meant; what it had done until then stays.',
  },
  OAK_JOB_INTERRUPTED: {
    status: 500,
    summary: 'The job was interrupted because the server stopped.',
    cure: 'Start it again; what it had done until then stays and is not done twice.',
  },
  OAK_JOBS_BUSY: {
    status: 503,
    summary: 'Too many jobs wait for their turn.',
    cure: 'Wait until some of them have ended, or cancel them.',
  },
  OAK_DISK_FULL: {
    status: 507,
    summary: 'Too little room would be left on the disk.',
    cure: 'Make room, or lower disk.minFreeBytes.',
  },
  OAK_UPLOAD_UNKNOWN: {
    status: 404,
    summary: 'There is no such upload.',
    cure: 'Send the file again: uploads are gone once they were used, or after a day.',
  },
  OAK_REMOTE_UNREACHABLE: {
    status: 502,
    summary: 'The server could not be reached.',
    cure: 'Check the address, http or https, that its administration listener is on, and the authority given with --ca; "oakum tls ca" on the server prints it.',
  },
  OAK_REMOTE_ANSWER: {
    status: 502,
    summary: 'The server answered with something that is none of its answers.',
    cure: 'Check that the address is that of the administration listener, and that both have the same version.',
  },
  OAK_REMOTE_TOKEN: {
    status: 401,
    summary: 'Nothing was given to sign in at the server with.',
    cure: 'Give a token with --token or in OAKUM_TOKEN; "oakum token create" makes one.',
  },
  OAK_BODY_TOO_LARGE: {
    status: 413,
    summary: 'The body has more bytes than allowed.',
    cure: 'Send less at once; for files, raise admin.maxUploadBytes.',
  },
  OAK_LOCAL_ONLY: {
    status: 400,
    summary: 'This works on a data folder only.',
    cure: 'Run it on the machine of the server, with --data and without --server.',
  },
  OAK_AUDIT_HEAD: {
    status: 400,
    summary: 'This is not the head of an audit log.',
    cure: 'Give it as "oakum audit verify" printed it: the number of an entry, a colon, and 64 hexadecimal digits.',
  },
  // --- Policy and stored settings ----------------------------------------------------------------
  OAK_POLICY_INVALID: {
    status: 400,
    summary: 'The policy is not valid.',
    cure: 'Correct what the message names; "oakum policy export" prints a policy to begin with.',
  },
  OAK_POLICY_LIMIT: {
    status: 413,
    summary: 'The policy is larger, or nested deeper, than any policy needs to be.',
    cure: 'Check what the file is; leave out what has its default.',
  },
  OAK_POLICY_MOVED: {
    status: 409,
    summary: 'Applying the policy would not change what the plan showed: something was changed meanwhile.',
    cure: 'Look at the plan again, and apply that one.',
  },
  OAK_POLICY_NONE: {
    status: 404,
    summary: 'No policy was applied to this server yet.',
    cure: 'Compare with a file by "oakum plan", or apply one with "oakum apply".',
  },
  OAK_SETTING_NOT_STORED: {
    status: 409,
    summary: 'This setting cannot be kept in the store.',
    cure: 'Put it into oakum.toml, into the environment, or behind --set: it belongs to the machine, not to the fleet.',
  },
  // --- Who it is ---------------------------------------------------------------------------------
  OAK_SIGN_IN_REQUIRED: {
    status: 401,
    summary: 'Nobody is signed in, or the session has ended.',
    cure: 'Sign in, or send a token as "Authorization: Bearer"; "oakum token create" makes one.',
  },
  OAK_SIGN_IN_FAILED: {
    status: 401,
    summary: 'The sign-in failed.',
    cure: 'Check name, password and code. "oakum users link" on the server lets somebody in who has forgotten them.',
  },
  OAK_SIGN_IN_THROTTLED: {
    status: 429,
    summary: 'There were too many failed attempts to sign in.',
    cure: 'Wait until the time that the message names; no account is ever locked for good.',
  },
  OAK_TOKEN_INVALID: {
    status: 401,
    summary: 'The token is none of this server, or was revoked.',
    cure: 'Send a token as "oakum token create" printed it; "oakum token list" shows which are in force.',
  },
  OAK_TOKEN_EXPIRED: {
    status: 401,
    summary: 'The token has expired.',
    cure: 'Make another one with "oakum token create".',
  },
  OAK_TOKEN_UNKNOWN: {
    status: 404,
    summary: 'There is no such token.',
    cure: 'Name it by its number; "oakum token list" shows them.',
  },
  OAK_TOKEN_REQUEST: {
    status: 400,
    summary: 'Such a token cannot be made.',
    cure: 'Correct what the message names.',
  },
  OAK_FORBIDDEN: {
    status: 403,
    summary: 'This role or token may not do that.',
    cure: 'Ask an administrator for the role, or for a token with the scope, that the message names.',
  },
  OAK_CSRF: {
    status: 403,
    summary: 'The request does not carry the CSRF token of its session.',
    cure: 'Send the token that the sign-in gave in the header X-CSRF-Token; reload the page if it was open before.',
  },
  OAK_ROLE_UNKNOWN: {
    status: 400,
    summary: 'There is no such role.',
    cure: 'Roles are reader, operator and administrator.',
  },
  OAK_ACCOUNT_UNKNOWN: {
    status: 404,
    summary: 'There is no such account.',
    cure: 'Correct the name; "oakum users" lists them.',
  },
  OAK_ACCOUNT_EXISTS: {
    status: 409,
    summary: 'An account of this name exists already.',
    cure: 'Choose another name; upper and lower case are the same.',
  },
  OAK_ACCOUNT_NAME: {
    status: 400,
    summary: 'The name is not fit for an account.',
    cure: 'Use 1 to 64 letters, digits and the characters . _ - + @ \\ and single blanks between them; "@localhost" cannot be its end, and names such as "rules" are taken.',
  },
  OAK_ACCOUNT_LAST: {
    status: 409,
    summary: 'This is the last administrator who can sign in.',
    cure: 'Make another account an administrator first.',
  },
  OAK_ACCOUNT_EXTERNAL: {
    status: 409,
    summary: 'The identity provider decides this about the account.',
    cure: 'Change role, password and second factor there, or make a local account.',
  },
  OAK_ACCOUNT_DISABLED: {
    status: 409,
    summary: 'The account is disabled.',
    cure: 'Enable it first.',
  },
  OAK_PASSWORD_WEAK: {
    status: 400,
    summary: 'The password is not fit.',
    cure: 'Use 12 to 256 characters, at least five different ones, without the name of the account.',
  },
  OAK_TOTP_REQUIRED: {
    status: 401,
    summary: 'The account asks for a code as well.',
    cure: 'Send the six digits that the authenticator shows now.',
  },
  OAK_TOTP_WRONG: {
    status: 400,
    summary: 'The code is not the one of this moment, or was used already.',
    cure: 'Wait for the next code; if none is taken, compare the clocks of the server and the authenticator.',
  },
  OAK_TOTP_STATE: {
    status: 409,
    summary: 'The account is not in the state for this: codes are set up already, or not at all.',
    cure: 'Begin the set-up first, or remove the codes that are in force.',
  },
  OAK_LINK_INVALID: {
    status: 401,
    summary: 'The link is none of this server, was used, or is too old.',
    cure: 'Make another one with "oakum users link"; a server without accounts prints one whenever it starts.',
  },
  OAK_LINK_STATE: {
    status: 409,
    summary: 'There are accounts already, so the first one cannot be made.',
    cure: 'Name the account that the link is for.',
  },
  OAK_OIDC_SETTINGS: {
    status: 500,
    summary: 'The settings of the identity provider cannot be used.',
    cure: 'Correct the settings oidc.* that the message names.',
  },
  OAK_OIDC_OFF: {
    status: 404,
    summary: 'Nobody signs in through an identity provider here.',
    cure: 'Sign in with a name and a password, or set oidc.issuer.',
  },
  OAK_OIDC_UNREACHABLE: {
    status: 502,
    summary: 'The identity provider cannot be reached.',
    cure: 'Check oidc.issuer, and that this server may connect to it; accounts with a password sign in meanwhile.',
  },
  OAK_OIDC_ANSWER: {
    status: 502,
    summary: 'The identity provider gave an answer that cannot be trusted.',
    cure: 'Compare oidc.issuer and oidc.clientId with its configuration, and both clocks; then sign in again.',
  },
  OAK_OIDC_REFUSED: {
    status: 401,
    summary: 'The identity provider refused.',
    cure: 'Sign in again; if that does not help, look into its log and compare client id, secret and redirect address.',
  },
  OAK_OIDC_STATE: {
    status: 400,
    summary: 'This sign-in was not begun in this browser, is finished already, or took too long.',
    cure: 'Begin to sign in again.',
  },
  OAK_OIDC_ROLE: {
    status: 403,
    summary: 'The identity provider names no role for this account.',
    cure: 'Give it there one of the values in oidc.readerValues, oidc.operatorValues or oidc.administratorValues.',
  },
  // --- HTTP --------------------------------------------------------------------------------------
  OAK_HTTP_NOT_FOUND: {
    status: 404,
    summary: 'There is nothing at this address.',
    cure: 'Check the path against the addresses the server prints when it starts.',
  },
  OAK_HTTP_METHOD: {
    status: 405,
    summary: 'The method is not allowed at this address.',
    cure: 'Use the method the message names.',
  },
  OAK_HTTP_TYPE: {
    status: 415,
    summary: 'The Content-Type is none that a SOAP request can have.',
    cure: 'Send text/xml or application/soap+xml in UTF-8.',
  },
  OAK_HTTP_CODING: {
    status: 415,
    summary: 'The Content-Encoding is unknown, or the body does not follow it.',
    cure: 'Send the body as it is, or with xpress or gzip.',
  },
  OAK_HTTP_TOO_LARGE: {
    status: 413,
    summary: 'The request has more bytes than allowed.',
    cure: 'Check what sends it; if it is a client with a large catalogue, raise soap.maxRequestBytes.',
  },
  OAK_HTTP_MALFORMED: {
    status: 400,
    summary: 'The request is not valid HTTP.',
    cure: 'Find out what sent it; browsers, proxies and Windows Update Agents do not.',
  },
  OAK_HTTP_FIELDS: {
    status: 431,
    summary: 'The header fields of the request are longer than allowed.',
    cure: 'Send fewer or shorter fields; 16 KiB in all are read.',
  },
  OAK_HTTP_TIMEOUT: {
    status: 408,
    summary: 'The request did not arrive in time.',
    cure: 'Look at the network between; on slow lines raise http.requestTimeoutSeconds.',
  },
  OAK_HTTP_ABORTED: {
    status: 400,
    summary: 'The client went away before its request was complete.',
    cure: 'Nothing, unless it happens often: then look at the network between.',
  },
  // --- TLS and listeners -------------------------------------------------------------------------
  OAK_TLS_CERTIFICATE: {
    status: 500,
    summary: 'The certificate cannot be used.',
    cure: 'Correct the file that the message names, or empty tls.certificateFile for a self-issued one; "oakum tls show" checks it.',
  },
  OAK_TLS_KEY: {
    status: 500,
    summary: 'The private key cannot be used.',
    cure: 'Name the key that belongs to the certificate in tls.keyFile, in PEM and without passphrase.',
  },
  OAK_TLS_AUTHORITY: {
    status: 500,
    summary: 'The certification authority of this data folder cannot issue certificates.',
    cure: 'Put back tls/ca.pem and tls/ca-key.pem; or delete the folder tls: a new authority is made, which clients have to trust anew.',
  },
  OAK_TLS_NOT_SELF_ISSUED: {
    status: 409,
    summary: 'This server has a certificate that it did not issue itself.',
    cure: 'Ask whoever issued it; or empty the setting tls.certificateFile.',
  },
  OAK_TLS_EXPIRY: {
    status: 500,
    summary: 'Clients have, or will soon have, reason to refuse the certificate.',
    cure: 'Put a good certificate into the files of tls.certificateFile and tls.keyFile; it is adopted within seconds.',
  },
  OAK_TLS_HANDSHAKE: {
    status: 400,
    summary: 'A connection did not get through the TLS handshake.',
    cure: 'Look at what connects from this address: it may not trust the certificate, be too old, or speak plain HTTP.',
  },
  OAK_HTTP_PLAIN: {
    status: 426,
    summary: 'Clients are served over plain HTTP.',
    cure: 'Anyone between can make them run signed programs: give them the https address, then set listen to "".',
  },
  OAK_HOST_FOREIGN: {
    status: 421,
    summary: 'A client called this server by a name that is not known to be its own.',
    cure: 'If it is, add it to server.names: until then download addresses carry another name of this server.',
  },
  // --- Notifications -----------------------------------------------------------------------------
  OAK_SUBSCRIPTION_UNKNOWN: {
    status: 404,
    summary: 'There is no such subscription.',
    cure: 'Correct the name; "oakum notifications" lists them.',
  },
  OAK_SUBSCRIPTION_EXISTS: {
    status: 409,
    summary: 'A subscription of this name exists already.',
    cure: 'Choose another name, or change the one that is there.',
  },
  OAK_SUBSCRIPTION_INVALID: {
    status: 400,
    summary: 'The subscription is not valid.',
    cure: 'Give either one address of the web or up to 20 of mail, as the message says.',
  },
  OAK_NOTIFICATION_EVENT: {
    status: 400,
    summary: 'No event can be subscribed to by this name.',
    cure: 'Name an event, or the beginning of several as "rollout.*"; "oakum notifications events" lists them.',
  },
  OAK_DELIVERY_UNKNOWN: {
    status: 404,
    summary: 'There is no such delivery to try again.',
    cure: 'List them with "oakum notifications deliveries", and name one that has failed or waits for its next attempt.',
  },
  OAK_WEBHOOK_ADDRESS: {
    status: 400,
    summary: 'Nothing is sent to this address.',
    cure: 'Use an http or https address of another machine; this one needs notifications.allowLoopback.',
  },
  OAK_SMTP_SETTINGS: {
    status: 500,
    summary: 'Mail cannot be sent with these settings.',
    cure: 'Set smtp.host, smtp.from and what the message names.',
  },
  // --- Starting ----------------------------------------------------------------------------------
  OAK_SETTING_UNKNOWN: {
    status: 404,
    summary: 'There is no such setting.',
    cure: 'Correct its name, or remove it; "oakum config show" lists them all.',
  },
  OAK_SETTING_INVALID: {
    status: 400,
    summary: 'A setting has a value it cannot have.',
    cure: 'Give it a value as the message says.',
  },
  OAK_SETTINGS_FILE: {
    status: 500,
    summary: 'The settings file cannot be read.',
    cure: 'Correct the line the message names, or move the file away.',
  },
  OAK_LISTEN: {
    status: 500,
    summary: 'The server cannot listen on this address.',
    cure: 'Stop what uses the port, or choose another port or address of this machine, with --listen, --admin-listen or the setting of the listener.',
  },
  OAK_INTERNAL: {
    status: 500,
    fault: 'InternalServerError',
    summary: 'Oakum failed in a way it did not foresee.',
    cure: 'Look up the fault id in the log and report the entry.',
  },
});

export type ErrorCode = keyof typeof ERRORS;
