import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Db } from '../../store/schema.ts';
import { entityTag, executeChange, executeList, executeRead } from '../execute.ts';
import type { House } from '../house.ts';
import { fromTexts, inputParts, type Input } from '../input.ts';
import { jsonLine } from '../json-text.ts';
import { enqueueJob } from '../jobs.ts';
import {
  type AnyChangeOperation,
  type AnyListOperation,
  type AnyOperation,
  type OperationContext,
} from '../operation.ts';
import type { Authenticate } from './authenticator.ts';
import { exportedList, exportFormat } from './list-export.ts';
import { bodyOf } from './plain-route.ts';
import { API_ROOT, routeAddress } from './route-address.ts';

export interface RouteOptions {
  readonly db: Db;
  readonly house: House;
  readonly now: () => number;
  readonly authenticate: Authenticate;
  readonly log: Logger;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers one operation at its address. */
export function addOperation(app: FastifyInstance, operation: AnyOperation, options: RouteOptions): void {
  const { path, query, body } = inputParts(operation);
  app.route({
    method: operation.method,
    url: routeAddress(operation),
    // Before the body is read: nobody holds a megabyte here without a name.
    onRequest: async (request) => void (await options.authenticate(request)),
    handler: async (request, reply) => {
      const context: OperationContext = {
        db: options.db,
        house: options.house,
        principal: request.principal!,
        nowMs: options.now(),
      };
      const { format, ...asked } = request.query as Record<string, string>;
      const given: Input = {
        ...fromTexts(query, operation.kind === 'list' || format === undefined ? asked : { ...asked, format }),
        ...(body === undefined ? {} : bodyOf(request)),
        // Last: what a path names is what is asked about, whatever a body says.
        ...fromTexts(path, request.params as Record<string, string>),
      };
      return answer({ operation, context, given, request, reply, format, log: options.log });
    },
  });
}

/** A request of an operation, as far as it is understood. */
interface Asked<Kind extends AnyOperation = AnyOperation> {
  readonly operation: Kind;
  readonly context: OperationContext;
  readonly given: Input;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly format: string | undefined;
  readonly log: Logger;
}

async function answer(asked: Asked): Promise<FastifyReply> {
  const { operation, context, given, request, reply } = asked;
  switch (operation.kind) {
    case 'read':
      return tagged(await executeRead(context, operation, given), request, reply);
    case 'list':
      return answerList({ ...asked, operation });
    case 'change':
      return answerChange({ ...asked, operation });
    case 'job': {
      const { job, replayed } = await enqueueJob(context, operation, given, changeRequest(request));
      if (replayed) reply.header('Idempotency-Replayed', 'true');
      return reply
        .code(202)
        .header('Location', `${API_ROOT}/jobs/${job.id}`)
        .type(JSON_TYPE)
        .send(jsonLine(job));
    }
  }
}

function tagged(result: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const tag = entityTag(result);
  reply.header('ETag', tag);
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known?.includes(tag) === true) return reply.code(304).send();
  return reply.type(JSON_TYPE).send(jsonLine(result));
}

async function answerList(asked: Asked<AnyListOperation>): Promise<FastifyReply> {
  const { operation, context, given, request, reply, format, log } = asked;
  const exported = exportFormat(format, request.headers.accept);
  if (exported === undefined)
    return reply.type(JSON_TYPE).send(jsonLine(await executeList(context, operation, given)));
  const lines = Readable.from(await exportedList(context, operation, given, exported));
  // Its beginning is gone by then: whoever reads it sees only that it breaks off.
  lines.once('error', (error) =>
    log.error({ request: request.id, err: error }, 'a list could not be sent to its end'),
  );
  return reply
    .type(exported.type)
    .header('Content-Disposition', `attachment; filename="${operation.id}.${exported.extension}"`)
    .send(lines);
}

async function answerChange(asked: Asked<AnyChangeOperation>): Promise<FastifyReply> {
  const { operation, context, given, request, reply } = asked;
  const { result, replayed } = await executeChange(context, operation, given, changeRequest(request));
  if (replayed) reply.header('Idempotency-Replayed', 'true');
  return reply
    .code(operation.status ?? 200)
    .type(JSON_TYPE)
    .send(jsonLine(result));
}

function changeRequest({ headers }: FastifyRequest): {
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
} {
  const ifMatch = headers['if-match'];
  const idempotencyKey = headers['idempotency-key'];
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey: String(idempotencyKey) }),
  };
}
