import { Buffer } from 'node:buffer';
import { request as httpRequest, type Agent } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AgentFailure } from '../agent-failure.ts';
import { hresultOfStatus } from '../hresult.ts';
import { TransportError, transportError } from '../transport-error.ts';

export interface GetAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface GetRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  /** Sent exactly so, in this order. */
  readonly headers: readonly string[];
  readonly agent: Agent;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** One GET or HEAD, bounded in bytes and time. */
export function httpGet({
  url,
  method,
  headers,
  agent,
  maxBytes,
  timeoutMs,
}: GetRequest): Promise<GetAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(url, { method, agent, headers: [...headers] }, (incoming) => {
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxBytes) return void chunks.push(chunk);
        reject(new TransportError('too-long', `More came than the ${maxBytes} bytes asked for.`));
        incoming.destroy();
      });
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks, length),
        });
      });
      incoming.on('error', (cause) =>
        reject(new TransportError('broken-off', `A file broke off after ${length} bytes.`, cause)),
      );
    });
    const timer = setTimeout(() => {
      reject(new TransportError('too-slow', `Nothing whole came within ${timeoutMs} ms.`));
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on('error', (cause) => reject(transportError(url.host, cause)));
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

/**
 * Insists on a status.
 *
 * @throws AgentFailure that says which came
 */
export function requireStatus({ status }: GetAnswer, expected: number): void {
  if (status === expected) return;
  const name = status >= 400 ? hresultOfStatus(status) : 'WU_E_DM_NOTDOWNLOADED';
  throw new AgentFailure(
    name,
    `the server answered a request for a file with ${status} instead of ${expected}`,
  );
}
