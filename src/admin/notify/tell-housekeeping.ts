import { notify } from '../../store/notifications.ts';
import type { Db } from '../../store/schema.ts';
import { beginCondition, endCondition, isConditionTold } from '../../store/told-conditions.ts';
import { inTransaction } from '../dry-run.ts';

const EVENT = 'housekeeping.failed';
const SUBJECT = '';

/** Tells that housekeeping failed: once until it succeeds again. */
export async function tellHousekeepingFailed(
  db: Db,
  failure: { readonly code: string; readonly reason: string },
  nowMs: number,
): Promise<void> {
  await inTransaction(db, false, async (tx) => {
    if (await beginCondition(tx, EVENT, SUBJECT, nowMs)) await notify(tx, EVENT, nowMs, failure);
  });
}

export async function noteHousekeepingDone(db: Db): Promise<void> {
  if (!(await isConditionTold(db, EVENT, SUBJECT))) return;
  await inTransaction(db, false, (tx) => endCondition(tx, EVENT, SUBJECT));
}
