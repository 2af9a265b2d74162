import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names and values in wire order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The value of a field by its name in any letter case. */
  header(name: string): string | undefined;
}

/** Serves on a free loopback port until the test ends. */
export async function listen(t: TestContext, listener: RequestListener): Promise<Server & { port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** A connection that sends exactly the bytes it is given and shows exactly what comes back. */
export class RawConnection {
  readonly socket: Socket;
  readonly #bytes: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  /** @param socket that is connected */
  constructor(socket: Socket) {
    this.socket = socket;
    this.#bytes = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  static async open(t: TestContext, port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends a request and reads its answer. Lines may be given with plain line feeds, without the empty one. */
  async exchange(head: string): Promise<RawAnswer> {
    this.send(head);
    return this.receive(head.startsWith('HEAD ') ? 'HEAD' : 'GET');
  }

  send(head: string): void {
    this.socket.write(`${head.trimEnd().replaceAll(/\r?\n/g, '\r\n')}\r\n\r\n`);
  }

  /** Reads one answer; chunked bodies are not understood, because content never comes so. */
  async receive(method: 'GET' | 'HEAD' = 'GET'): Promise<RawAnswer> {
    while (!this.#rest.includes('\r\n\r\n')) await this.#more();
    const headBytes = this.#rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = this.#rest.toString('latin1', 0, headBytes).split('\r\n');
    this.#rest = this.#rest.subarray(headBytes + 4);
    const match = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(statusLine);
    assert.ok(match, statusLine);
    const status = Number(match[1]);
    const fields = lines.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    });
    const header = (name: string): string | undefined =>
      fields.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1];
    const bodyless = method === 'HEAD' || status === 304;
    const length = bodyless ? 0 : Number(header('content-length'));
    const chunks = [this.#rest];
    let have = this.#rest.length;
    while (have < length) {
      const chunk = await this.#next();
      chunks.push(chunk);
      have += chunk.length;
    }
    const all = Buffer.concat(chunks);
    this.#rest = all.subarray(length);
    return { status, reason: match[2] ?? '', fields, header, body: all.subarray(0, length) };
  }

  /** Bytes that came after the last answer, so far. */
  get surplus(): Buffer {
    return this.#rest;
  }

  async #more(): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, await this.#next()]);
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#bytes.next();
    if (done === true) throw new Error('the connection ended in the middle of an answer');
    return value;
  }
}
