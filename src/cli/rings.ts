import { InvalidArgumentError, Option, type Command } from 'commander';
import { rings as operations, type AnsweredRing } from '../api/operations/rings.ts';
import { rollouts, type AnsweredRollout, type ChangedUpdates } from '../api/operations/rollouts.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseRolloutRing } from '../fleet/rollout-ring.ts';
import { ROLLOUT_STATES, type RolloutState } from '../store/rings.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { readDataFile } from './data-file.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table } from './table.ts';
import { parseStep } from './ring-step.ts';
import { progressOf } from './rollout-text.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

const RING = ['<name>', 'what the ring is called'] as const;
const UPDATES = ['<update...>', 'UpdateIDs, KB numbers or words of the title'] as const;

export function ringsCommand(): Command {
  const rings = doorCommand('rings', 'Updates that go from group to group by themselves').action(list);
  rings.addCommand(doorCommand('list', 'List the rings').action(list));
  rings.addCommand(
    doorCommand('show', 'Show a ring in the form that --file reads')
      .argument(...RING)
      .action(show),
  );
  rings.addCommand(
    changing('create', 'Create a ring')
      .argument(...RING)
      .option(
        '--step <step>',
        'a group and what must hold there before the next one, in order; may be repeated: ' +
          '"Pilot; after 2d; success 90%; failure 5%; results 10; deadline 3d"',
        (text: string, all: unknown[]) => [...all, step(text)],
        [],
      )
      .addOption(new Option('--action <action>', 'what clients do').choices(['install', 'optional']))
      .option('--file <path>', 'a JSON or TOML file in the form that "rings show" prints')
      .option('--replace', 'put it in place of a ring of this name')
      .action(create),
  );
  rings.addCommand(
    changing('remove', 'Remove a ring; what went through it stays approved')
      .argument(...RING)
      .action(remove),
  );
  rings.addCommand(
    changing('start', 'Send updates through a ring')
      .argument(...RING)
      .argument(...UPDATES)
      .option('--accept-licence', 'accept the licences of these updates on behalf of all users')
      .action(start),
  );
  rings.addCommand(
    doorCommand('status', 'Tell how far updates are, what they wait for and why they halted')
      .option('--ring <name>', 'only in this ring')
      .option('--update <update>', 'only this update')
      .addOption(new Option('--state <state>', 'only in this state').choices(ROLLOUT_STATES))
      .option('--limit <count>', 'at most this many', parseCount, 100)
      .action(status),
  );
  rings.addCommand(
    stopping(
      'pause',
      'Stop updates on their way: no further step, and who has not installed yet does not',
      true,
    ),
  );
  rings.addCommand(stopping('resume', 'Let updates go on that were paused or have halted', false));
  rings.addCommand(
    changing('rollback', 'Take back what updates were approved for on their way')
      .argument(...UPDATES)
      .option('--uninstall', 'and have them uninstalled where they were approved')
      .action(rollBack),
  );
  return rings;
}

function changing(name: string, description: string): Command {
  return doorCommand(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function stopping(name: string, description: string, paused: boolean): Command {
  return changing(name, description)
    .argument('[update...]', UPDATES[1])
    .option('--all', 'everything that goes on by itself: every ring, and every rule that approves')
    .action((updates: readonly string[], options: StopOptions) => stop(updates, options, paused));
}

function step(text: string): Record<string, unknown> {
  const parsed = parseStep(text);
  if (parsed === undefined)
    throw new InvalidArgumentError(
      'Write "Group; after 2d; success 90%; failure 5%; results 10; deadline 3d".',
    );
  return parsed;
}

/** More than anybody has. */
const MOST_RINGS = 10_000;

async function list(options: CommonOptions): Promise<void> {
  const rings = await withDoor(options, (door) => door.list(operations.list, {}, MOST_RINGS));
  print(options, rings, () => table(['RING', 'ACTION', 'GROUPS', 'ON THEIR WAY'], rings.map(row)));
}

function row(ring: AnsweredRing): string[] {
  const groups = ring.steps.map((one) => one.group).join(' > ');
  return [ring.name, ring.action, groups, String(ring.open)];
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const ring = await withDoor(options, (door) => door.read(operations.show, { ring: name }));
  const { action, steps } = ring;
  print(options, ring, () => JSON.stringify({ action, steps }, undefined, 2));
}

interface CreateOptions extends ChangeOptions {
  readonly step: readonly unknown[];
  readonly action?: string;
  readonly file?: string;
  readonly replace?: boolean;
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const { dryRun = false, replace = false, action } = options;
  // Here, so that what is wrong with a file is said of a ring.
  const ring = parseRolloutRing({
    ...(options.file === undefined ? {} : readDataFile(options.file)),
    ...(action === undefined ? {} : { action }),
    ...(options.step.length === 0 ? {} : { steps: options.step }),
  });
  const created = await withDoor(options, (door) =>
    door.change(operations.create, { name, ...ring, replace, dryRun }),
  );
  print(options, created, () => said(options, `created "${created.name}"`));
}

function said(options: ChangeOptions, text: string): string {
  return `${options.dryRun === true ? 'dry run: ' : ''}${oneLine(text)}`;
}

async function remove(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withDoor(options, (door) => door.change(operations.remove, { ring: name, dryRun }));
  print(options, removed, () => said(options, `removed "${removed.name}"`));
}

async function start(
  ring: string,
  updates: readonly string[],
  options: ChangeOptions & { readonly acceptLicence?: boolean },
): Promise<void> {
  const { dryRun = false, acceptLicence = false } = options;
  const started = await withDoor(options, (door) =>
    door.change(rollouts.start, { ring, updates: [...updates], acceptLicence, dryRun }),
  );
  report(options, started, `started in "${ring}"`);
}

interface StatusOptions extends CommonOptions {
  readonly ring?: string;
  readonly update?: string;
  readonly state?: RolloutState;
  readonly limit: number;
}

async function status(options: StatusOptions): Promise<void> {
  const { ring, update, state, limit } = options;
  const filter = {
    ...(ring === undefined ? {} : { ring }),
    ...(update === undefined ? {} : { update }),
    ...(state === undefined ? {} : { state }),
  };
  const found = await withDoor(options, (door) => door.list(rollouts.list, filter, limit));
  print(options, found, () =>
    table(['UPDATE', 'RING', 'STATE', 'PROGRESS', 'UPDATE ID'], found.map(statusRow)),
  );
}

function statusRow(rollout: AnsweredRollout): string[] {
  return [rollout.title, rollout.ring, rollout.state, progressOf(rollout), rollout.updateId];
}

interface StopOptions extends ChangeOptions {
  readonly all?: boolean;
}

async function stop(updates: readonly string[], options: StopOptions, paused: boolean): Promise<void> {
  const { dryRun = false } = options;
  if (options.all === true) {
    const done = await withDoor(options, (door) =>
      door.change(paused ? rollouts.pauseAll : rollouts.resumeAll, { dryRun }),
    );
    const everything = `everything that goes on by itself: ${done.rollouts} updates on their way, and all rules`;
    print(options, done, () => said(options, `${paused ? 'stopped' : 'released'} ${everything}`));
    return;
  }
  if (updates.length === 0)
    throw new OakumError('OAK_ROLLOUT_UNKNOWN', { detail: 'Name updates, or say --all.' });
  const changed = await withDoor(options, (door) =>
    door.change(paused ? rollouts.pause : rollouts.resume, { updates: [...updates], dryRun }),
  );
  report(options, changed, paused ? 'paused' : 'resumed');
}

async function rollBack(
  updates: readonly string[],
  options: ChangeOptions & { readonly uninstall?: boolean },
): Promise<void> {
  const { dryRun = false, uninstall = false } = options;
  const changed = await withDoor(options, (door) =>
    door.change(rollouts.rollBack, { updates: [...updates], uninstall, dryRun }),
  );
  report(options, changed, uninstall ? 'rolled back and to be uninstalled' : 'rolled back');
}

function report(options: ChangeOptions, { updates }: ChangedUpdates, done: string): void {
  print(options, updates, () =>
    updates.map((one) => said(options, `${done}: ${one.title} (${one.updateId})`)).join('\n'),
  );
}
