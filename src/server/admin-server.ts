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
}

export interface AdminServer {
  readonly url: string;
  /** Where the first administrator signs in; undefined when there are accounts. */
  readonly setupUrl?: string;
  checkCertificates(): void;
  close(): Promise<void>;
}

const STOP_WITHIN_MS = 10_000;
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
  const thread = new Worker(threadModule('admin-thread', import.meta.url), {
    name: 'administration',
    workerData,
    // Few people ask at once: a smaller one saves 20 MB and is emptied more often.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  let error: unknown;
  thread.on('error', (caught) => {
    error = caught;
    log.error({ err: caught }, 'the administration has ended');
  });
  const first = await new Promise<AdminMessage | undefined>((resolve) => {
    thread.once('message', resolve);
    thread.once('exit', () => resolve(undefined));
  });
  if (first === undefined) throw new OakumError('OAK_INTERNAL', { cause: error });
  if ('failure' in first) {
    await ended;
    const failure = new OakumError(first.failure.code as ErrorCode, { detail: first.failure.detail });
    if (failure.code !== 'OAK_LISTEN' || !isUsualAddress) throw failure;
    log.warn({ code: failure.code }, `${failure.message} The server runs without administration.`);
    return undefined;
  }
  const say = (what: 'stop' | 'check'): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(what);
  };
  return {
    ...first.ready,
    checkCertificates: () => say('check'),
    close: async () => {
      say('stop');
      const impatient = setTimeout(() => void thread.terminate(), STOP_WITHIN_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}
