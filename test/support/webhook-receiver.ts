import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program that receives webhooks, on a port of its own: `await using receiver = await WebhookReceiver.open()`. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: ReceivedWebhook[] = [];
  /** What it answers next; the last one is repeated. */
  statuses: number[] = [204];
  headers: Readonly<Record<string, string>> = {};
  body = '';
  /** While it does not answer at all. */
  silent = false;
  readonly #server: Server;

  private constructor(tls?: { readonly key: string; readonly cert: string }) {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        this.received.push({ path: request.url ?? '', headers: request.headers, body });
        if (this.silent) return;
        const status = this.statuses.length > 1 ? this.statuses.shift()! : this.statuses[0];
        response.writeHead(status, this.headers).end(this.body);
      });
    };
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  static async open(tls?: { readonly key: string; readonly cert: string }): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(tls);
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Types of what was received, in order. */
  get types(): string[] {
    return this.received.map((one) => (JSON.parse(one.body) as { readonly type: string }).type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
