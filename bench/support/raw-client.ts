import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection that sends prepared bytes and reads one answer after the other: as little work
 * per request as a load generator can do, so that two cores are enough for it and the server.
 */
export class RawClient implements Disposable {
  readonly #socket: Socket;
  #pending: Buffer[] = [];
  #length = 0;
  #wake: (() => void) | undefined;
  #failed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#pending.push(chunk);
      this.#length += chunk.length;
      this.#wake?.();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static async open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends one request and returns its answer. Answers must carry a Content-Length. */
  async exchange(request: Buffer): Promise<RawAnswer> {
    this.#socket.write(request);
    for (;;) {
      const answer = this.#take();
      if (answer !== undefined) return answer;
      if (this.#failed !== undefined) throw this.#failed;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(): RawAnswer | undefined {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending, this.#length)];
    const [bytes] = this.#pending;
    if (bytes === undefined) return undefined;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = bytes.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (bytes.length < end) return undefined;
    const rest = bytes.subarray(end);
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    return { status: Number(head.slice(9, 12)), head, body: bytes.subarray(headEnd + 4, end) };
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
