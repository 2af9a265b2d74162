import fastifyCookie from '@fastify/cookie';
import { randomBytes } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Logger } from 'pino';
import { OakumError } from '../../errors/oakum-error.ts';
import type { House } from '../house.ts';
import { openApiText } from '../openapi.ts';
import { OPERATIONS } from '../operations/index.ts';
import { PLAIN } from '../plain-routes.ts';
import { answerProblem, asAnswered } from './answer-problem.ts';
import { createAuthenticator } from './authenticator.ts';
import { addFrontPage } from './front-page.ts';
import { addJobEvents } from './job-events.ts';
import { addPlainRoute } from './plain-route.ts';
import { addOperation } from './operation-route.ts';
import { allowedMethods } from './route-address.ts';
import { addSetupPage } from './setup-page.ts';
import { addSignIn, type SignInOptions } from './sign-in-routes.ts';
import { logRequest } from './request-log.ts';
import { addUploads } from './upload-route.ts';

export interface RestAppOptions extends SignInOptions {
  readonly house: House;
  readonly log: Logger;
  /** Addresses of proxies whose X-Forwarded-For is believed; nobody's unless given. */
  readonly trustedProxies?: readonly string[];
  /** Bytes of a file that may be sent. */
  readonly maxUploadBytes: number;
  /** What files that are sent leave free on the disk; nothing unless given. */
  readonly minFreeBytes?: number;
  /** Makes the server that the app listens with; plain HTTP unless given. */
  readonly serverFactory?: FastifyServerOptions['serverFactory'];
}

const MAX_BODY_BYTES = 1_048_576;
/** Names in paths are percent-encoded: three letters for a byte. */
const MAX_NAME_LENGTH = 3000;

/** What no browser may do with an answer of this server. */
const SAFE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** The administration of a server over HTTP: every operation, signing in, and the description of both. */
export async function createRestApp(options: RestAppOptions): Promise<FastifyInstance> {
  const { log } = options;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    // Whoever guesses is told apart by address: behind a proxy, by the one that it tells.
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    genReqId: requestIds(),
    routerOptions: { maxParamLength: MAX_NAME_LENGTH },
    // Lines of its own, below: what it logs names the whole address, and addresses hold links to sign in with.
    logger: false,
    // What never comes as far as a route, such as an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      reply.headers(SAFE_HEADERS).header('X-Request-Id', request.id);
      void answerProblem(asAnswered(error), request, reply);
      logRequest(log, request, reply);
    },
    forceCloseConnections: 'idle',
    // Packages of gigabytes come over slow lines.
    requestTimeout: 3_600_000,
    ...(options.serverFactory === undefined ? {} : { serverFactory: options.serverFactory }),
  }) as FastifyInstance;
  await app.register(fastifyCookie);
  takeEmptyBodies(app);
  const authenticate = createAuthenticator(options);

  app.addHook('onRequest', async (request, reply) => {
    // What is kept alive when the app closes would hold up its end.
    reply.raw.once('close', () => {
      if (!app.server.listening) app.server.closeIdleConnections();
    });
    reply.headers(SAFE_HEADERS).header('X-Request-Id', request.id);
    if (options.secure) reply.header('Strict-Transport-Security', 'max-age=31536000');
  });
  app.addHook('onResponse', async (request, reply) => logRequest(log, request, reply));
  app.decorateRequest('principal', undefined);
  app.decorateRequest('problem', undefined);
  app.setErrorHandler((error, request, reply) => answerProblem(asAnswered(error), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(request.url);
    const error =
      allowed.length === 0
        ? new OakumError('OAK_HTTP_NOT_FOUND')
        : new OakumError('OAK_HTTP_METHOD', { detail: `Allowed: ${allowed.join(', ')}.` });
    if (allowed.length > 0) reply.header('Allow', allowed.join(', '));
    return answerProblem(error, request, reply);
  });

  // Text, because it never changes while the server runs.
  const description = openApiText();
  addPlainRoute(app, PLAIN.describe, authenticate, async ({ reply }) =>
    reply.type('application/json; charset=utf-8').send(description),
  );
  addSignIn(app, options, authenticate);
  addFrontPage(app);
  addSetupPage(app, options);
  addUploads(app, options, authenticate);
  addJobEvents(app, options, authenticate);
  for (const operation of OPERATIONS) addOperation(app, operation, { ...options, authenticate });
  return app;
}

/** Clients that always name a type send it with nothing, too. */
function takeEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** Short, never the same within one run, and not to be guessed from another run. */
function requestIds(): () => string {
  const run = randomBytes(4).toString('hex');
  let count = 0;
  return () => `${run}-${(count += 1)}`;
}
