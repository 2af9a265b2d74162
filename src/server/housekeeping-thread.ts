import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { runHousekeeping } from '../admin/housekeeping.ts';
import { noteHousekeepingDone, tellHousekeepingFailed } from '../admin/notify/tell-housekeeping.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { HousekeepingAction, HousekeepingPolicy, HousekeepingTask } from '../fleet/housekeeping-task.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { holdHousekeepingLock } from '../store/housekeeping-lock.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { watchOptions, type WatchLimits } from './notification-watch.ts';

/** The thread that {@link startHousekeeper} starts for each run: connections of its own, and the end of it with the run. */

export interface HousekeepingThreadData {
  readonly dataFolder: string;
  readonly policy: HousekeepingPolicy;
  readonly watch: WatchLimits;
  readonly targeting: TargetingMode;
  readonly tasks: readonly HousekeepingTask[];
  /** What the clock of the server says. */
  readonly nowMs: number;
  /** Between slices. */
  readonly pauseMs: number;
}

export type HousekeepingMessage =
  | { readonly action: HousekeepingAction }
  | { readonly failure: { readonly code: string; readonly reason: string } };

const data = workerData as HousekeepingThreadData;
const stop = new AbortController();
const startedMs = performance.now();
const now = (): number => data.nowMs + Math.round(performance.now() - startedMs);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const tell = (message: HousekeepingMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', () => stop.abort());

try {
  await run();
} catch (error) {
  // Another process is at it: then there is nothing to do here.
  const code = codeOf(error);
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (code !== 'OAK_HOUSEKEEPING_BUSY') tell({ failure: { code, reason } });
} finally {
  parentPort?.close();
}

async function run(): Promise<void> {
  using _lock = holdHousekeepingLock(data.dataFolder);
  const store = await openStore({ dataFolder: data.dataFolder, now, mustExist: true });
  try {
    await doTasks(store);
    await noteHousekeepingDone(store.db);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // That nobody can be told must not hide what went wrong.
    await tellHousekeepingFailed(store.db, { code: codeOf(error), reason }, now()).catch(() => undefined);
    throw error;
  } finally {
    await store.close();
  }
}

async function doTasks(store: Store): Promise<void> {
  await runHousekeeping(
    {
      db: store.db,
      content: await openFolderContentStore(join(data.dataFolder, 'content')),
      policy: data.policy,
      targeting: data.targeting,
      notifications: watchOptions(data.watch),
      now,
      signal: stop.signal,
      pause: () => sleep(data.pauseMs, undefined, { signal: stop.signal }).catch(() => undefined),
      onAction: (action) => tell({ action }),
    },
    { name: 'housekeeping' },
    data.tasks,
  );
}

function codeOf(error: unknown): string {
  return error instanceof OakumError ? error.code : 'OAK_INTERNAL';
}
