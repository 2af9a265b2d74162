import { Buffer } from 'node:buffer';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TransportError, transportError } from './transport-error.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface HttpLimits {
  /** Time for one whole exchange. */
  readonly timeoutMs: number;
  /** Bytes of one answer, as it travels. */
  readonly maxBytes: number;
}

/** Connections to one server, kept alive between calls as a Windows Update Agent keeps them. */
export class HttpConnections implements Disposable {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;

  /** @param ca authorities in PEM that are trusted instead of the public ones */
  constructor(ca?: string) {
    this.#https = new HttpsAgent({ keepAlive: true, ...(ca !== undefined && { ca }) });
  }

  /**
   * Sends a POST with exactly these headers, in this order.
   *
   * @throws OakumError OAK_PEER_UNREACHABLE, OAK_PEER_ANSWER for one that is too long or too slow
   */
  post(url: URL, headers: readonly string[], body: Buffer, limits: HttpLimits): Promise<HttpAnswer> {
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', headers: [...headers], agent: secure ? this.#https : this.#http };
      const outgoing = (secure ? httpsRequest : httpRequest)(url, options, (incoming) => {
        collect(incoming, limits.maxBytes).then((answer) => resolve(answer), reject);
      });
      const timer = setTimeout(() => {
        reject(new TransportError('too-slow', `No whole answer came within ${limits.timeoutMs} ms.`));
        outgoing.destroy();
      }, limits.timeoutMs);
      outgoing.on('error', (cause) => reject(transportError(url.host, cause)));
      outgoing.on('close', () => clearTimeout(timer));
      outgoing.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

function collect(incoming: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) return void chunks.push(chunk);
      reject(new TransportError('too-long', `It is longer than ${maxBytes} bytes.`));
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
      reject(new TransportError('broken-off', `It broke off after ${length} bytes.`, cause)),
    );
  });
}
