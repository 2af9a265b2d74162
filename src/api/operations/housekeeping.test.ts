import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagesOf, readerOf } from '../../../test/support/listed-pages.ts';
import { TempStore } from '../../../test/support/temp-store.ts';
import { HOUSEKEEPING_TASKS } from '../../fleet/housekeeping-task.ts';
import { holdHousekeepingLock } from '../../store/housekeeping-lock.ts';
import { logActions } from '../../store/housekeeping-log.ts';
import { housekeeping } from './housekeeping.ts';

const quiet = { report: () => undefined, signal: new AbortController().signal };

async function withHistory(): Promise<TempStore> {
  const temp = await TempStore.open();
  for (let run = 0; run < 12; run++) {
    const task = HOUSEKEEPING_TASKS[run % 3];
    const actions = Array.from({ length: 1 + (run % 4) }, (_, index) => ({
      ...{ task, subject: `${run}.${index}`, title: '', reason: 'deleted' },
    }));
    await temp.db
      .transaction()
      .execute((tx) => logActions(tx, { runId: undefined, task, caller: 'x', nowMs: run }, actions));
  }
  return temp;
}

test('runs and actions are the same read page by page', async () => {
  await using temp = await withHistory();
  for (const operation of [housekeeping.runs, housekeeping.actions])
    for (const direction of ['', '-'])
      for (const filter of [{}, { task: HOUSEKEEPING_TASKS[1] }]) {
        const asked = { ...filter, sort: `${direction}${operation.sorts[0]}` };
        const whole = await pagesOf(readerOf(temp), operation, { ...asked, limit: 1000 });
        assert.ok(whole.length > 3);
        for (const limit of [1, 4])
          assert.deepEqual(await pagesOf(readerOf(temp), operation, { ...asked, limit }), whole);
      }
});

test('what was done is listed latest first', async () => {
  await using temp = await withHistory();
  const [first, second, third] = await pagesOf(readerOf(temp), housekeeping.actions, { limit: 2 });
  assert.deepEqual([first.subject, second.subject, third.subject], ['11.3', '11.2', '11.1']);
});

test('one at a time does it; a dry run is in nobody’s way, and tasks tell when they were done', async () => {
  await using temp = await TempStore.open();
  const context = readerOf(temp);
  {
    using _lock = holdHousekeepingLock(temp.dataFolder);
    await assert.rejects(housekeeping.run.run(context, {}, quiet), { code: 'OAK_HOUSEKEEPING_BUSY' });
    const told = await housekeeping.run.run(context, { tasks: ['records', 'expired'], dryRun: true }, quiet);
    assert.deepEqual(
      told.tasks.map(({ task }) => task),
      ['expired', 'records'],
    );
  }
  await housekeeping.run.run(context, { tasks: ['expired'] }, quiet);
  const { tasks } = await housekeeping.tasks.run(context, {});
  assert.deepEqual(
    tasks.map(({ task }) => task),
    HOUSEKEEPING_TASKS,
  );
  const done = tasks.filter(({ startedMs, finishedMs }) => startedMs !== null && finishedMs !== null);
  assert.deepEqual(
    done.map(({ task }) => task),
    ['expired'],
  );
});

test('a run that is cancelled does not answer as if it had done everything', async () => {
  await using temp = await TempStore.open();
  const cancelled = { ...quiet, signal: AbortSignal.abort() };
  await assert.rejects(housekeeping.run.run(readerOf(temp), {}, cancelled), { name: 'AbortError' });
});
