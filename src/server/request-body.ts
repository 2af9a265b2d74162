import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { OakumError } from '../errors/oakum-error.ts';

/**
 * The body of a request, at most `maxBytes` of it. A body that announces more is refused unread.
 *
 * @throws OakumError OAK_HTTP_TOO_LARGE, or OAK_HTTP_ABORTED when the client went away
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        request.pause();
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)));
    request.on('error', (cause) => reject(new OakumError('OAK_HTTP_ABORTED', { cause })));
    request.on('close', () => {
      if (!request.complete) reject(new OakumError('OAK_HTTP_ABORTED'));
    });
  });
}

function tooLarge(maxBytes: number): OakumError {
  return new OakumError('OAK_HTTP_TOO_LARGE', { detail: `The limit is ${maxBytes} bytes.` });
}
