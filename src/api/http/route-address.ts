import type { AnyOperation } from '../operation.ts';
import { OPERATIONS } from '../operations/index.ts';
import { PLAIN_ROUTES } from '../plain-routes.ts';

/** What the addresses of all routes begin with. */
export const API_ROOT = '/api/v1';

const NAME = /\{(\w+)\}/g;

/** The address of an operation or another route, as the router takes it. */
export function routeAddress({ path }: Pick<AnyOperation, 'path'>): string {
  return API_ROOT + path.replaceAll(NAME, ':$1');
}

const PATTERNS = [...OPERATIONS, ...PLAIN_ROUTES].map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${API_ROOT}${path.replaceAll('.', '\\.').replaceAll(NAME, '[^/]+')}/?$`),
}));

/** The methods that an address knows. */
export function allowedMethods(url: string): string[] {
  const [path = ''] = url.split('?', 1);
  return [...new Set(PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}
