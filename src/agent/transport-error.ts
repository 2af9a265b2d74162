import { OakumError } from '../errors/oakum-error.ts';

/** How an exchange came to nothing before there was an answer to look at. */
export type TransportProblem = 'unreachable' | 'name-not-resolved' | 'too-slow' | 'broken-off' | 'too-long';

/** An exchange without a whole answer. */
export class TransportError extends OakumError {
  readonly problem: TransportProblem;

  constructor(problem: TransportProblem, detail: string, cause?: unknown) {
    const isAnswered = problem !== 'unreachable' && problem !== 'name-not-resolved';
    super(isAnswered ? 'OAK_PEER_ANSWER' : 'OAK_PEER_UNREACHABLE', { detail, cause });
    this.problem = problem;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached by any route',
  ENETUNREACH: 'cannot be reached by any route',
  ETIMEDOUT: 'does not answer',
  EAI_AGAIN: 'has a name that cannot be resolved now',
  ENOTFOUND: 'has a name that cannot be resolved',
  EPROTO: 'does not speak TLS, or none that is understood here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that it signed itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate of an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate of an authority that is not trusted',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
};

const UNRESOLVED: ReadonlySet<string> = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/** What went wrong between here and there, in words; what the library beneath says is kept as the cause. */
export function transportError(host: string, cause: Error & { readonly code?: string }): TransportError {
  const code = cause.code ?? '';
  const isHttp = code.startsWith('HPE_');
  const reason = isHttp ? 'answers with something that is not HTTP' : REASONS[code];
  const problem = UNRESOLVED.has(code) ? 'name-not-resolved' : isHttp ? 'broken-off' : 'unreachable';
  return new TransportError(
    problem,
    `${host} ${reason ?? `failed: ${firstLine(cause)}`} (${code || 'no code'}).`,
    cause,
  );
}

function firstLine(cause: Error): string {
  return (cause.message || cause.name).split('\n', 1)[0].slice(0, 200);
}
