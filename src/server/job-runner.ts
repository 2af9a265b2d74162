import { Worker } from 'node:worker_threads';
import { countOpenJobs, interruptJobs, takeJob } from '../store/jobs.ts';
import { holdProcessLock } from '../store/process-lock.ts';
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

interface JobThread {
  readonly job: number;
  readonly ended: Promise<void>;
}

const LOCK = 'jobs.lock';
/** One that reads every file for hours must not keep an import waiting; more would only compete for the disk. */
const MOST_THREADS = 2;
const LOOK_EVERY_MS = 5_000;
const STOP_WITHIN_MS = 8_000;

/**
 * Lets jobs run that wait, each in a thread of its own. Of several runners for a data folder one works; another takes
 * over when that one has ended. What a server was at when it stopped, or a thread when it broke off, is interrupted.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #threads = new Map<Worker, JobThread>();
  readonly #timer: NodeJS.Timeout;
  #lock: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** Whether jobs that nobody works on may count as under way. */
  #mayHaveBrokenOff = true;
  #closed = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.look();
  }

  /** Looks for jobs that wait. */
  look(): void {
    if (this.#closed) return;
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
    await Promise.all(threads.map(([, { ended }]) => ended));
    clearTimeout(impatient);
    try {
      if (this.#lock !== undefined) await this.#interruptBrokenOff();
    } finally {
      this.#lock?.[Symbol.dispose]();
      this.#lock = undefined;
    }
  }

  async #startThreads(): Promise<void> {
    const { dataFolder, db, now } = this.#options;
    this.#lock ??= holdProcessLock(dataFolder, LOCK);
    if (this.#lock === undefined) return;
    await this.#interruptBrokenOff();
    const open = await countOpenJobs(db);
    while (!this.#closed && this.#threads.size < Math.min(MOST_THREADS, open)) {
      const job = await takeJob(db, now());
      if (job === undefined) return;
      this.#startThread(job.id);
    }
  }

  async #interruptBrokenOff(): Promise<void> {
    if (!this.#mayHaveBrokenOff) return;
    this.#mayHaveBrokenOff = false;
    const { db, now } = this.#options;
    const workedOn = [...this.#threads.values()].map(({ job }) => job);
    try {
      await interruptJobs(db, now(), workedOn);
    } catch (error) {
      this.#mayHaveBrokenOff = true;
      throw error;
    }
  }

  #startThread(job: number): void {
    const { dataFolder, settings, sources, log } = this.#options;
    const workerData: JobThreadData = { dataFolder, settings, sources, job };
    const thread = new Worker(threadModule('job-thread', import.meta.url), { name: 'job', workerData });
    thread.on('error', (error) => log.error({ job, err: error }, 'a job has broken off'));
    const ended = new Promise<void>((resolve) => {
      thread.once('exit', () => {
        this.#threads.delete(thread);
        this.#mayHaveBrokenOff = true;
        this.look();
        resolve();
      });
    });
    this.#threads.set(thread, { job, ended });
  }
}
