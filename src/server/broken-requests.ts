import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OakumError } from '../errors/oakum-error.ts';
import type { Logger } from './logger.ts';

/** Time for whoever sent what is no request to read the answer. */
const LINGER_MS = 1_000;

/** Connections that were answered because of what never became a request. */
export interface BrokenRequests {
  /** Whether this connection was given up, which the log has been told then. */
  has(socket: Socket): boolean;
}

/**
 * Answers and logs what Node.js gives up before there is a request to handle: bytes that are no HTTP,
 * header fields without end, requests that do not arrive in time.
 */
export function answerBrokenRequests(server: Server, log: Logger): BrokenRequests {
  const responses = new WeakMap<Socket, readonly ServerResponse[]>();
  const givenUp = new WeakSet<Socket>();
  server.on('request', ({ socket }, response) => {
    const underWay = responses.get(socket)?.filter((earlier) => !earlier.writableFinished) ?? [];
    responses.set(socket, [...underWay, response]);
  });
  server.on('clientError', (cause: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    // What follows unreadable bytes is as unreadable.
    if (givenUp.has(socket)) return;
    // A connection that is gone cannot be answered; a request it was in the middle of notices by itself. So is one
    // whose TLS handshake failed, which is logged where that is known.
    if (cause.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // What came over TLS and cannot be deciphered leaves nobody to answer to.
    if (cause.code?.startsWith('ERR_SSL') === true) {
      socket.destroy();
      return;
    }
    givenUp.add(socket);
    const error = toOakumError(cause);
    const { status } = error.definition;
    log.warn({ code: error.code, status, address: socket.remoteAddress }, error.message);
    // In the middle of another answer these bytes would become part of it.
    const inTheMiddle = (response: ServerResponse): boolean =>
      response.headersSent && !response.writableFinished;
    if (responses.get(socket)?.some(inTheMiddle) === true) socket.destroy();
    else socket.end(answer(error));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
  return { has: (socket) => givenUp.has(socket) };
}

function toOakumError(cause: NodeJS.ErrnoException): OakumError {
  if (cause.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new OakumError('OAK_HTTP_TIMEOUT', { cause });
  if (cause.code === 'HPE_HEADER_OVERFLOW') return new OakumError('OAK_HTTP_FIELDS', { cause });
  return new OakumError('OAK_HTTP_MALFORMED', { detail: `${cause.message}.`, cause });
}

const REASON: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function answer(error: OakumError): string {
  const { status, cure } = error.definition;
  const body = `${error.code}: ${error.message} ${cure}\n`;
  return (
    `HTTP/1.1 ${status} ${REASON[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
