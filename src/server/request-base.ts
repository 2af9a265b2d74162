import type { IncomingMessage } from 'node:http';

// A host name or address, with an optional port: nothing that could break out of a URL.
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * `http://host:port` as the caller addressed this server: its Host header if that is one, else the
 * address the connection came in on. It is the caller's own word, so it goes into the answer to this
 * caller and into what is remembered for the same words.
 */
export function requestBase(request: IncomingMessage): string {
  const { host } = request.headers;
  if (host !== undefined && HOST.test(host)) return `http://${host}`;
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
