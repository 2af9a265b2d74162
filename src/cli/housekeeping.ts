import { InvalidArgumentError, Option, type Command } from 'commander';
import { housekeeping as operations } from '../api/operations/housekeeping.ts';
import { nearestName } from '../errors/nearest-name.ts';
import {
  HOUSEKEEPING_MEANING,
  HOUSEKEEPING_TASKS,
  type HousekeepingTask,
  type TaskOutcome,
} from '../fleet/housekeeping-task.ts';
import { command, doorCommand, print, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { withDoor } from './with-door.ts';

export function housekeepingCommand(): Command {
  const housekeeping = doorCommand('housekeeping', 'Do now what the server does by itself to stay in order')
    .option('--dry-run', 'change nothing, and list exactly what would be done')
    .option(
      '--set <key=value>',
      'a setting, for example housekeeping.fileDays=0; may be repeated',
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .addOption(
      new Option('--task <task>', 'only this task; may be repeated')
        .choices(HOUSEKEEPING_TASKS)
        // Choices check one value; this collects those that passed.
        .argParser(collectTask),
    )
    .action(run);
  housekeeping.addCommand(
    command('tasks', 'List what it does').action((options: CommonOptions) => tasks(options)),
  );
  housekeeping.addCommand(
    listing(doorCommand('history', 'List what it did'))
      .addOption(new Option('--task <task>', 'only this task').choices(HOUSEKEEPING_TASKS))
      .option('--runs', 'list runs instead of what was done in them')
      .action(history),
  );
  return housekeeping;
}

function collectTask(value: string, all: readonly HousekeepingTask[] | undefined): HousekeepingTask[] {
  const task = HOUSEKEEPING_TASKS.find((one) => one === value.toLowerCase());
  if (task === undefined) {
    const nearest = nearestName(value, HOUSEKEEPING_TASKS);
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    throw new InvalidArgumentError(`There are: ${HOUSEKEEPING_TASKS.join(', ')}.${hint}`);
  }
  return [...(all ?? []), task];
}

interface RunOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly task?: readonly HousekeepingTask[];
  readonly set: readonly string[];
}

async function run(options: RunOptions): Promise<void> {
  const { dryRun = false, task, set: settings } = options;
  const progress = process.stderr.isTTY && options.json !== true;
  const done = await withDoor(
    options,
    (door) =>
      door.job(
        operations.run,
        { dryRun, ...(task === undefined ? {} : { tasks: [...task] }) },
        progress
          ? (step) => process.stderr.write(`\r${step.what}: ${step.done} of ${step.total}\u001B[K`)
          : undefined,
      ),
    { settings },
  );
  if (progress) process.stderr.write('\r\u001B[K');
  print(options, done, () => text(done.tasks, dryRun));
}

function text(outcomes: readonly TaskOutcome[], dryRun: boolean): string {
  const actions = outcomes.flatMap((outcome) => outcome.actions);
  if (actions.length === 0) return dryRun ? 'nothing would be done' : 'nothing to do';
  const done = `${actions.length} ${dryRun ? 'would be done' : 'done'}`;
  const rows = actions.map(({ task, subject, title, reason }) => [task, reason, oneLine(title), subject]);
  return `${table(['TASK', dryRun ? 'WOULD BE' : 'WAS', 'WHAT', 'ID'], rows)}\n\n${done}`;
}

function tasks(options: CommonOptions): void {
  const rows = HOUSEKEEPING_TASKS.map((task) => ({ task, meaning: HOUSEKEEPING_MEANING[task] }));
  print(options, rows, () =>
    table(
      ['TASK', 'MEANING'],
      rows.map((row) => [row.task, row.meaning]),
    ),
  );
}

interface HistoryOptions extends ListOptions {
  readonly task?: HousekeepingTask;
  readonly runs?: boolean;
}

async function history(options: HistoryOptions): Promise<void> {
  const { task, limit } = options;
  const filter = task === undefined ? {} : { task };
  if (options.runs === true) {
    const runs = await withDoor(options, (door) => door.list(operations.runs, filter, limit));
    printList(
      options,
      runs,
      ['RUN', 'TASK', 'BY', 'STARTED', 'ENDED', 'ACTIONS'],
      runs.map((one) => [
        String(one.id),
        one.task,
        one.caller,
        time(one.startedMs),
        one.finishedMs === null ? 'interrupted' : time(one.finishedMs),
        String(one.actions),
      ]),
    );
    return;
  }
  const actions = await withDoor(options, (door) => door.list(operations.actions, filter, limit));
  printList(
    options,
    actions,
    ['TIME', 'TASK', 'WAS', 'WHAT', 'ID', 'RUN'],
    actions.map((one) => [time(one.timeMs), one.task, one.reason, one.title, one.subject, String(one.runId)]),
  );
}
