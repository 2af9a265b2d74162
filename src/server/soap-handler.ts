import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventChannel } from '../errors/event-channels.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { Call } from '../services/service-context.ts';
import {
  decodeBody,
  encodeBody,
  negotiateCoding,
  type ContentCoding,
  type XpressMode,
} from '../soap/content-coding.ts';
import type { SoapEndpoint } from '../soap/endpoint.ts';
import { writeWsdl } from '../soap/wsdl.ts';
import type { Answered, RequestCounts } from './metrics/request-counts.ts';
import { readBody } from './request-body.ts';

const REQUEST = eventChannel('oakum.request');

export interface SoapHandlerOptions {
  readonly maxRequestBytes: number;
  /** Calls of one service that may be between their first header and the last byte of their answer. */
  readonly maxCalls: number;
  /** Codings this server offers, the preferred one first. */
  readonly codings: readonly ContentCoding[];
  readonly xpressMode: XpressMode;
  readonly contentBase: (request: IncomingMessage) => string;
  /** `http://host:port` as the caller knows this server. */
  readonly ownBase: (request: IncomingMessage) => string;
  readonly counts: RequestCounts;
}

const SOAP_TYPES = ['text/xml', 'application/soap+xml', 'application/xml'];

/**
 * HTTP around one SOAP service: POST for calls, GET for its description. Answers carry the headers real
 * WSUS sends, in its order, and are never chunked.
 */
export function createSoapHandler(
  endpoint: SoapEndpoint<Call>,
  options: SoapHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { service } = endpoint;
  const { counts } = options;
  const rowOf = counts.rowsOf(service.name);
  let calls = 0;
  return async (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      describe(endpoint, request, response, options.ownBase(request));
      return;
    }
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST, GET, HEAD');
      throw new OakumError('OAK_HTTP_METHOD', { detail: 'Use POST.' });
    }
    requireSoapType(request.headers['content-type']);
    calls += 1;
    response.once('close', () => (calls -= 1));
    const refusal = calls > options.maxCalls ? new OakumError('OAK_SERVER_BUSY') : undefined;
    const raw = await readBody(request, options.maxRequestBytes);
    const receivedMs = performance.now();
    const bytes = decodeBody(request.headers['content-encoding'], raw, options.maxRequestBytes);
    const call: Call = {
      address: request.socket.remoteAddress ?? '',
      request,
      contentBase: options.contentBase(request),
    };
    const actor = options.ownBase(request) + service.path;
    const answer = await endpoint.respond(call, bytes, actor, refusal);
    // Nobody has seen whether real WSUS compresses faults; uncompressed ones are always accepted.
    const coding =
      answer.status === 200
        ? negotiateCoding(request.headers['accept-encoding'], options.codings)
        : 'identity';
    const pieces = encodeBody(coding, answer.body, options.xpressMode);
    const length = lengthOf(pieces);
    const coded = coding === 'identity' ? [] : ['Content-Encoding', coding, 'Vary', 'Accept-Encoding'];
    response.writeHead(answer.status, [
      ...['Cache-Control', service.cacheControl, 'Content-Type', answer.contentType],
      ...coded,
      ...['Content-Length', String(length)],
    ]);
    send(response, pieces, length);
    const figures: Answered = {
      outcome: answer.fault ?? 'ok',
      durationMs: performance.now() - receivedMs,
      requestBytes: raw.length,
      answerBytes: length,
      uncodedBytes: coding === 'identity' ? length : answer.body.plainBytes,
    };
    counts.answered(rowOf(answer.operation), figures);
    if (REQUEST.hasSubscribers) {
      const { operation } = answer;
      REQUEST.publish({ service: service.name, operation, address: call.address, ...figures });
    }
  };
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

/** Up to here an answer goes out in one piece with its header, which spares the system half of a write. */
const WITH_HEADER_BYTES = 4096;
/** From here on, a piece is handed over by itself: copying it would cost more. */
const LARGE_BYTES = 8192;

function send(response: ServerResponse, pieces: readonly Uint8Array[], length: number): void {
  if (length <= WITH_HEADER_BYTES) {
    // Node.js puts a string behind the header, but not bytes.
    response.end(Buffer.concat(pieces, length).toString('latin1'), 'latin1');
    return;
  }
  const parts = inParts(pieces);
  const [only] = parts;
  if (parts.length === 1) {
    response.end(only);
    return;
  }
  // Corked, all of them go out in one system call, and what is kept is not copied.
  response.cork();
  for (const part of parts) response.write(part);
  response.end();
  response.uncork();
}

/** Large pieces by themselves, and what stands between them put together. */
function inParts(pieces: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) parts.push(small.length === 1 ? small[0] : Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < LARGE_BYTES) small.push(piece);
    else {
      join();
      parts.push(piece);
    }
  }
  join();
  return parts;
}

// What every Windows Update Agent sends needs no closer look.
const AGENTS_TYPE = 'text/xml; charset=utf-8';

function requireSoapType(contentType: string | undefined): void {
  if (contentType === undefined || contentType === AGENTS_TYPE) return;
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  const known = charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';
  if (!SOAP_TYPES.includes(type) || !known) throw new OakumError('OAK_HTTP_TYPE');
}

/** The WSDL at `?wsdl`, else a page that says what this is: administrators open these addresses in a browser. */
function describe(
  endpoint: SoapEndpoint<Call>,
  request: IncomingMessage,
  response: ServerResponse,
  ownBase: string,
): void {
  const { service } = endpoint;
  const wantsWsdl = /[?&](single)?wsdl\b/i.test(request.url ?? '');
  const body = Buffer.from(
    wantsWsdl ? writeWsdl(service, ownBase) : page(service.name, Object.keys(service.operations)),
  );
  response.writeHead(200, {
    'Content-Type': wantsWsdl ? 'text/xml; charset=utf-8' : 'text/html; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function page(name: string, operations: readonly string[]): string {
  const list = operations.map((operation) => `<li>${operation}</li>`).join('');
  return (
    `<!DOCTYPE html><html lang="en"><title>${name} Web Service</title><h1>${name} Web Service</h1>` +
    `<p>This service is running. Its operations are described in the <a href="?wsdl">service description</a>.</p>` +
    `<ul>${list}</ul></html>`
  );
}
