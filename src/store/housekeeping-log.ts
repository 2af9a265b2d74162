import type { HousekeepingAction, HousekeepingTask } from '../fleet/housekeeping-task.ts';
import type { Db, DbOrTx, Tx } from './schema.ts';

/** A run of one task that changed something. */
export interface HousekeepingRun {
  readonly id: number;
  readonly task: HousekeepingTask;
  readonly caller: string;
  readonly startedMs: number;
  /** Null when it was interrupted, or goes on. */
  readonly finishedMs: number | null;
  readonly actions: number;
}

export interface LoggedAction extends HousekeepingAction {
  readonly runId: number;
  readonly timeMs: number;
}

/** When each task was last begun; for tasks that ran. */
export async function readTaskStarts(db: DbOrTx): Promise<Map<HousekeepingTask, number>> {
  const rows = await db.selectFrom('housekeeping_task').select(['task', 'started_ms']).execute();
  return new Map(rows.map((row) => [row.task as HousekeepingTask, row.started_ms]));
}

export async function noteTaskStart(db: Db, task: HousekeepingTask, nowMs: number): Promise<void> {
  const values = { started_ms: nowMs, finished_ms: null };
  await db
    .insertInto('housekeeping_task')
    .values({ task, ...values })
    .onConflict((conflict) => conflict.column('task').doUpdateSet(values))
    .execute();
}

export async function noteTaskEnd(
  db: Db,
  task: HousekeepingTask,
  runId: number | undefined,
  nowMs: number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('housekeeping_task').set({ finished_ms: nowMs }).where('task', '=', task).execute();
    if (runId !== undefined)
      await tx.updateTable('housekeeping_run').set({ finished_ms: nowMs }).where('id', '=', runId).execute();
  });
}

/**
 * Writes down what is done in this transaction.
 *
 * @param runId undefined for the first time in a run
 * @returns the run's id
 */
export async function logActions(
  tx: Tx,
  run: {
    readonly runId: number | undefined;
    readonly task: HousekeepingTask;
    readonly caller: string;
    readonly nowMs: number;
  },
  actions: readonly HousekeepingAction[],
): Promise<number> {
  const { task, caller, nowMs } = run;
  const runId =
    run.runId ??
    (
      await tx
        .insertInto('housekeeping_run')
        .values({ task, caller, started_ms: nowMs, finished_ms: null, actions: 0 })
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id;
  for (const { subject, title, reason } of actions) {
    await tx
      .insertInto('housekeeping_action')
      .values({ run_id: runId, time_ms: nowMs, subject, title, reason })
      .execute();
  }
  await tx
    .updateTable('housekeeping_run')
    .set((eb) => ({ actions: eb('actions', '+', actions.length) }))
    .where('id', '=', runId)
    .execute();
  return runId;
}

/** Brings an entry of a run up to date that goes on growing. */
export async function updateAction(
  tx: Tx,
  runId: number,
  { subject, reason }: HousekeepingAction,
): Promise<void> {
  await tx
    .updateTable('housekeeping_action')
    .set({ reason })
    .where('run_id', '=', runId)
    .where('subject', '=', subject)
    .execute();
}

export interface HistoryFilter {
  readonly task?: HousekeepingTask;
  readonly limit?: number;
}

/** Latest first. */
export async function listRuns(db: DbOrTx, { task, limit = 100 }: HistoryFilter): Promise<HousekeepingRun[]> {
  let query = db.selectFrom('housekeeping_run').selectAll().orderBy('id', 'desc').limit(limit);
  if (task !== undefined) query = query.where('task', '=', task);
  return (await query.execute()).map((row) => ({
    id: row.id,
    task: row.task as HousekeepingTask,
    caller: row.caller,
    startedMs: row.started_ms,
    finishedMs: row.finished_ms,
    actions: row.actions,
  }));
}

/** Latest first. */
export async function listActions(db: DbOrTx, { task, limit = 100 }: HistoryFilter): Promise<LoggedAction[]> {
  let query = db
    .selectFrom('housekeeping_action')
    .innerJoin('housekeeping_run', 'housekeeping_run.id', 'housekeeping_action.run_id')
    .select(['run_id', 'time_ms', 'task', 'subject', 'title', 'reason'])
    .orderBy('housekeeping_action.id', 'desc')
    .limit(limit);
  if (task !== undefined) query = query.where('task', '=', task);
  return (await query.execute()).map((row) => ({
    runId: row.run_id,
    timeMs: row.time_ms,
    task: row.task as HousekeepingTask,
    subject: row.subject,
    title: row.title,
    reason: row.reason,
  }));
}
