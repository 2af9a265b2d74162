import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
      return answer(operation, context, given, request, reply, format);
    },
  });
}

async function answer(
  operation: AnyOperation,
  context: OperationContext,
  given: Input,
  request: FastifyRequest,
  reply: FastifyReply,
  format: string | undefined,
): Promise<FastifyReply> {
  switch (operation.kind) {
    case 'read': {
      const result = await executeRead(context, operation, given);
      return tagged(result, request, reply);
    }
    case 'list':
      return answerList(operation, context, given, request, reply, format);
    case 'change':
      return answerChange(operation, context, given, request, reply);
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

async function answerList(
  operation: AnyListOperation,
  context: OperationContext,
  given: Input,
  request: FastifyRequest,
  reply: FastifyReply,
  format: string | undefined,
): Promise<FastifyReply> {
  const exported = exportFormat(format, request.headers.accept);
  if (exported === undefined)
    return reply.type(JSON_TYPE).send(jsonLine(await executeList(context, operation, given)));
  const lines = await exportedList(context, operation, given, exported);
  return reply
    .type(exported.type)
    .header('Content-Disposition', `attachment; filename="${operation.id}.${exported.extension}"`)
    .send(Readable.from(lines));
}

async function answerChange(
  operation: AnyChangeOperation,
  context: OperationContext,
  given: Input,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
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
