import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { itsTurn } from '../content/response-body.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { asOakumError } from '../soap/endpoint.ts';
import { answerBrokenRequests, type BrokenRequests } from './broken-requests.ts';
import type { Logger } from './logger.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface HttpListenerOptions {
  /** `host:port`; an IPv6 address in brackets. Port 0 takes a free one. */
  readonly listen: string;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly log: Logger;
  /** The handler for a path in lower case with single slashes; undefined: not found. */
  readonly route: (path: string) => RequestHandler | undefined;
}

export interface HttpListener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets answers under way finish, then closes what is left. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 15_000;
const CLOSE_GRACE_MS = 5_000;

/**
 * The listener that clients connect to.
 *
 * @throws OakumError OAK_LISTEN
 */
export async function openHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { host, port } = parseListen(options.listen);
  const server = createServer({
    // A body that trickles in is given up with 408 instead of holding a connection for ever.
    requestTimeout: options.requestTimeoutMs,
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, options.requestTimeoutMs),
    keepAliveTimeout: options.keepAliveMs,
    connectionsCheckingInterval: Math.min(5_000, options.requestTimeoutMs),
    // Checked below, because here it would not be logged.
    requireHostHeader: false,
  });
  const broken = answerBrokenRequests(server, options.log);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // What is kept alive when the server stops would hold it up for the whole time of grace.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
    void handle(options, broken, request, response);
  };
  server.on('request', onRequest);
  // An expectation nobody knows may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', onRequest);
  await listening(server, host, port);
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: () => close(server),
  };
}

/** `host:port` in its parts. */
export function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(listen);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    throw new OakumError('OAK_LISTEN', { detail: `"${listen}" is not of the form host:port.` });
  }
  return { host: parts[1] ?? parts[2], port };
}

/**
 * A path as it is routed: without query, in lower case, repeated slashes as one. Real clients send all of
 * these; what is sent to a proxy begins with a scheme and a host (RFC 9112, 3.2.2).
 */
export function routedPath(url: string): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  return path.replace(/\/{2,}/g, '/').toLowerCase();
}

// RFC 9112, 3.2: two hosts are two meanings, one for the proxy and one for the server behind it. Counted in what
// was received: Node.js drops the second one from the headers, and making the distinct ones costs a microsecond.
function requireOneHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at].length === 4 && rawHeaders[at].toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    throw new OakumError('OAK_HTTP_MALFORMED', { detail: 'It does not name exactly one Host.' });
  }
}

async function handle(
  options: HttpListenerOptions,
  broken: BrokenRequests,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    // One request of a connection at a time: pipelined ones all at once would be answered into memory.
    if (response.socket === null && !(await itsTurn(request, response))) return;
    requireOneHost(request);
    const handler = options.route(routedPath(request.url ?? '/'));
    if (handler === undefined) throw new OakumError('OAK_HTTP_NOT_FOUND');
    await handler(request, response);
  } catch (caught) {
    if (!broken.has(request.socket)) refuse(options.log, request, response, asOakumError(caught));
  }
}

/** Answers what is no SOAP fault: one line of text for whoever sent it, one line in the log. */
function refuse(log: Logger, request: IncomingMessage, response: ServerResponse, error: OakumError): void {
  const { status, cure } = error.definition;
  const entry = {
    code: error.code,
    status,
    address: request.socket.remoteAddress,
    path: request.url?.slice(0, 200),
  };
  if (status >= 500) log.error({ ...entry, err: error.cause ?? error }, error.message);
  else if (error.code !== 'OAK_HTTP_NOT_FOUND') log.warn(entry, error.message);
  else log.debug(entry, error.message);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(`${error.code}: ${error.message} ${cure}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    // What is left of the request is not worth reading.
    Connection: 'close',
  });
  response.end(body);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new OakumError('OAK_LISTEN', { detail: `${host}:${port}: ${cause.message}.`, cause }));
    });
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(giveUp);
      resolve();
    });
    server.closeIdleConnections();
  });
}
