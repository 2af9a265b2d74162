import { HOUSEKEEPING_TASKS, type HousekeepingTask, type TaskOutcome } from '../fleet/housekeeping-task.ts';
import { noteTaskEnd, noteTaskStart } from '../store/housekeeping-log.ts';
import type { Caller } from './caller.ts';
import { HousekeepingContext, type HousekeepingOptions } from './housekeeping-context.ts';
import { runRolloutsNow, runRulesNow } from './housekeeping-decisions.ts';
import { deleteUnneededFiles } from './housekeeping-files.ts';
import { deleteOldEvents, deleteOldRecords, deleteStaleComputers, optimise } from './housekeeping-records.ts';
import { watchConditions } from './notify/watch-conditions.ts';
import { declineExpired, declineSuperseded, deleteOldRevisions } from './housekeeping-updates.ts';

const WORK: Readonly<Record<HousekeepingTask, (context: HousekeepingContext) => Promise<void>>> = {
  rules: runRulesNow,
  rollouts: runRolloutsNow,
  expired: declineExpired,
  superseded: declineSuperseded,
  revisions: deleteOldRevisions,
  files: deleteUnneededFiles,
  computers: deleteStaleComputers,
  events: deleteOldEvents,
  records: deleteOldRecords,
  optimise,
  notifications: lookForConditions,
};

/** Notifications are listed by themselves, so in a dry run and in the log there is nothing to tell. */
async function lookForConditions({ options, db, nowMs }: HousekeepingContext): Promise<void> {
  if (options.dryRun === true || options.notifications === undefined) return;
  await watchConditions(db, options.notifications, nowMs);
}

/**
 * Keeps a server in order: does the tasks one after the other, in small slices, each a transaction of its own, so
 * that whoever serves meanwhile never waits long, and a process that dies leaves nothing half done. Everything
 * that is declined or deleted is listed. To be called by whoever holds the lock (see holdHousekeepingLock).
 */
export async function runHousekeeping(
  options: HousekeepingOptions,
  caller: Caller,
  tasks: readonly HousekeepingTask[] = HOUSEKEEPING_TASKS,
): Promise<TaskOutcome[]> {
  const outcomes: TaskOutcome[] = [];
  for (const task of HOUSEKEEPING_TASKS) {
    if (!tasks.includes(task) || options.signal?.aborted === true) continue;
    const context = new HousekeepingContext(options, caller, task);
    if (options.dryRun !== true) await noteTaskStart(options.db, task, context.nowMs);
    await WORK[task](context);
    if (options.dryRun !== true && !context.isStopped)
      await noteTaskEnd(options.db, task, context.runId, options.now());
    outcomes.push({ task, actions: context.actions });
    await options.pause?.();
  }
  return outcomes;
}
