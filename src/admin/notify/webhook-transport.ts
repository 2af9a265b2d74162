import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { OakumError } from '../../errors/oakum-error.ts';
import type { OutgoingMessage, Transport } from './transport.ts';
import { allowedLookup, hostOf, isAllowedAddress, shownAddress, webhookAddress } from './webhook-address.ts';

export interface WebhookOptions {
  /** Whether receivers may be on this machine. */
  readonly allowLoopback: boolean;
  readonly timeoutMs?: number;
  /** Certificates to trust instead of those of the system, PEM. */
  readonly ca?: string;
  readonly resolve?: typeof lookup;
}

const TIMEOUT_MS = 10_000;
/** Nobody reads the answer; a receiver may say a word and is then cut off. */
const ANSWER_BYTES = 1024;

/**
 * Posts notifications as JSON, signed as "Standard Webhooks" describes. Any status but 2xx is a failure, and no
 * redirect is followed: it would lead past the check of the address.
 */
export function webhookTransport(options: WebhookOptions): Transport {
  const lookup = allowedLookup(options.allowLoopback, options.resolve);
  return async (message, signal) => {
    const url = webhookAddress(message.targets[0]);
    const literal = hostOf(url);
    // Nothing is looked up for an address that is written out.
    if (isIP(literal) !== 0 && !isAllowedAddress(literal, options.allowLoopback))
      throw new OakumError('OAK_WEBHOOK_ADDRESS', { detail: `"${shownAddress(url.href)}".` });
    const body = webhookBody(message);
    const secure = url.protocol === 'https:';
    // Agents of its own: the global ones may be told by the environment to go through a proxy, which looks names up
    // by itself.
    const common = {
      method: 'POST',
      headers: { ...signedHeaders(message, body), 'content-length': body.length },
      lookup,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)]),
    };
    const request = secure
      ? httpsRequest(url, {
          ...common,
          agent: new HttpsAgent(),
          minVersion: 'TLSv1.2',
          ...(options.ca === undefined ? {} : { ca: options.ca }),
        })
      : httpRequest(url, { ...common, agent: new HttpAgent() });
    const status = await new Promise<number>((resolve, reject) => {
      request.once('response', (response) => {
        resolve(response.statusCode ?? 0);
        readLittle(response);
      });
      request.on('error', reject);
      // Also after an answer that is none, such as a change of protocol.
      request.once('close', () => reject(new Error('the connection was closed without an answer')));
      request.end(body);
    });
    const ok = status >= 200 && status < 300;
    return { ok, status, error: ok ? null : `the receiver answered ${status}` };
  };
}

function readLittle(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) response.destroy();
  });
  response.on('error', () => response.destroy());
}

/** What is posted. */
function webhookBody({ event, timeMs, server, text, data }: OutgoingMessage): Buffer {
  return Buffer.from(
    JSON.stringify({ type: event, timestamp: new Date(timeMs).toISOString(), server, text, data }),
  );
}

/**
 * The header fields of an attempt. The signature covers the id and the time of the attempt as well, so that a receiver
 * can refuse what is old or was received before.
 */
function signedHeaders(
  { id, secret, nowMs }: Pick<OutgoingMessage, 'id' | 'secret' | 'nowMs'>,
  body: Buffer,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', Buffer.from(secret ?? '', 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Oakum',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
