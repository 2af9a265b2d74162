import { STATUS_CODES } from 'node:http';
import type { TObject, TSchema } from 'typebox';
import { ERRORS, type ErrorCode } from '../errors/catalogue.ts';
import { declaredProperties } from '../fleet/declared.ts';
import { inputParts, PAGING, type Input } from './input.ts';
import { JOB } from './job-view.ts';
import type { AnyOperation } from './operation.ts';
import { OPERATIONS } from './operations/index.ts';
import { PLAIN_ROUTES, type PlainRoute } from './plain-routes.ts';
import { PROBLEM, PROBLEM_TYPE } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

/** Errors that any operation may answer with. */
const COMMON_ERRORS = [
  'OAK_INPUT_INVALID',
  'OAK_SIGN_IN_REQUIRED',
  'OAK_TOKEN_INVALID',
  'OAK_TOKEN_EXPIRED',
  'OAK_FORBIDDEN',
  'OAK_INTERNAL',
] as const satisfies readonly ErrorCode[];
const LIST_ERRORS = ['OAK_CURSOR'] as const satisfies readonly ErrorCode[];
const BODY_ERRORS = [
  'OAK_BODY_MALFORMED',
  'OAK_BODY_TYPE',
  'OAK_BODY_TOO_LARGE',
] as const satisfies readonly ErrorCode[];
const CHANGE_ERRORS = [
  'OAK_CSRF',
  'OAK_IDEMPOTENCY_KEY',
  'OAK_IDEMPOTENCY_REUSED',
  'OAK_SERVER_BUSY',
] as const satisfies readonly ErrorCode[];

/** Every code an operation may answer with, as far as it is meant for its callers. */
export function errorsOf(operation: AnyOperation): readonly ErrorCode[] {
  const changes = operation.kind === 'change' || operation.kind === 'job';
  const codes: ErrorCode[] = [
    ...COMMON_ERRORS,
    ...(operation.errors ?? []),
    ...(operation.kind === 'list' ? LIST_ERRORS : []),
    ...(operation.method === 'GET' || operation.method === 'DELETE' ? [] : BODY_ERRORS),
    ...(changes ? CHANGE_ERRORS : []),
    ...(operation.kind === 'change' || operation.kind === 'job' ? (['OAK_PRECONDITION'] as const) : []),
    ...(operation.kind === 'change' && operation.isSecret === true
      ? (['OAK_IDEMPOTENCY_SECRET'] as const)
      : []),
    ...(operation.kind === 'job' ? (['OAK_JOBS_BUSY'] as const) : []),
  ];
  return [...new Set(codes)];
}

/** The description of the API (OpenAPI 3.1) that follows from the declarations. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const add = (path: string, method: string, described: Json): void => {
    (paths[path] ??= {})[method.toLowerCase()] = described;
  };
  for (const operation of OPERATIONS) add(operation.path, operation.method, describe(operation));
  for (const route of PLAIN_ROUTES) add(route.path, route.method, describePlain(route));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Oakum administration',
      version: 'v1',
      description:
        'Everything that can be administered. Times are milliseconds from 1970 on; lists come in pages, whose `next` is ' +
        'the `cursor` of the next one, or as a whole as CSV or JSON Lines. Errors are problems (RFC 9457) with a code ' +
        'that never changes its meaning.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set([...OPERATIONS, ...PLAIN_ROUTES].map(nounOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: plain(PROBLEM), Job: plain(JOB) },
      parameters: PARAMETERS,
      responses: problemResponses([...OPERATIONS.flatMap(errorsOf), ...PLAIN_ROUTES.flatMap(plainErrorsOf)]),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token, see "oakum token create".' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-oakum-session',
          description:
            'What signing in sets; `oakum-session` where there is no TLS. Changes must also carry X-CSRF-Token.',
        },
      },
    },
  };
}

/** The same as text: what is served, and what stands in docs/. */
export function openApiText(): string {
  return `${JSON.stringify(openApi(), undefined, 2)}\n`;
}

function nounOf({ id }: { readonly id: string }): string {
  return id.split('.', 1)[0] ?? '';
}

function describe(operation: AnyOperation): Json {
  const { path, query, body } = inputParts(operation);
  const { id, summary, description, role } = operation;
  const shown = [description, `Takes the role ${role} at least.`]
    .filter((one) => one !== undefined)
    .join(' ');
  return {
    operationId: id,
    tags: [nounOf(operation)],
    summary,
    description: shown,
    'x-oakum-role': role,
    'x-oakum-errors': errorsOf(operation),
    parameters: [
      ...parameters(path, 'path', operation.example.input),
      ...parameters(withChoices(operation, query), 'query', operation.example.input),
      ...commonParameters(operation),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: (body.required ?? []).length > 0,
            content: {
              'application/json': {
                schema: closed(body),
                example: only(operation.example.input, Object.keys(body.properties)),
              },
            },
          },
        }),
    responses: { ...success(operation), ...problems(errorsOf(operation)) },
  };
}

function describePlain(route: PlainRoute): Json {
  const { path, query, body } = inputParts(route);
  const { id, summary, description, role, result, status, example } = route;
  const isAnonymous = role === 'anybody';
  return {
    operationId: id,
    tags: [nounOf(route)],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isAnonymous ? { security: [] } : { 'x-oakum-role': role }),
    'x-oakum-errors': plainErrorsOf(route),
    parameters: [...parameters(path, 'path', example.input), ...parameters(query, 'query', example.input)],
    ...(route.isUpload === true
      ? { requestBody: { required: true, content: { 'application/octet-stream': { schema: {} } } } }
      : {}),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: (body.required ?? []).length > 0,
            content: { 'application/json': { schema: closed(body), example: example.input } },
          },
        }),
    responses: {
      [status]: {
        description: summary,
        ...('mediaType' in result
          ? { content: { [result.mediaType]: { schema: { type: 'string' } } } }
          : { content: { 'application/json': { schema: plain(result), example: example.result } } }),
      },
      ...problems(plainErrorsOf(route)),
    },
  };
}

/** Every code that a route which is no operation may answer with. */
export function plainErrorsOf({ method, role, errors, isUpload }: PlainRoute): readonly ErrorCode[] {
  const anybody: readonly ErrorCode[] = ['OAK_INPUT_INVALID', 'OAK_INTERNAL'];
  const signedIn = role === 'anybody' ? anybody : COMMON_ERRORS;
  const body: readonly ErrorCode[] = method === 'GET' || isUpload === true ? [] : BODY_ERRORS;
  return [...new Set([...signedIn, ...body, ...errors])];
}

/** What many operations take. */
const PARAMETERS: Readonly<Record<string, Json>> = {
  limit: queryParameter('limit'),
  cursor: queryParameter('cursor'),
  format: {
    name: 'format',
    in: 'query',
    required: false,
    description: 'The whole list as CSV or JSON Lines instead of a page. The Accept header says the same.',
    schema: { type: 'string', enum: ['json', 'csv', 'jsonl'], default: 'json' },
  },
  ifNoneMatch: headerParameter('If-None-Match', 'The ETag that is known already.'),
  ifMatch: headerParameter('If-Match', 'The ETag of what was read; refused when it has changed since.'),
  idempotencyKey: headerParameter(
    'Idempotency-Key',
    'Makes it harmless to send the same change again within a day.',
  ),
};

const reference = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

function queryParameter(name: 'limit' | 'cursor'): Json {
  const { description, ...schema } = plain(PAGING.properties[name]);
  return { name, in: 'query', required: false, description, schema };
}

function headerParameter(name: string, description: string): Json {
  return { name, in: 'header', required: false, description, schema: { type: 'string', maxLength: 1000 } };
}

function commonParameters(operation: AnyOperation): Json[] {
  switch (operation.kind) {
    case 'read':
      return [reference('ifNoneMatch')];
    case 'list':
      return [reference('limit'), reference('cursor'), reference('format')];
    case 'change':
      return [
        reference('idempotencyKey'),
        ...(operation.shownBy === undefined ? [] : [reference('ifMatch')]),
      ];
    case 'job':
      return [reference('idempotencyKey')];
  }
}

function parameters(schema: TObject, place: 'path' | 'query', example: Input): Json[] {
  const declared = declaredProperties(schema);
  const own = Object.entries(schema.properties as Record<string, TSchema>).filter(
    ([name]) => name !== 'limit' && name !== 'cursor',
  );
  return own.map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (schema.required?.includes(name) && !('default' in property)),
    ...(declared[name]?.description === undefined ? {} : { description: declared[name].description }),
    schema: withoutDescription(property),
    ...(example[name] === undefined ? {} : { example: example[name] }),
    ...(name === 'fields' ? { style: 'form', explode: false } : {}),
  }));
}

/** The names that a list can be sorted by and asked for. */
function withChoices(operation: AnyOperation, query: TObject): TObject {
  if (operation.kind !== 'list') return query;
  const { sorts, item } = operation;
  const properties = query.properties as Record<string, TSchema>;
  const orders = sorts.flatMap((name) => [name, `-${name}`]);
  return {
    ...query,
    properties: {
      ...properties,
      sort: { ...properties['sort'], enum: orders },
      fields: {
        ...properties['fields'],
        items: { type: 'string', enum: Object.keys(declaredProperties(item)) },
      },
    },
  };
}

function success(operation: AnyOperation): Json {
  const json = (schema: Json, example: unknown): Json => ({ 'application/json': { schema, example } });
  const { result } = operation.example;
  switch (operation.kind) {
    case 'read':
      return {
        200: {
          description: operation.summary,
          headers: { ETag: { schema: { type: 'string' } } },
          content: json(plain(operation.result), result),
        },
        304: { description: 'It is what the caller knows.' },
      };
    case 'list': {
      const page = {
        type: 'object',
        required: ['items', 'next'],
        properties: {
          // Any of them may be left out with `fields`.
          items: { type: 'array', items: { ...plain(operation.item), required: [] } },
          next: {
            type: ['string', 'null'],
            description: 'The cursor of the next page; null behind the last one.',
          },
        },
      };
      return {
        200: {
          description: operation.summary,
          content: {
            ...json(page, { items: [result], next: null }),
            'text/csv': { schema: { type: 'string' } },
            'application/jsonl': { schema: { type: 'string' } },
          },
        },
      };
    }
    case 'change':
      return {
        [operation.status ?? 200]: {
          description: operation.summary,
          content: json(plain(operation.result), result),
        },
      };
    case 'job':
      return {
        202: {
          description: 'It waits for its turn. Its result, when it is done, is what `x-oakum-result` says.',
          headers: { Location: { schema: { type: 'string' }, description: 'Where the job is.' } },
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
          'x-oakum-result': plain(operation.result),
          'x-oakum-example': result,
        },
      };
  }
}

/** Problems by their status; which codes they may have, the operation says itself. */
export function problems(codes: readonly ErrorCode[]): Json {
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((one, other) => one - other);
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

/** A response for each status that any route may answer a problem with. */
function problemResponses(codes: readonly ErrorCode[]): Json {
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((one, other) => one - other);
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: `${STATUS_CODES[status]}: the problem has one of the codes of \`x-oakum-errors\`.`,
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

/** What was not declared is refused: the description says so, too. */
function closed(schema: TObject): Json {
  return { ...plain(schema), additionalProperties: false };
}

function only(input: Input, names: readonly string[]): Input {
  return Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
}

function withoutDescription(schema: TSchema): Json {
  const { description: _, ...rest } = plain(schema);
  return rest;
}

/** A schema without what only TypeBox knows of it. */
function plain(schema: TSchema): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}
