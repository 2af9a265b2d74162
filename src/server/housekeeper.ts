import { Worker } from 'node:worker_threads';
import { FREQUENT_TASKS, HOUSEKEEPING_TASKS, type HousekeepingTask } from '../fleet/housekeeping-task.ts';
import { isHousekeepingUnderWay } from '../store/housekeeping-lock.ts';
import { readTaskTimes } from '../store/housekeeping-log.ts';
import type { Db } from '../store/schema.ts';
import { threadModule } from '../store/thread-module.ts';
import { housekeepingPolicy } from './housekeeping-policy.ts';
import { watchLimits } from './notification-watch.ts';
import type { HousekeepingMessage, HousekeepingThreadData } from './housekeeping-thread.ts';
import type { Logger } from './logger.ts';
import { startRecurringThread } from './recurring-thread.ts';
import type { Settings } from './settings.ts';

export interface HousekeeperOptions {
  readonly dataFolder: string;
  readonly settings: Settings;
  readonly db: Db;
  readonly log: Logger;
  readonly now: () => number;
  /** How often it asks whether something is due. */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 60_000;
/** Rules and rollouts: somebody waits for them. */
const FREQUENT_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;
const PAUSE_MS = 50;

/**
 * Lets housekeeping run when it is due, in a thread that is started for it and ends with it. Every process that serves
 * looks; a lock lets one of them do it, and when a task began last is in the store.
 */
export function startHousekeeper(options: HousekeeperOptions): () => Promise<void> {
  const { log, dataFolder } = options;
  return startRecurringThread({
    lookEveryMs: options.lookEveryMs ?? LOOK_EVERY_MS,
    log,
    failure: 'housekeeping failed',
    async look() {
      const tasks = await dueTasks(options);
      // A thread is not started only to find that another process is at it.
      if (tasks.length === 0 || isHousekeepingUnderWay(dataFolder)) return undefined;
      const thread = start(options, tasks);
      return { thread, ended: ended(thread, log) };
    },
  });
}

/** The tasks whose last beginning is long enough ago. One that was interrupted goes on at its next turn. */
export async function dueTasks({ db, settings, now }: HousekeeperOptions): Promise<HousekeepingTask[]> {
  const nowMs = now();
  const times = await readTaskTimes(db);
  const everyMs = settings['housekeeping.everyHours'] * HOUR_MS;
  return HOUSEKEEPING_TASKS.filter((task) => {
    const isFrequent = FREQUENT_TASKS.includes(task);
    if (!isFrequent && !settings['housekeeping.enabled']) return false;
    const startedMs = times.get(task)?.startedMs;
    const sinceMs = startedMs === undefined ? Number.POSITIVE_INFINITY : nowMs - startedMs;
    // A clock that was set back must not stop it for ever.
    return sinceMs >= (isFrequent ? FREQUENT_MS : everyMs) || sinceMs < -FREQUENT_MS;
  });
}

function start(
  { dataFolder, settings, now }: HousekeeperOptions,
  tasks: readonly HousekeepingTask[],
): Worker {
  const workerData: HousekeepingThreadData = {
    dataFolder,
    policy: housekeepingPolicy(settings),
    watch: watchLimits(settings, dataFolder),
    targeting: settings['clients.targeting'],
    tasks,
    nowMs: now(),
    pauseMs: PAUSE_MS,
  };
  return new Worker(threadModule('housekeeping-thread', import.meta.url), {
    name: 'housekeeping',
    workerData,
  });
}

function ended(thread: Worker, log: Logger): Promise<void> {
  const counts = new Map<HousekeepingTask, number>();
  thread.on('message', (message: HousekeepingMessage) => {
    if ('failure' in message) {
      log.error({ code: message.failure.code, reason: message.failure.reason }, 'housekeeping failed');
      return;
    }
    const { task, subject, title, reason } = message.action;
    counts.set(task, (counts.get(task) ?? 0) + 1);
    log.info({ task, subject, title, reason }, 'housekeeping');
  });
  thread.on('error', (error) => log.error({ err: error }, 'housekeeping failed'));
  return new Promise((resolve) => {
    thread.once('exit', () => {
      if (counts.size > 0) log.info({ done: Object.fromEntries(counts) }, 'housekeeping has ended');
      resolve();
    });
  });
}
