import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in wire order, in the letter case they came in. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface RecordedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body: string | Uint8Array;
}

/** Writes down what is asked on a free loopback port, and answers what it is told to. */
export class RecordingServer implements AsyncDisposable {
  readonly requests: RecordedRequest[] = [];
  readonly #server: Server;

  private constructor(answer: (request: RecordedRequest, index: number) => RecordedAnswer) {
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { rawHeaders, method = '', url: path = '' } = incoming;
        const names = rawHeaders.filter((_, index) => index % 2 === 0);
        const fields = names.map((name, index) => [name, rawHeaders[2 * index + 1]] as const);
        const request = { method, path, fields, body: Buffer.concat(chunks) };
        this.requests.push(request);
        const { status = 200, headers = {}, body } = answer(request, this.requests.length - 1);
        const length = Buffer.byteLength(body);
        outgoing.writeHead(status, {
          'Content-Type': 'text/xml; charset=utf-8',
          'Content-Length': length,
          ...headers,
        });
        outgoing.end(method === 'HEAD' ? undefined : body);
      });
    });
  }

  /** @param answer what to say to a request; index 0 is the first one */
  static async start(
    answer: (request: RecordedRequest, index: number) => RecordedAnswer,
  ): Promise<RecordingServer> {
    const server = new RecordingServer(answer);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
