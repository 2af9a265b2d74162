import { hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DeliveryOutcome } from '../admin/notify/deliver-due.ts';
import { isDeliveryDue } from '../store/deliveries.ts';
import type { Db } from '../store/schema.ts';
import { threadModule } from '../store/thread-module.ts';
import { isAuditUntold } from '../store/told-audit.ts';
import type { Logger } from './logger.ts';
import type { NotifierMessage, NotifierThreadData } from './notifier-thread.ts';
import { isNotifierAtWork } from './notifier-lock.ts';
import { startRecurringThread } from './recurring-thread.ts';
import type { Settings } from './settings.ts';

export interface NotifierOptions {
  readonly dataFolder: string;
  readonly settings: Settings;
  readonly db: Db;
  readonly log: Logger;
  readonly now: () => number;
  /** How often it asks whether there is something to tell. */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 3_000;

/**
 * Tells subscriptions of what happens, within seconds, in a thread that is started when there is something to tell and
 * ends when there is nothing left: what it writes must not make whoever is served wait. Every process that serves
 * looks, with two small queries; a lock lets one of them do it.
 */
export function startNotifier(options: NotifierOptions): () => Promise<void> {
  const { db, log, now, dataFolder } = options;
  return startRecurringThread({
    lookEveryMs: options.lookEveryMs ?? LOOK_EVERY_MS,
    log,
    failure: 'notifications failed',
    async look() {
      if (!(await isAuditUntold(db)) && !(await isDeliveryDue(db, now()))) return undefined;
      // A thread is not started only to find that another process is at it.
      if (isNotifierAtWork(dataFolder)) return undefined;
      const thread = start(options);
      return { thread, ended: ended(thread, log) };
    },
  });
}

function start({ dataFolder, settings, now }: NotifierOptions): Worker {
  const workerData: NotifierThreadData = {
    dataFolder,
    server: serverName(settings),
    allowLoopback: settings['notifications.allowLoopback'],
    smtp: {
      host: settings['smtp.host'],
      port: settings['smtp.port'],
      security: settings['smtp.security'],
      user: settings['smtp.user'],
      passwordFile: settings['smtp.passwordFile'],
      from: settings['smtp.from'],
    },
    nowMs: now(),
  };
  return new Worker(threadModule('notifier-thread', import.meta.url), { name: 'notifier', workerData });
}

/** What receivers know this server by. */
function serverName(settings: Settings): string {
  return settings['server.names'].split(',')[0].trim() || hostname();
}

function ended(thread: Worker, log: Logger): Promise<void> {
  thread.on('message', (message: NotifierMessage) => {
    if ('failure' in message) {
      log.error({ code: message.failure.code, reason: message.failure.reason }, 'notifications failed');
      return;
    }
    for (const outcome of message.outcomes) logOutcome(outcome, log);
  });
  thread.on('error', (error) => log.error({ err: error }, 'notifications failed'));
  return new Promise((resolve) => void thread.once('exit', () => resolve()));
}

function logOutcome({ subscription, event, attempt, nextMs }: DeliveryOutcome, log: Logger): void {
  const { ok, status, error } = attempt;
  const entry = { subscription, event, status, ...(error === null ? {} : { reason: error }) };
  if (ok) log.info(entry, 'a notification was delivered');
  else if (nextMs === null) log.error(entry, 'a notification could not be delivered and is given up');
  else log.warn({ ...entry, next: new Date(nextMs).toISOString() }, 'a notification could not be delivered');
}
