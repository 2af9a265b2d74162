import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { isBusy } from '../../store/connect.ts';
import { jsonLine } from '../json-text.ts';
import { PROBLEM_TYPE, problemOf } from '../problem.ts';

/** What the HTTP framework refuses by itself, in the words of the catalogue. */
const REFUSED: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'OAK_BODY_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'OAK_BODY_MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'OAK_BODY_MALFORMED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'OAK_HTTP_MALFORMED',
  FST_ERR_CTP_BODY_TOO_LARGE: 'OAK_BODY_TOO_LARGE',
  FST_ERR_BAD_URL: 'OAK_HTTP_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'OAK_HTTP_MALFORMED',
};

/** Whatever was thrown, as an error of the catalogue. */
export function asAnswered(thrown: unknown): OakumError {
  if (thrown instanceof OakumError) return thrown;
  const { code, statusCode, message } = thrown as {
    readonly code?: string;
    readonly statusCode?: number;
    readonly message?: string;
  };
  // A command or another process wrote for longer than anybody waits.
  if (isBusy(thrown))
    return new OakumError('OAK_SERVER_BUSY', {
      detail: 'Another process writes to the store.',
      cause: thrown,
    });
  const known = code === undefined ? undefined : REFUSED[code];
  if (known !== undefined) return new OakumError(known, { cause: thrown });
  // A body that could not be read has a status, and says what was wrong with it.
  if (statusCode !== undefined && statusCode < 500)
    return new OakumError('OAK_BODY_MALFORMED', { detail: message?.slice(0, 200), cause: thrown });
  return new OakumError('OAK_INTERNAL', { cause: thrown });
}

/** Tells the caller; what the request was refused for is noted for the log. */
export function answerProblem(error: OakumError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refused(error, request, reply)
    .type(PROBLEM_TYPE)
    .send(jsonLine(problemOf(error, request.id)));
}

/** Notes what a request is refused for, and gives the answer its status. */
export function refused(error: OakumError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status } = error.definition;
  request.problem = error;
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer realm="Oakum"');
  return reply.code(status);
}
