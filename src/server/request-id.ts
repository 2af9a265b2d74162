import { randomBytes } from 'node:crypto';

/** Of this process, so that two of them on one log never say the same. */
const PREFIX = randomBytes(5).toString('base64url');
const ids = new WeakMap<object, string>();
let given = 0;

/**
 * What the log calls a request. It is made when it is first asked for, which the many requests that nobody logs
 * never are, and no client is told: answers have the headers that WSUS sends.
 */
export function requestId(request: object): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const id = `${PREFIX}-${(++given).toString(36)}`;
  ids.set(request, id);
  return id;
}
