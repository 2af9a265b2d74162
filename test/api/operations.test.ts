import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { atLeast, ROLES } from '../../src/admin/identity/roles.ts';
import { inputParts, type Input } from '../../src/api/input.ts';
import { JOB } from '../../src/api/job-view.ts';
import { errorsOf, openApi, plainErrorsOf } from '../../src/api/openapi.ts';
import { pathNames, type AnyOperation } from '../../src/api/operation.ts';
import { OPERATIONS } from '../../src/api/operations/index.ts';
import { PLAIN_ROUTES } from '../../src/api/plain-routes.ts';
import { PROBLEM } from '../../src/api/problem.ts';
import { ERRORS } from '../../src/errors/catalogue.ts';
import { AdminApp, type Answer } from '../support/admin-app.ts';
import { valuesOf } from '../support/schema-arbitrary.ts';
import { strictly } from '../support/strict-schema.ts';

/** Few each: there are many operations, and every run of the suite has other seeds. */
const RUNS = 25;

describe('every operation', () => {
  let app: AdminApp;
  before(async () => void (app = await AdminApp.open()));
  after(() => app[Symbol.asyncDispose]());

  test('has an id, and a method and path, of its own', () => {
    const all = [...OPERATIONS, ...PLAIN_ROUTES];
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    assert.equal(new Set(all.map(({ method, path }) => `${method} ${path}`)).size, all.length);
  });

  test('has what its path names among its inputs', () => {
    for (const operation of [...OPERATIONS, ...PLAIN_ROUTES])
      for (const name of pathNames(operation))
        assert.ok(Object.hasOwn(operation.input.properties, name), `${operation.id}: ${name}`);
  });

  for (const operation of OPERATIONS) {
    describe(operation.id, () => {
      test('its example is what its declaration says', () => {
        const { input, result } = operation.example;
        assert.ok(Value.Check(strictly(operation.input), input), explained(operation.input, input));
        const schema = operation.kind === 'list' ? operation.item : operation.result;
        assert.ok(Value.Check(strictly(schema), result), explained(strictly(schema), result));
      });

      test('it is refused to whoever is not signed in', async () => {
        const answer = await askExample(app, 'nobody', operation);
        assertProblem(answer, 401, ['OAK_SIGN_IN_REQUIRED']);
      });

      test('it is refused to every role below the one it takes, and no other', async () => {
        for (const role of ROLES) {
          const answer = await askExample(app, role, operation);
          if (!atLeast(role, operation.role)) assertProblem(answer, 403, ['OAK_FORBIDDEN']);
          else assert.notEqual(answer.status, 403, `${role}: ${answer.text}`);
        }
      });

      test('whatever its schema allows is answered as its declaration says', async () => {
        await fc.assert(
          fc.asyncProperty(valuesOf(operation.input as object), async (input) => {
            assertAnswer(operation, await ask(app, 'administrator', operation, input as Input));
          }),
          { numRuns: RUNS },
        );
      });

      test('whatever else is sent is refused, and breaks nothing', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.dictionary(
              fc.constantFrom(...Object.keys(operation.input.properties), 'other'),
              fc.jsonValue(),
            ),
            async (input) => {
              assertAnswer(operation, await ask(app, 'administrator', operation, input));
            },
          ),
          { numRuns: RUNS },
        );
      });
    });
  }

  for (const route of PLAIN_ROUTES) {
    describe(route.id, () => {
      test('its example is what its declaration says', () => {
        const { input, result } = route.example;
        assert.ok(Value.Check(strictly(route.input), input), explained(route.input, input));
        if (!('mediaType' in route.result))
          assert.ok(Value.Check(route.result, result), explained(route.result, result));
      });

      test('it is there, and its errors are declared', async () => {
        const path = filled(route.path, route.example.input);
        const answer = await app.ask('nobody', route.method, path, {
          ...(route.isUpload === true || inputParts(route).body === undefined
            ? {}
            : { body: route.example.input }),
        });
        if (route.role === 'anybody') assert.ok(answer.status < 500, answer.text);
        else assertProblem(answer, 401, ['OAK_SIGN_IN_REQUIRED']);
        if (answer.status >= 400) assertProblem(answer, answer.status, plainErrorsOf(route));
      });
    });
  }
});

test('the description names every route, and nothing else', () => {
  const { paths } = openApi() as { readonly paths: Readonly<Record<string, object>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const declared = [...OPERATIONS, ...PLAIN_ROUTES].map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(described.toSorted(), declared.toSorted());
});

async function askExample(
  app: AdminApp,
  role: Parameters<AdminApp['ask']>[0],
  operation: AnyOperation,
): Promise<Answer> {
  return ask(app, role, operation, operation.example.input);
}

async function ask(
  app: AdminApp,
  role: Parameters<AdminApp['ask']>[0],
  operation: AnyOperation,
  input: Input,
): Promise<Answer> {
  const { query, body } = inputParts(operation);
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    if (pathNames(operation).includes(name) || (body !== undefined && name in body.properties)) continue;
    if (body !== undefined && !(name in query.properties)) continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) asked.append(name, text(one));
  }
  const inBody = Object.entries(input).filter(([name]) => !pathNames(operation).includes(name));
  return app.ask(
    role,
    operation.method,
    `${filled(operation.path, input)}${asked.size === 0 ? '' : `?${asked.toString()}`}`,
    body === undefined ? {} : { body: Object.fromEntries(inBody) },
  );
}

function filled(path: string, input: Input): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(text(input[name])).replaceAll('.', '%2E'),
  );
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '');

function assertAnswer(operation: AnyOperation, answer: Answer): void {
  if (answer.status === 404 && (answer.body as { readonly code?: string }).code === 'OAK_HTTP_NOT_FOUND')
    return;
  if (answer.status >= 400) {
    assertProblem(answer, answer.status, [...errorsOf(operation), 'OAK_HTTP_MALFORMED', 'OAK_HTTP_METHOD']);
    return;
  }
  const { body } = answer;
  switch (operation.kind) {
    case 'list':
      for (const item of (body as { readonly items: readonly unknown[] }).items)
        assert.ok(Value.Check(strictly(operation.item), item), explained(strictly(operation.item), item));
      break;
    case 'job':
      assert.equal(answer.status, 202);
      assert.ok(Value.Check(JOB, body), explained(JOB, body));
      break;
    case 'read':
    case 'change':
      assert.ok(Value.Check(strictly(operation.result), body), explained(strictly(operation.result), body));
  }
}

function assertProblem(answer: Answer, status: number, codes: readonly string[]): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  assert.ok(Value.Check(strictly(PROBLEM), answer.body), answer.text);
  const { code } = answer.body as { readonly code: keyof typeof ERRORS };
  assert.ok(codes.includes(code), `${code} is not declared: ${answer.text}`);
  assert.equal(ERRORS[code].status, status);
}

function explained(schema: TSchema, value: unknown): string {
  const errors = [...Value.Errors(schema, value)].slice(0, 3);
  return `${JSON.stringify(errors)}: ${JSON.stringify(value)}`;
}
