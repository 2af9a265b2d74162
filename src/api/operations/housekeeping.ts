import { Type } from 'typebox';
import { runHousekeeping } from '../../admin/housekeeping.ts';
import { viewActions, viewRuns, viewTasks } from '../../admin/housekeeping-history.ts';
import { HOUSEKEEPING_MEANING, HOUSEKEEPING_TASKS } from '../../fleet/housekeeping-task.ts';
import { holdHousekeepingLock } from '../../store/housekeeping-lock.ts';
import { ACTION_SORTS, RUN_SORTS } from '../../store/housekeeping-log.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineJob, defineList, defineRead } from '../operation.ts';
import { count, dryRun, timeOrNever } from '../schemas.ts';
import { UPDATE_EXAMPLE } from './status-schemas.ts';

const task = Type.Enum([...HOUSEKEEPING_TASKS]);

const ACTION = Type.Object({
  task,
  subject: Type.String({ description: 'An UpdateID, client id, digest or name.' }),
  title: Type.String(),
  reason: Type.String({ description: 'What was done, and why.' }),
});

const declinedExample = {
  task: 'superseded' as const,
  subject: UPDATE_EXAMPLE.updateId,
  title: UPDATE_EXAMPLE.title,
  reason: 'declined: superseded',
};

const tasks = defineRead({
  id: 'housekeeping.tasks',
  method: 'GET',
  path: '/housekeeping/tasks',
  role: 'reader',
  summary: 'Tells what the server does by itself to stay in order, in which order, and when it did so last',
  input: Type.Object({}),
  result: Type.Object({
    tasks: Type.Array(
      Type.Object({
        task,
        meaning: Type.String(),
        startedMs: timeOrNever('When it was last begun.'),
        finishedMs: timeOrNever('When that ended; null also while it goes on, and when it was interrupted.'),
      }),
    ),
  }),
  example: {
    input: {},
    result: {
      tasks: [
        {
          task: 'superseded',
          meaning: HOUSEKEEPING_MEANING.superseded,
          startedMs: 1_794_996_000_000,
          finishedMs: 1_794_996_000_800,
        },
      ],
    },
  },
  run: async ({ db }) => ({ tasks: await viewTasks(db) }),
});

const runs = defineList({
  id: 'housekeeping.runs',
  path: '/housekeeping/runs',
  role: 'reader',
  summary: 'Lists runs of housekeeping that changed something',
  input: Type.Object({ task: Type.Optional(task) }),
  item: Type.Object({
    id: Type.Integer({ minimum: 1 }),
    task,
    caller: Type.String(),
    startedMs: Type.Integer(),
    finishedMs: timeOrNever('Null when it was interrupted, or goes on.'),
    actions: count(),
  }),
  sorts: sortNames(RUN_SORTS),
  usualSort: RUN_SORTS.usual,
  example: {
    input: { task: 'superseded' },
    result: {
      ...{ id: 12, task: 'superseded', caller: 'housekeeping', actions: 3 },
      ...{ startedMs: 1_794_996_000_000, finishedMs: 1_794_996_000_800 },
    },
  },
  read: ({ db }, input, page) => viewRuns(db, { ...input, ...page }),
});

const actions = defineList({
  id: 'housekeeping.actions',
  path: '/housekeeping/actions',
  role: 'reader',
  summary: 'Lists what housekeeping did',
  input: Type.Object({ task: Type.Optional(task) }),
  item: Type.Object({
    runId: Type.Integer({ minimum: 1 }),
    timeMs: Type.Integer(),
    ...ACTION.properties,
  }),
  sorts: sortNames(ACTION_SORTS),
  usualSort: ACTION_SORTS.usual,
  example: {
    input: { task: 'superseded' },
    result: { runId: 12, timeMs: 1_794_996_000_100, ...declinedExample },
  },
  read: ({ db }, input, page) => viewActions(db, { ...input, ...page }),
});

const run = defineJob({
  id: 'housekeeping.run',
  path: '/housekeeping/run',
  role: 'operator',
  summary: 'Does now what the server does by itself to stay in order',
  description:
    'One at a time for a data folder. A dry run changes nothing, and lists exactly what would be done.',
  input: Type.Object({
    tasks: Type.Optional(
      Type.Array(task, {
        minItems: 1,
        maxItems: HOUSEKEEPING_TASKS.length,
        description: 'Only these; they are done in the order of housekeeping.tasks.',
      }),
    ),
    dryRun,
  }),
  result: Type.Object({
    dryRun: Type.Boolean(),
    tasks: Type.Array(Type.Object({ task, actions: Type.Array(ACTION) })),
  }),
  errors: ['OAK_HOUSEKEEPING_BUSY'],
  example: {
    input: { tasks: ['superseded'] },
    result: { dryRun: false, tasks: [{ task: 'superseded', actions: [declinedExample] }] },
  },
  async run({ db, principal, house, nowMs }, { tasks: some, dryRun: isDryRun = false }, progress) {
    const { housekeeping, targeting, notifications } = house.configuration();
    using _lock = isDryRun ? undefined : holdHousekeepingLock(house.dataFolder);
    const startedMs = performance.now();
    const outcomes = await runHousekeeping(
      {
        ...{ db, targeting, notifications, policy: housekeeping, dryRun: isDryRun },
        content: await house.content(),
        now: () => nowMs + Math.round(performance.now() - startedMs),
        signal: progress.signal,
        onProgress: (one, done, of) => progress.report(done, of, one),
      },
      principal,
      some,
    );
    // What was cut short must not look as if it was all.
    progress.signal.throwIfAborted();
    return { dryRun: isDryRun, tasks: outcomes };
  },
});

export const housekeeping = { tasks, runs, actions, run };
