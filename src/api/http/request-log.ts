import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { OakumError } from '../../errors/oakum-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What it was refused for. */
    problem: OakumError | undefined;
  }
}

/** What somebody should look at although it is not the server that failed: guessing, and tokens that are too weak. */
const SUSPECT: ReadonlySet<number> = new Set([401, 403, 429]);
const MAX_PATH_LENGTH = 200;

/** One line about a request that was answered: who asked what, and, if it was refused, for what and from where. */
export function logRequest(log: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { problem } = request;
  const route = request.routeOptions.url;
  const entry = {
    request: request.id,
    method: request.method,
    // Without its query, which may hold a link to sign in with.
    ...(route === undefined ? { path: request.url.split('?', 1)[0].slice(0, MAX_PATH_LENGTH) } : { route }),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    caller: request.principal?.name,
    ...(problem === undefined ? {} : { code: problem.code, address: request.ip }),
  };
  if (problem === undefined) log.info(entry, 'administration');
  else if (reply.statusCode >= 500) log.error({ ...entry, err: problem.cause ?? problem }, problem.message);
  else if (SUSPECT.has(reply.statusCode)) log.warn(entry, problem.message);
  else log.info(entry, problem.message);
}
