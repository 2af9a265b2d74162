import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connectionReason } from '../errors/connection-reason.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { errorOf } from './job-view.ts';

/** A server that is administered from afar. */
export interface HttpTarget {
  /** Where its administration listens, such as `https://updates.example.com:8540`. */
  readonly url: string;
  readonly token: string;
  /** PEM of the authorities to trust instead of those the system knows. */
  readonly ca?: string;
}

export interface HttpRequest {
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: { readonly json: unknown } | { readonly stream: Readable; readonly bytes: number };
}

const TIMEOUT_MS = 120_000;
/** A page of a thousand items takes a few megabytes. */
const MAX_ANSWER_BYTES = 256 * 1_048_576;

/**
 * Asks for JSON.
 *
 * @throws OakumError the one the server answered with; OAK_REMOTE_UNREACHABLE, OAK_REMOTE_ANSWER
 */
export async function requestJson<Result>(target: HttpTarget, asked: HttpRequest): Promise<Result> {
  const { status, text } = await exchange(target, asked);
  const value = parsed(text);
  if (status < 400) return value as Result;
  const { code, detail } = value as { readonly code?: unknown; readonly detail?: unknown };
  if (typeof code !== 'string')
    throw new OakumError('OAK_REMOTE_ANSWER', { detail: `It has the status ${status}.` });
  throw errorOf(code, typeof detail === 'string' ? detail : null);
}

async function exchange(
  target: HttpTarget,
  asked: HttpRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const url = addressOf(target, asked.path);
  const { body } = asked;
  const json = body !== undefined && 'json' in body ? Buffer.from(JSON.stringify(body.json)) : undefined;
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = start(url, {
    method: asked.method,
    timeout: TIMEOUT_MS,
    headers: {
      Authorization: `Bearer ${target.token}`,
      Accept: 'application/json',
      ...(json === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': json.length }),
      ...(body !== undefined && 'stream' in body
        ? { 'Content-Type': 'application/octet-stream', 'Content-Length': body.bytes }
        : {}),
    },
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  request.once('timeout', () => request.destroy(new Error('it did not answer in time')));
  try {
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    const sent =
      body !== undefined && 'stream' in body ? pipeline(body.stream, request) : void request.end(json);
    // Whoever refuses a file answers before it was sent as a whole.
    const [response] = await Promise.race([answered, Promise.resolve(sent).then(() => answered)]);
    return { status: response.statusCode ?? 0, text: await textOf(response) };
  } catch (cause) {
    if (cause instanceof OakumError) throw cause;
    const reason = cause instanceof Error ? connectionReason(cause) : `failed: ${String(cause)}`;
    throw new OakumError('OAK_REMOTE_UNREACHABLE', { detail: `${url.origin} ${reason}.`, cause });
  } finally {
    if (!request.writableFinished) request.destroy();
  }
}

function addressOf({ url }: HttpTarget, path: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new OakumError('OAK_REMOTE_UNREACHABLE', {
      detail: `"${url}" is no address such as https://updates.example.com:8540.`,
    });
  return new URL(`${base.origin}/api/v1${path}`);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new OakumError('OAK_REMOTE_ANSWER', { detail: 'It has no end.' });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new OakumError('OAK_REMOTE_ANSWER', { detail: 'It is no JSON.' });
}
