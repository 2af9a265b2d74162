import type { Buffer } from 'node:buffer';
import { RawClient, type RawAnswer } from '../support/raw-client.ts';
import { CallFailure } from './call-failure.ts';

/**
 * The connection of one scan: opened with its first call and kept for the others, as agents do. Opened anew
 * after an answer that closes it, as faults do.
 */
export class ScanConnection implements Disposable {
  readonly #url: string;
  readonly #timeoutMs: number;
  #client: RawClient | undefined;
  #dropped = 0;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws CallFailure "timeout" when no whole answer came in time, counted from the opening of the
   *   connection; whatever the socket raises otherwise
   */
  async exchange(request: Buffer): Promise<RawAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CallFailure('timeout')), this.#timeoutMs);
    });
    try {
      const answer = await Promise.race([this.#exchange(request), late]);
      if (/\r\nconnection: *close/i.test(answer.head)) this.#drop();
      return answer;
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #exchange(request: Buffer): Promise<RawAnswer> {
    if (this.#client === undefined) {
      const dropped = this.#dropped;
      const client = await RawClient.open(this.#url);
      // Nobody waits any more for a connection that took longer than its call was given.
      if (dropped !== this.#dropped) {
        client[Symbol.dispose]();
        throw new CallFailure('timeout');
      }
      this.#client = client;
    }
    return this.#client.exchange(request);
  }

  #drop(): void {
    this.#dropped++;
    this.#client?.[Symbol.dispose]();
    this.#client = undefined;
  }

  [Symbol.dispose](): void {
    this.#drop();
  }
}
