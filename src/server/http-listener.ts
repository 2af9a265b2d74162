import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { itsTurn } from '../content/response-body.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { asOakumError } from '../soap/endpoint.ts';
import { answerBrokenRequests, type BrokenRequests } from './broken-requests.ts';
import type { Logger } from './logger.ts';
import { HandshakeLog } from './tls/handshake-log.ts';
import type { ListenerTls } from './tls/tls-source.ts';
import { requestId } from './request-id.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface HttpListenerOptions {
  /** `host:port`; an IPv6 address in brackets. Port 0 takes a free one. */
  readonly listen: string;
  /** Without it the listener speaks plain HTTP. */
  readonly tls?: ListenerTls;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly log: Logger;
  /** Told of each request that is answered with an error of HTTP. */
  readonly onRefusal?: (error: OakumError, request: IncomingMessage) => void;
  /** The handler for a path in lower case with single slashes; undefined: not found. */
  readonly route: (path: string) => RequestHandler | undefined;
}

export interface HttpListener {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
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
  const server = createOne(options, {
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
  const actual = (server.address() as AddressInfo).port;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${actual}`;
  return {
    host,
    port: actual,
    url: `${options.tls === undefined ? 'http' : 'https'}://${authority}`,
    close: () => close(server),
  };
}

function createOne({ tls, log }: HttpListenerOptions, http: ServerOptions): Server {
  if (tls === undefined) return createServer(http);
  const server = createSecureServer({ ...http, ...tls.options });
  const handshakes = new HandshakeLog(log);
  server.on('tlsClientError', (cause, socket) => handshakes.failed(cause, socket));
  if (tls.options.requestCert === true && tls.options.rejectUnauthorized === false) {
    server.on('secureConnection', (socket: TLSSocket) => {
      if (!socket.authorized) handshakes.admitted(socket);
    });
  }
  dropHandshakes(server);
  const unfollow = tls.follow(server);
  server.once('close', unfollow);
  return server;
}

/**
 * Lets a server that closes drop connections in the middle of a handshake with those that are idle. HTTP knows of a
 * connection only afterwards, and one that never comes so far would hold up the end.
 */
function dropHandshakes(server: SecureServer): void {
  const handshakes = new Map<string, Socket>();
  const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    handshakes.set(key, socket);
    socket.once('close', () => handshakes.delete(key));
  });
  server.on('secureConnection', (socket: TLSSocket) => handshakes.delete(keyOf(socket)));
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    closeIdle();
    for (const socket of handshakes.values()) socket.destroy();
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
    if (broken.has(request.socket)) return;
    const error = asOakumError(caught);
    options.onRefusal?.(error, request);
    refuse(options.log, request, response, error);
  }
}

/** Answers what is no SOAP fault: one line of text for whoever sent it, one line in the log. */
function refuse(log: Logger, request: IncomingMessage, response: ServerResponse, error: OakumError): void {
  const { status, cure } = error.definition;
  const entry = {
    request: requestId(request),
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
