import { countEventsBefore, deleteEventsBefore } from '../store/event-list.ts';
import { deleteComputer } from '../store/computers.ts';
import { appendAudit } from '../store/audit.ts';
import {
  countRecords,
  deleteRecords,
  optimiseStore,
  staleComputers,
  type OldRecords,
} from '../store/housekeeping-records.ts';
import { dayOf } from '../store/status-history.ts';
import type { HousekeepingContext } from './housekeeping-context.ts';

/** Each brings all its states along. */
const COMPUTERS_AT_ONCE = 5;
const EVENTS_AT_ONCE = 1_000;

/** Computers that come back register by themselves. */
export async function deleteStaleComputers(context: HousekeepingContext): Promise<void> {
  const beforeMs = context.before(context.options.policy.computerDays);
  if (beforeMs === undefined) return;
  await context.inSlices(
    await staleComputers(context.db, beforeMs),
    COMPUTERS_AT_ONCE,
    (one) => {
      const since = new Date(one.lastContactMs).toISOString().slice(0, 10);
      return context.action(one.clientId, one.name, `deleted: computer, last contact ${since}`);
    },
    async (tx, slice) => {
      const still = await staleComputers(
        tx,
        beforeMs,
        slice.map((one) => one.clientId),
      );
      for (const { clientId, name } of still) {
        await deleteComputer(tx, clientId);
        await appendAudit(tx, {
          timeMs: context.nowMs,
          caller: context.caller.name,
          action: 'computer.delete',
          subject: clientId,
          before: { name },
        });
      }
      return still;
    },
  );
}

/** Events that are only history by now: counted, not listed one by one. */
export async function deleteOldEvents(context: HousekeepingContext): Promise<void> {
  const beforeMs = context.before(context.options.policy.eventDays);
  if (beforeMs === undefined) return;
  const describe = (count: number) =>
    context.action('events', `before ${new Date(beforeMs).toISOString().slice(0, 10)}`, `deleted: ${count}`);
  if (context.options.dryRun === true) {
    const count = await countEventsBefore(context.db, beforeMs);
    context.tell(count === 0 ? [] : [describe(count)]);
    return;
  }
  const of = await countEventsBefore(context.db, beforeMs);
  let deleted = 0;
  let last: number;
  do {
    last = await context.counted(describe, (tx) => deleteEventsBefore(tx, beforeMs, EVENTS_AT_ONCE));
    deleted += last;
    context.options.onProgress?.('events', deleted, of);
    await context.pause();
  } while (last === EVENTS_AT_ONCE && !context.isStopped);
  if (deleted > 0) context.tell([describe(deleted)]);
}

/** Trends are asked for by month and year; a few hundred rows a day would be a million after some years. */
const TREND_DAYS = 730;

/** Findings that passed, sets nobody has, old history: counted, not listed one by one. */
export async function deleteOldRecords(context: HousekeepingContext): Promise<void> {
  const { findingDays, historyDays } = context.options.policy;
  const limits = {
    findingsBeforeMs: context.before(findingDays) ?? 0,
    runsBeforeMs: context.before(historyDays) ?? 0,
    notificationsBeforeMs: context.before(context.options.notifications?.keepDays ?? 0) ?? 0,
    trendBeforeDay: dayOf(context.nowMs) - TREND_DAYS,
  };
  const describe = (records: OldRecords) =>
    Object.entries(records)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => context.action(name, name, `deleted: ${count}`));
  if (context.options.dryRun === true) {
    context.tell(describe(await countRecords(context.db, limits)));
    return;
  }
  await context.transaction(async (tx) => {
    const records = await countRecords(tx, limits);
    await deleteRecords(tx, limits);
    return describe(records);
  });
}

export async function optimise(context: HousekeepingContext): Promise<void> {
  if (context.options.dryRun !== true) await optimiseStore(context.db);
}
