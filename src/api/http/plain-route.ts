import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../admin/identity/roles.ts';
import { requireMayCall } from '../../admin/identity/authenticate.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { fromTexts, inputParts, parseInput, type Input } from '../input.ts';
import type { PlainRoute } from '../plain-routes.ts';
import { refuseForeignPage, type Authenticate } from './authenticator.ts';
import { routeAddress } from './route-address.ts';

/** A request of a plain route, checked by its declaration. */
export interface PlainRequest {
  readonly input: Readonly<Record<string, string | undefined>>;
  /** Missing for routes that are for anybody. */
  readonly principal: Principal | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A name, a password and a link are short. */
const MAX_ANYBODY_BYTES = 16_384;

/** Answers at the address of a plain route. */
export function addPlainRoute(
  app: FastifyInstance,
  route: PlainRoute,
  authenticate: Authenticate,
  answer: (request: PlainRequest) => Promise<FastifyReply>,
  limits: { readonly bodyLimit?: number } = {},
): void {
  const { path, query, body } = inputParts(route);
  const { role = 'reader' } = route;
  app.route({
    ...(role === 'anybody' ? { bodyLimit: MAX_ANYBODY_BYTES } : {}),
    ...limits,
    method: route.method,
    url: routeAddress(route),
    // Before the body is read.
    onRequest: async (request) => {
      if (role === 'anybody') {
        if (route.method !== 'GET') refuseForeignPage(request);
        return;
      }
      const principal = await authenticate(request);
      // Who one is, is no matter of scopes.
      if (!route.id.startsWith('session.')) requireMayCall(principal, { id: route.id, role });
    },
    handler: async (request, reply) => {
      const input = parseInput(route, {
        ...fromTexts(query, request.query as Record<string, string>),
        ...(body === undefined ? {} : bodyOf(request)),
        ...fromTexts(path, request.params as Record<string, string>),
      }) as PlainRequest['input'];
      return answer({ input, principal: request.principal, request, reply });
    },
  });
}

/**
 * The body of a request as an object.
 *
 * @throws OakumError OAK_BODY_MALFORMED
 */
export function bodyOf({ body }: FastifyRequest): Input {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new OakumError('OAK_BODY_MALFORMED', { detail: 'It is not an object.' });
  requireShallow(body);
  return body as Input;
}

/** Groups of a policy go deepest, with 64. */
const MAX_DEPTH = 200;

/** Everything after this may go down into the data by itself. */
function requireShallow(body: object): void {
  let level: readonly unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new OakumError('OAK_BODY_MALFORMED', { detail: 'It is nested too deeply.' });
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one as Record<string, unknown>) : [],
    );
  }
}
