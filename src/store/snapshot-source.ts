import { Worker } from 'node:worker_threads';
import type { SnapshotChange } from '../catalog/snapshot.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { SnapshotAnswer } from './snapshot-thread.ts';
import { threadModule } from './thread-module.ts';

/** Where generations of the catalogue come from. */
export interface SnapshotSource {
  /**
   * What changed since the last call; everything the first time, and again after a failure. Undefined
   * when nothing did.
   *
   * @throws OakumError OAK_STORE_UNUSABLE; the next call begins anew
   */
  read(): Promise<SnapshotChange | undefined>;
  close(): Promise<void>;
}

/**
 * Reads a store in a thread, so that nobody waits while a catalogue of any size is read and worked out:
 * what comes back are views of memory that the thread filled. The thread is started when it is needed,
 * and anew when it died.
 */
export class ThreadSnapshotSource implements SnapshotSource {
  readonly #path: string;
  #worker: Worker | undefined;
  #waiting: PromiseWithResolvers<SnapshotChange | undefined> | undefined;
  /** Why the thread died while nobody waited. */
  #failure: unknown;
  #last: Promise<unknown> = Promise.resolve();

  /** @param path of the database */
  constructor(path: string) {
    this.#path = path;
  }

  /** Starts the thread, but opens nothing yet: loading its modules takes as long as opening a store. */
  prepare(): void {
    this.#worker ??= this.#start();
    this.#worker.unref();
  }

  read(): Promise<SnapshotChange | undefined> {
    const answer = this.#last.then(() => this.#ask());
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.#last;
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.ref();
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage('close');
    await gone;
  }

  #ask(): Promise<SnapshotChange | undefined> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failed(failure));
    this.#worker ??= this.#start();
    this.#waiting = Promise.withResolvers();
    // Idle, it does not keep a process alive.
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage('read');
    return this.#waiting.promise;
  }

  #start(): Worker {
    const module = threadModule('snapshot-thread', import.meta.url);
    const worker = new Worker(module, { name: 'catalogue', workerData: { path: this.#path } });
    worker.on('message', (answer: SnapshotAnswer) => {
      worker.unref();
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if ('failure' in answer) waiting?.reject(failed(answer.failure.reason));
      else waiting?.resolve(answer.change);
    });
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', (code) => this.#died(worker, `it ended with code ${code}`));
    return worker;
  }

  #died(worker: Worker, why: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (this.#waiting === undefined) this.#failure = why;
    this.#waiting?.reject(failed(why));
    this.#waiting = undefined;
  }
}

function failed(cause: unknown): OakumError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OakumError('OAK_STORE_UNUSABLE', {
    detail: `The catalogue could not be read: ${reason}.`,
    cause,
  });
}
