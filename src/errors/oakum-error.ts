import { ERRORS, type ErrorCode, type ErrorDefinition } from './catalogue.ts';

export interface OakumErrorOptions {
  /** What exactly was wrong, for the log and the administrator; never a stack trace. */
  readonly detail?: string;
  /** The offending parameter's path on the wire, sent to SOAP clients as the fault's Message. */
  readonly parameter?: string;
  readonly cause?: unknown;
}

/**
 * The only error Oakum throws on purpose. Test `code`, never the message or the class: the code is the
 * contract (see {@link ERRORS}).
 */
export class OakumError extends Error {
  readonly code: ErrorCode;
  readonly parameter: string | undefined;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: OakumErrorOptions = {}) {
    const { summary } = ERRORS[code];
    super(options.detail === undefined ? summary : `${summary} ${options.detail}`, { cause: options.cause });
    this.name = 'OakumError';
    this.code = code;
    this.parameter = options.parameter;
    this.detail = options.detail;
  }

  get definition(): ErrorDefinition {
    return ERRORS[this.code];
  }
}
