import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const RECEIVE_BYTES = 512 * 1024;

/**
 * One keep-alive connection that asks for ranges of files and throws away what it gets, out of one buffer that is
 * used again and again. Putting megabytes together as {@link RawClient} does would cost the machine more than sending
 * them, and so measure the reader instead of the server.
 */
export class RangeReader implements Disposable {
  readonly #socket: Socket;
  #head = '';
  #left = 0;
  #done: (() => void) | undefined;
  #failed: Error | undefined;

  private constructor(port: number, host: string) {
    this.#socket = connect({
      ...{ port, host, noDelay: true },
      onread: {
        buffer: Buffer.allocUnsafeSlow(RECEIVE_BYTES),
        callback: (length, bytes) => {
          this.#receive(length, bytes);
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  static async open(url: string): Promise<RangeReader> {
    const { hostname, port } = new URL(url);
    const reader = new RangeReader(Number(port), hostname);
    await once(reader.#socket, 'connect');
    return reader;
  }

  /** Sends one request and resolves when its answer has come to its end; it must be a 206. */
  async fetch(request: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      if (this.#failed === undefined) this.#socket.write(request);
      else resolve();
    });
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Sends one request and never takes more of its answer than the system does by itself. */
  stall(request: Buffer): void {
    this.#socket.pause();
    this.#socket.write(request);
  }

  #receive(length: number, bytes: Uint8Array): void {
    if (this.#left > 0) {
      this.#left -= length;
    } else {
      const end = this.#readHead(Buffer.from(bytes.buffer, bytes.byteOffset, length));
      if (end === undefined) return;
      this.#left -= length - end;
    }
    if (this.#left === 0) this.#done?.();
  }

  /** Where the head ends in these bytes, once it does. */
  #readHead(bytes: Buffer): number | undefined {
    const before = this.#head.length;
    this.#head += bytes.toString('latin1', 0, 4096);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return undefined;
    if (!this.#head.startsWith('HTTP/1.1 206 ')) this.#end(new Error(this.#head.slice(0, 100)));
    this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1]);
    this.#head = '';
    return end + HEAD_END.length - before;
  }

  #end(error: Error): void {
    this.#failed ??= error;
    this.#done?.();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
