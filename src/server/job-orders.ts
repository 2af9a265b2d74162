import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

/** Why a job has to stop: somebody cancelled it, or the server stops. */
export type StopReason = 'cancelled' | 'stopped';

export interface JobOrdersOptions {
  readonly reader: DatabaseSync;
  /** Number of the job. */
  readonly job: number;
  /** Any message on it says that the server stops. */
  readonly port: MessagePort;
  /** How often they are looked for. */
  readonly everyMs: number;
}

/**
 * What somebody wants of a job while it works. Orders are looked for without waiting for the event loop: a job that
 * computes, or reads the store, does not let it turn for minutes.
 */
export class JobOrders implements Disposable {
  readonly #options: JobOrdersOptions;
  readonly #cancelled: StatementSync;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #reason: StopReason | undefined;

  constructor(options: JobOrdersOptions) {
    this.#options = options;
    this.#cancelled = options.reader.prepare('SELECT 1 FROM job WHERE id = ? AND cancelled_by IS NOT NULL');
    // For jobs that wait for something, and tell nothing meanwhile.
    this.#timer = setInterval(() => this.look(), options.everyMs);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the signal was given; undefined while it was not. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Looks now. */
  look(): void {
    const { port, job } = this.#options;
    if (this.#reason !== undefined) return;
    if (receiveMessageOnPort(port) !== undefined) this.#reason = 'stopped';
    else if (this.#cancelled.get(job) !== undefined) this.#reason = 'cancelled';
    else return;
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
