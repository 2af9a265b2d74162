import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '../errors/catalogue.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { threadModule } from '../store/thread-module.ts';
import type { AdminMessage, AdminThreadData } from './admin-thread.ts';
import type { Logger } from './logger.ts';
import type { ResolvedSettings } from './resolve-settings.ts';

export interface AdminServerOptions extends ResolvedSettings {
  readonly dataFolder: string;
  readonly log: Logger;
  /** Nobody chose the address: when another program has it, the server runs without administration, and says so. */
  readonly isUsualAddress: boolean;
  /** What the thread runs. */
  readonly module?: URL;
}

export interface AdminServer {
  readonly url: string;
  /** Where the first administrator signs in; undefined when there are accounts. */
  readonly setupUrl?: string;
  checkCertificates(): void;
  close(): Promise<void>;
}

const STOP_WITHIN_MS = 10_000;
/** One that ends at its start would do so again and again. */
const PAUSE_MS = 1_000;
const YOUNG_GENERATION_MB = 8;

/**
 * Starts the administration in a thread of its own, with its own connection to the store: however large a question
 * somebody asks there, no client waits for the answer.
 *
 * @returns undefined when the settings ask for none, or the usual address is taken
 * @throws OakumError OAK_LISTEN, OAK_TLS_CERTIFICATE and others that keep it from starting
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer | undefined> {
  const { dataFolder, settings, sources, log, isUsualAddress } = options;
  if (settings['admin.listen'] === '') return undefined;
  const workerData: AdminThreadData = { dataFolder, settings, sources };
  const start = (): Worker =>
    new Worker(options.module ?? threadModule('admin-thread', import.meta.url), {
      name: 'administration',
      workerData,
      // Few people ask at once: a smaller one saves 20 MB and is emptied more often.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
  let thread = start();
  const first = await answerOf(thread);
  if ('failure' in first) {
    const failure = new OakumError(first.failure.code as ErrorCode, { detail: first.failure.detail });
    if (failure.code !== 'OAK_LISTEN' || !isUsualAddress) throw failure;
    log.warn({ code: failure.code }, `${failure.message} The server runs without administration.`);
    return undefined;
  }
  let closed = false;
  let ended = whenEnded(thread);
  const watch = (): void => {
    thread.on('error', (error) => log.error({ err: error }, 'the administration has failed'));
    ended = whenEnded(thread).then(() => {
      if (closed) return;
      log.error('the administration has ended and is started again');
      setTimeout(() => {
        if (closed) return;
        thread = start();
        watch();
      }, PAUSE_MS).unref();
    });
  };
  watch();
  const say = (what: 'stop' | 'check'): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(what);
  };
  return {
    ...first.ready,
    checkCertificates: () => say('check'),
    close: async () => {
      closed = true;
      say('stop');
      const impatient = setTimeout(() => void thread.terminate(), STOP_WITHIN_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}

/** The first thing a thread tells. */
async function answerOf(thread: Worker): Promise<AdminMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<AdminMessage>();
  const failed = (cause?: unknown): void => reject(new OakumError('OAK_INTERNAL', { cause }));
  const ended = (): void => failed();
  thread.once('message', resolve).once('error', failed).once('exit', ended);
  try {
    return await promise;
  } finally {
    thread.off('error', failed).off('exit', ended);
  }
}

function whenEnded(thread: Worker): Promise<void> {
  return new Promise((resolve) => void thread.once('exit', () => resolve()));
}
