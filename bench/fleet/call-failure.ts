/** Faults after which agents set something right and call again ([MS-WUSP] 2.2.2.4). */
const RECOVERABLE_FAULTS = [
  'InvalidCookie',
  'ServerChanged',
  'ConfigChanged',
  'CookieExpired',
  'InvalidAuthorizationCookie',
  'RegistrationRequired',
] as const;

export type RecoverableFault = (typeof RECOVERABLE_FAULTS)[number];

/** Why a call or a scan failed, in a few words that can be counted. */
export class CallFailure extends Error {
  /** For example "refused", "timeout", "status 503", "fault InvalidParameters". */
  readonly kind: string;
  /** The ErrorCode of a SOAP fault. */
  readonly faultCode: string | undefined;

  constructor(kind: string, options: { readonly faultCode?: string; readonly cause?: unknown } = {}) {
    super(kind, { cause: options.cause });
    this.kind = kind;
    this.faultCode = options.faultCode;
  }

  /** Undefined for every failure that ends a scan. */
  get recoverableFault(): RecoverableFault | undefined {
    return RECOVERABLE_FAULTS.find((fault) => fault === this.faultCode);
  }
}

const KIND_OF_SYSTEM_ERROR: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EMFILE: 'no sockets left here',
  EADDRNOTAVAIL: 'no ports left here',
};

/** Whatever was thrown, as a failure of the call. */
export function callFailure(cause: unknown): CallFailure {
  if (cause instanceof CallFailure) return cause;
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return new CallFailure(KIND_OF_SYSTEM_ERROR[code] ?? code, { cause });
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CallFailure(message === 'the connection was closed' ? 'reset' : message, { cause });
}
