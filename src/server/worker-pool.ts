import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { ServerUrls } from './listeners.ts';
import type { Logger } from './logger.ts';

/** The most that `auto` starts: each has its own copy of the catalogue in memory. */
const AUTO_MOST = 8;

/** Whoever dies sooner than this after its start will do so again: the next one waits. */
const SHORT_LIFE_MS = 5000;
const PAUSE_MS = 1000;

/** Where clients find the server. */
export interface Served {
  readonly url: string;
  readonly urls: ServerUrls;
}

/** What a worker tells the process that started it. */
interface ReadyMessage {
  readonly ready: Served;
}

/** How many processes serve: half the processors, because each has threads that write and read ahead of it. */
export function workerCount(setting: string): number {
  if (setting !== 'auto') return Number(setting);
  return Math.min(AUTO_MOST, Math.max(1, Math.floor(availableParallelism() / 2)));
}

/** Whether this process is one of several that serve, and not the one that looks after them. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Lets a worker that cannot start end: its tie to the first process would keep it waiting. */
export function letGo(): void {
  process.channel?.unref();
}

/** Says that this worker accepts connections. */
export function reportReady({ url, urls }: Served): void {
  process.send?.({ ready: { url, urls } } satisfies ReadyMessage);
}

export interface WorkerPool extends Served {
  /** Lets every worker look at the certificate files now. */
  checkCertificates(): Promise<void>;
  /** Lets every worker finish what it is doing. */
  close(): Promise<void>;
}

/**
 * Starts this program several times on one port and one store. Connections are handed out in turn; a worker that
 * dies is replaced. Workers share nothing but the store: what a client needs to be remembered is in its cookie.
 */
export async function startWorkers(count: number, log: Logger): Promise<WorkerPool> {
  let closing = false;
  const start = (): Worker => {
    const worker = cluster.fork();
    const startedMs = Date.now();
    worker.once('exit', (code, signal) => {
      if (closing) return;
      log.error({ worker: worker.process.pid, code, signal }, 'a worker ended and is replaced');
      const pause = Date.now() - startedMs < SHORT_LIFE_MS ? PAUSE_MS : 0;
      setTimeout(() => {
        if (!closing) start();
      }, pause);
    });
    return worker;
  };
  // The first one alone: what keeps one from starting keeps all from it, and is said once.
  const served = await ready(start());
  await Promise.all(Array.from({ length: count - 1 }, () => ready(start())));
  return {
    ...served,
    checkCertificates: async () => {
      for (const worker of workersNow()) worker.process.kill('SIGHUP');
    },
    close: async () => {
      closing = true;
      await Promise.all(
        workersNow().map(async (worker) => {
          const ended = once(worker, 'exit');
          worker.process.kill('SIGTERM');
          await ended;
        }),
      );
    },
  };
}

function workersNow(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/** Where a worker serves, as soon as it does. */
function ready(worker: Worker): Promise<Served> {
  return new Promise((resolve) => {
    // One that cannot start has said why on standard error, and the next one could not either.
    const failed = (code: number | null): void => process.exit(code === 0 ? 1 : (code ?? 1));
    worker.once('exit', failed);
    worker.once('message', ({ ready: served }: ReadyMessage) => {
      worker.off('exit', failed);
      resolve(served);
    });
  });
}
