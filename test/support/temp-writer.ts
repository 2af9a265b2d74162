import type { Worker } from 'node:worker_threads';
import type { OakumError } from '../../src/errors/oakum-error.ts';
import { Writer, type WriterOptions } from '../../src/store/writer.ts';
import type { TempStore } from './temp-store.ts';

/** A writer beside a store that is open, whose thread must not end by itself: `await using writer = tempWriter(temp)`. */
export function tempWriter(temp: TempStore, options: Partial<WriterOptions> = {}): Writer {
  return new Writer({
    dataFolder: temp.dataFolder,
    onFailure: (error) => {
      throw error;
    },
    ...options,
  });
}

/** A writer whose threads can be ended from outside, as a failure would end them. */
export class MortalWriter implements AsyncDisposable {
  readonly writer: Writer;
  /** What the writer said of it. */
  readonly failures: OakumError[] = [];
  readonly #threads: Worker[] = [];
  readonly #watch = (thread: Worker): void => void this.#threads.push(thread);

  constructor(temp: TempStore) {
    process.on('worker', this.#watch);
    this.writer = tempWriter(temp, { onFailure: (error) => this.failures.push(error) });
  }

  /** Threads started so far. */
  get threads(): number {
    return this.#threads.length;
  }

  /** Called when the thread has ended, before the writer knows. */
  onEnd(listener: () => void): void {
    this.#threads.at(-1)?.prependListener('exit', listener);
  }

  async endThread(): Promise<void> {
    await this.#threads.at(-1)?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('worker', this.#watch);
    await this.writer.close();
  }
}
