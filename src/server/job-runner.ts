import { Worker } from 'node:worker_threads';
import { countOpenJobs, interruptJobs } from '../store/jobs.ts';
import type { Db } from '../store/schema.ts';
import { threadModule } from '../store/thread-module.ts';
import type { JobThreadData } from './job-thread.ts';
import type { Logger } from './logger.ts';
import type { ResolvedSettings } from './resolve-settings.ts';

export interface JobRunnerOptions extends ResolvedSettings {
  readonly dataFolder: string;
  readonly db: Db;
  readonly log: Logger;
  readonly now: () => number;
}

/** One that reads every file for hours must not keep an import waiting; more would only compete for the disk. */
const MOST_THREADS = 2;
const LOOK_EVERY_MS = 5_000;
const STOP_WITHIN_MS = 8_000;

/**
 * Lets jobs run that wait, each in a thread that is started for it and ends with the last one. There is one runner for
 * a data folder, in the process that has the administration.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #threads = new Map<Worker, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.look();
  }

  /** Starts with what waits; what ran when the server stopped last has been interrupted. */
  static async start(options: JobRunnerOptions): Promise<JobRunner> {
    await interruptJobs(options.db, options.now());
    return new JobRunner(options);
  }

  /** Looks for jobs that wait. */
  look(): void {
    this.#looking = this.#looking
      .then(() => this.#startThreads())
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'jobs could not be looked for'));
  }

  /** Lets jobs stop at their next step; what does not do so in time is interrupted. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    const threads = [...this.#threads];
    for (const [thread] of threads) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage('stop');
    }
    const impatient = setTimeout(
      () => threads.forEach(([thread]) => void thread.terminate()),
      STOP_WITHIN_MS,
    );
    await Promise.all(threads.map(([, ended]) => ended));
    clearTimeout(impatient);
    if (threads.length > 0) await interruptJobs(this.#options.db, this.#options.now());
  }

  async #startThreads(): Promise<void> {
    const open = await countOpenJobs(this.#options.db);
    while (!this.#closed && this.#threads.size < Math.min(MOST_THREADS, open)) this.#startThread();
  }

  #startThread(): void {
    const { dataFolder, settings, sources, log } = this.#options;
    const workerData: JobThreadData = { dataFolder, settings, sources };
    const thread = new Worker(threadModule('job-thread', import.meta.url), { name: 'jobs', workerData });
    thread.on('error', (error) => log.error({ err: error }, 'a job has ended'));
    const ended = new Promise<void>((resolve) => {
      thread.once('exit', () => {
        this.#threads.delete(thread);
        resolve();
      });
    });
    this.#threads.set(thread, ended);
  }
}
