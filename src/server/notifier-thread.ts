import { parentPort, workerData } from 'node:worker_threads';
import { deliverDue, type DeliveryOutcome } from '../admin/notify/deliver-due.ts';
import { emailTransport, type SmtpSettings } from '../admin/notify/email-transport.ts';
import { tellAudited } from '../admin/notify/tell-audited.ts';
import { webhookTransport } from '../admin/notify/webhook-transport.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { openStore } from '../store/open-store.ts';
import { holdNotifierLock } from './notifier-lock.ts';

/** The thread that {@link startNotifier} starts: connections of its own, one round of everything that is due, and the end. */

export interface NotifierThreadData {
  readonly dataFolder: string;
  /** Which server says so. */
  readonly server: string;
  readonly allowLoopback: boolean;
  readonly smtp: SmtpSettings;
  /** What the clock of the server says. */
  readonly nowMs: number;
}

export type NotifierMessage =
  | { readonly outcomes: readonly DeliveryOutcome[] }
  | { readonly failure: { readonly code: string; readonly reason: string } };

const data = workerData as NotifierThreadData;
const stop = new AbortController();
const startedMs = performance.now();
const now = (): number => data.nowMs + Math.round(performance.now() - startedMs);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const tell = (message: NotifierMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', () => stop.abort());

try {
  await run();
} catch (error) {
  const code = error instanceof OakumError ? error.code : 'OAK_INTERNAL';
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell({ failure: { code, reason } });
} finally {
  parentPort?.close();
}

async function run(): Promise<void> {
  using lock = holdNotifierLock(data.dataFolder);
  // Another process is at it: then there is nothing to do here.
  if (lock === undefined) return;
  const store = await openStore({ dataFolder: data.dataFolder, now, mustExist: true });
  try {
    while (!stop.signal.aborted && (await tellAudited(store.db, now())));
    const outcomes = await deliverDue({
      db: store.db,
      transports: {
        webhook: webhookTransport({ allowLoopback: data.allowLoopback }),
        email: emailTransport({ smtp: data.smtp }),
      },
      server: data.server,
      now,
      random: Math.random,
      signal: stop.signal,
    });
    tell({ outcomes });
  } finally {
    await store.close();
  }
}
