import { sql, type RawBuilder, type Selectable, type SqlBool } from 'kysely';
import type { HousekeepingAction, HousekeepingTask } from '../fleet/housekeeping-task.ts';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { Db, DbOrTx, Tx } from './schema.ts';
import type { HousekeepingActionTable, HousekeepingRunTable } from './schema/upkeep-tables.ts';

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

/** When a task was last begun, and when that ended; null while it goes on, or when it was interrupted. */
export interface TaskTimes {
  readonly startedMs: number;
  readonly finishedMs: number | null;
}

/** For tasks that ran. */
export async function readTaskTimes(db: DbOrTx): Promise<Map<HousekeepingTask, TaskTimes>> {
  const rows = await db.selectFrom('housekeeping_task').selectAll().execute();
  return new Map(
    rows.map((row) => [
      row.task as HousekeepingTask,
      { startedMs: row.started_ms, finishedMs: row.finished_ms },
    ]),
  );
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
}

/** What runs can be sorted by. */
export const RUN_SORTS: SortTable = { usual: '-id', keys: { id: [sql`id`] } };

/** What actions can be sorted by: by the run they belong to, and there in the order in which they were done. */
export const ACTION_SORTS: SortTable = {
  usual: '-runId',
  keys: { runId: [sql`housekeeping_run.id`, sql`housekeeping_action.id`] },
};

export async function pageOfRuns(
  db: DbOrTx,
  { task }: HistoryFilter,
  page: ListPage,
): Promise<ListPart<HousekeepingRun>> {
  const { keys, behind, order, limit } = keyset(RUN_SORTS, page);
  const { rows } = await sql<Selectable<HousekeepingRunTable> & KeyColumns>`
    SELECT housekeeping_run.*, ${keys} FROM housekeeping_run
    WHERE ${ofTask(task)} AND ${behind} ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, (row) => ({
    id: row.id,
    task: row.task as HousekeepingTask,
    caller: row.caller,
    startedMs: row.started_ms,
    finishedMs: row.finished_ms,
    actions: row.actions,
  }));
}

/** Run by run, in the order of the index: a page is found without sorting, also one about a task that is rare. */
export async function pageOfActions(
  db: DbOrTx,
  { task }: HistoryFilter,
  page: ListPage,
): Promise<ListPart<LoggedAction>> {
  const { keys, behind, order, limit } = keyset(ACTION_SORTS, page);
  const { rows } = await sql<Selectable<HousekeepingActionTable> & { readonly task: string } & KeyColumns>`
    SELECT housekeeping_action.*, task, ${keys}
    FROM housekeeping_run CROSS JOIN housekeeping_action ON run_id = housekeeping_run.id
    WHERE ${ofTask(task)} AND ${behind} ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, (row) => ({
    runId: row.run_id,
    timeMs: row.time_ms,
    task: row.task as HousekeepingTask,
    subject: row.subject,
    title: row.title,
    reason: row.reason,
  }));
}

function ofTask(task: HousekeepingTask | undefined): RawBuilder<SqlBool> {
  return task === undefined ? sql<SqlBool>`TRUE` : sql<SqlBool>`task = ${task}`;
}
