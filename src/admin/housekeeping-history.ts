import {
  HOUSEKEEPING_MEANING,
  HOUSEKEEPING_TASKS,
  type HousekeepingTask,
} from '../fleet/housekeeping-task.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import {
  pageOfActions,
  pageOfRuns,
  readTaskTimes,
  type HistoryFilter,
  type HousekeepingRun,
  type LoggedAction,
} from '../store/housekeeping-log.ts';
import type { DbOrTx } from '../store/schema.ts';

/** What housekeeping does, and when it did so last. */
export interface TaskView {
  readonly task: HousekeepingTask;
  readonly meaning: string;
  /** Null for never. */
  readonly startedMs: number | null;
  /** Null also while it goes on, and when it was interrupted. */
  readonly finishedMs: number | null;
}

/** In the order in which they are done. */
export async function viewTasks(db: DbOrTx): Promise<TaskView[]> {
  const times = await readTaskTimes(db);
  return HOUSEKEEPING_TASKS.map((task) => ({
    task,
    meaning: HOUSEKEEPING_MEANING[task],
    startedMs: null,
    finishedMs: null,
    ...times.get(task),
  }));
}

/** Runs that changed something, latest first. */
export function viewRuns(db: DbOrTx, query: HistoryFilter & ListPage): Promise<ListPart<HousekeepingRun>> {
  return pageOfRuns(db, query, query);
}

/** What was done in them, latest first. */
export function viewActions(db: DbOrTx, query: HistoryFilter & ListPage): Promise<ListPart<LoggedAction>> {
  return pageOfActions(db, query, query);
}
