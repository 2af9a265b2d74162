import type { Worker } from 'node:worker_threads';
import type { Logger } from './logger.ts';

export interface RecurringThreadOptions {
  readonly lookEveryMs: number;
  readonly log: Logger;
  /** What the log says when looking, or the thread, fails. */
  readonly failure: string;
  /** Starts the thread when there is something to do, and resolves with what waits for its end. */
  look(): Promise<RunningThread | undefined>;
}

export interface RunningThread {
  readonly thread: Worker;
  readonly ended: Promise<void>;
}

/** What a thread does at its end takes a fraction of it. */
const STOP_WITHIN_MS = 5_000;

/**
 * Looks again and again whether there is something to do, and lets a thread do it that ends with its work: what it
 * writes must not make whoever is served wait. One at a time.
 *
 * @returns tells the thread to stop, and waits for it
 */
export function startRecurringThread(options: RecurringThreadOptions): () => Promise<void> {
  const { log, failure } = options;
  let running: Promise<void> = Promise.resolve();
  let thread: Worker | undefined;
  let busy = false;
  let closed = false;
  const look = async (): Promise<void> => {
    const started = await options.look();
    if (started === undefined) return;
    thread = started.thread;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    if (closed) thread.postMessage('stop');
    await started.ended;
    thread = undefined;
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = look()
      .catch((error: unknown) => log.error({ err: error }, failure))
      .finally(() => (busy = false));
  }, options.lookEveryMs);
  timer.unref();
  return async () => {
    closed = true;
    clearInterval(timer);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread?.postMessage('stop');
    const impatient = setTimeout(() => void thread?.terminate(), STOP_WITHIN_MS);
    await running;
    clearTimeout(impatient);
  };
}
