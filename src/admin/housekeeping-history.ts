import {
  listActions,
  listRuns,
  type HistoryFilter,
  type HousekeepingRun,
  type LoggedAction,
} from '../store/housekeeping-log.ts';
import type { DbOrTx } from '../store/schema.ts';

/** What housekeeping did, latest first. */
export async function viewHousekeeping(
  db: DbOrTx,
  filter: HistoryFilter,
): Promise<{ readonly runs: readonly HousekeepingRun[]; readonly actions: readonly LoggedAction[] }> {
  return { runs: await listRuns(db, filter), actions: await listActions(db, filter) };
}
