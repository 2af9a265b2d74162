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
    summary: 'The cabinet uses a compression method that Oakum does not read.',
    cure: 'Repack the cabinet stored, with MSZIP or with LZX.',
  },
  OAK_CABINET_LIMIT: {
    status: 413,
    summary: 'The cabinet unpacks to more bytes than allowed.',
    cure: 'Check where the cabinet comes from; split it if it is legitimate.',
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
  OAK_INTERNAL: {
    status: 500,
    fault: 'InternalServerError',
    summary: 'Oakum failed in a way it did not foresee.',
    cure: 'Look up the fault id in the log and report the entry.',
  },
});

export type ErrorCode = keyof typeof ERRORS;
