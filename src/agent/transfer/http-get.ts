import { Buffer } from 'node:buffer';
import { request as httpRequest, type Agent } from 'node:http';
import { OakumError } from '../../errors/oakum-error.ts';
import { PeerStatusError } from '../soap-caller.ts';

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
    const outgoing = httpRequest(url, { method, agent, headers: [...headers] }, (incoming) => {
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxBytes) return void chunks.push(chunk);
        reject(
          new OakumError('OAK_PEER_ANSWER', { detail: `More came than the ${maxBytes} bytes asked for.` }),
        );
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
        reject(new OakumError('OAK_PEER_UNREACHABLE', { detail: cause.message, cause })),
      );
    });
    const timer = setTimeout(() => {
      reject(new OakumError('OAK_PEER_ANSWER', { detail: `Nothing whole came within ${timeoutMs} ms.` }));
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on('error', (cause) =>
      reject(new OakumError('OAK_PEER_UNREACHABLE', { detail: cause.message, cause })),
    );
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

/** The status that was expected, or an error that says which came. */
export function requireStatus(answer: GetAnswer, ...expected: readonly number[]): void {
  if (!expected.includes(answer.status)) {
    throw new PeerStatusError(answer.status, `expected ${expected.join(' or ')}`, undefined);
  }
}
