import { connectionReason } from '../errors/connection-reason.ts';
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

const UNRESOLVED: ReadonlySet<string> = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/** What went wrong between here and there, in words; what the library beneath says is kept as the cause. */
export function transportError(host: string, cause: Error & { readonly code?: string }): TransportError {
  const code = cause.code ?? '';
  const problem = UNRESOLVED.has(code)
    ? 'name-not-resolved'
    : code.startsWith('HPE_')
      ? 'broken-off'
      : 'unreachable';
  return new TransportError(problem, `${host} ${connectionReason(cause)}.`, cause);
}
