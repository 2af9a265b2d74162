import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  createRing,
  removeRing,
  showRing,
  viewRings,
  viewRollouts,
  type RingView,
  type RolloutView,
} from '../admin/rings.ts';
import {
  pauseAll,
  pauseRollouts,
  resumeRollouts,
  rollBackRollouts,
  startRollouts,
} from '../admin/rollouts.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { TARGETING_MODES, type TargetingMode } from '../fleet/targeting.ts';
import { ROLLOUT_STATES, type RolloutState } from '../store/rings.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { readDataFile } from './data-file.ts';
import { oneLine, table } from './table.ts';
import { parseStep } from './ring-step.ts';
import { progressOf } from './rollout-text.ts';
import { parseCount } from './updates.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

const RING = ['<name>', 'what the ring is called'] as const;
const UPDATES = ['<update...>', 'UpdateIDs, KB numbers or words of the title'] as const;

export function ringsCommand(): Command {
  const rings = command('rings', 'Updates that go from group to group by themselves').action(list);
  rings.addCommand(command('list', 'List the rings').action(list));
  rings.addCommand(
    command('show', 'Show a ring in the form that --file reads')
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
    targeted(changing('start', 'Send updates through a ring'))
      .argument(...RING)
      .argument(...UPDATES)
      .option('--accept-licence', 'accept the licences of these updates on behalf of all users')
      .action(start),
  );
  rings.addCommand(
    targeted(command('status', 'Tell how far updates are, what they wait for and why they halted'))
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
  return command(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function targeted(one: Command): Command {
  return one.addOption(
    new Option('--targeting <mode>', 'who assigns computers to groups: the setting clients.targeting')
      .choices(TARGETING_MODES)
      .default('server')
      .env('OAKUM_CLIENTS_TARGETING'),
  );
}

function stopping(name: string, description: string, paused: boolean): Command {
  return targeted(changing(name, description))
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

async function list(options: CommonOptions): Promise<void> {
  const rings = await withExistingStore(options, (store) => viewRings(store.db));
  print(options, rings, () => table(['RING', 'ACTION', 'GROUPS', 'ON THEIR WAY'], rings.map(row)));
}

function row(ring: RingView): string[] {
  const groups = ring.steps.map((one) => one.group).join(' > ');
  return [ring.name, ring.action, groups, String(ring.open)];
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const ring = await withExistingStore(options, (store) => showRing(store.db, name));
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
  const ring = {
    ...(options.file === undefined ? {} : readDataFile(options.file)),
    ...(action === undefined ? {} : { action }),
    ...(options.step.length === 0 ? {} : { steps: options.step }),
  };
  const created = await withExistingStore(options, (store) =>
    createRing(store.db, localCaller(), { name, ring, replace, dryRun, nowMs: Date.now() }),
  );
  print(options, created, () => said(options, `created "${created.name}"`));
}

function said(options: ChangeOptions, text: string): string {
  return `${options.dryRun === true ? 'dry run: ' : ''}${oneLine(text)}`;
}

async function remove(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withExistingStore(options, (store) =>
    removeRing(store.db, localCaller(), { name, dryRun, nowMs: Date.now() }),
  );
  print(options, removed, () => said(options, `removed "${removed.name}"`));
}

interface TargetedOptions extends ChangeOptions {
  readonly targeting: TargetingMode;
}

async function start(
  ring: string,
  updates: readonly string[],
  options: TargetedOptions & { readonly acceptLicence?: boolean },
): Promise<void> {
  const { dryRun = false, targeting, acceptLicence = false } = options;
  const started = await withExistingStore(options, (store) =>
    startRollouts(store.db, localCaller(), {
      ring,
      updates,
      acceptLicence,
      dryRun,
      nowMs: Date.now(),
      targeting,
    }),
  );
  report(options, started, `started in "${ring}"`);
}

interface StatusOptions extends TargetedOptions {
  readonly ring?: string;
  readonly update?: string;
  readonly state?: RolloutState;
  readonly limit: number;
}

async function status(options: StatusOptions): Promise<void> {
  const { ring, update, state, limit, targeting } = options;
  const rollouts = await withExistingStore(options, (store) =>
    viewRollouts(store.db, {
      limit,
      targeting,
      nowMs: Date.now(),
      ...(ring === undefined ? {} : { ring }),
      ...(update === undefined ? {} : { update }),
      ...(state === undefined ? {} : { states: [state] }),
    }),
  );
  print(options, rollouts, () =>
    table(['UPDATE', 'RING', 'STATE', 'PROGRESS', 'UPDATE ID'], rollouts.map(statusRow)),
  );
}

function statusRow(rollout: RolloutView): string[] {
  return [rollout.title, rollout.ring, rollout.state, progressOf(rollout), rollout.updateId];
}

interface StopOptions extends TargetedOptions {
  readonly all?: boolean;
}

async function stop(updates: readonly string[], options: StopOptions, paused: boolean): Promise<void> {
  const { dryRun = false, targeting } = options;
  const request = { updates, dryRun, targeting, nowMs: Date.now() };
  if (options.all === true) {
    const { rollouts } = await withExistingStore(options, (store) =>
      pauseAll(store.db, localCaller(), { ...request, paused }),
    );
    const everything = `everything that goes on by itself: ${rollouts} updates on their way, and all rules`;
    print(options, { paused, rollouts }, () =>
      said(options, `${paused ? 'stopped' : 'released'} ${everything}`),
    );
    return;
  }
  if (updates.length === 0)
    throw new OakumError('OAK_ROLLOUT_UNKNOWN', { detail: 'Name updates, or say --all.' });
  const changed = await withExistingStore(options, (store) =>
    paused
      ? pauseRollouts(store.db, localCaller(), request)
      : resumeRollouts(store.db, localCaller(), request),
  );
  report(options, changed, paused ? 'paused' : 'resumed');
}

async function rollBack(
  updates: readonly string[],
  options: ChangeOptions & { readonly uninstall?: boolean },
): Promise<void> {
  const { dryRun = false, uninstall = false } = options;
  const changed = await withExistingStore(options, (store) =>
    rollBackRollouts(store.db, localCaller(), { updates, uninstall, dryRun, nowMs: Date.now() }),
  );
  report(options, changed, uninstall ? 'rolled back and to be uninstalled' : 'rolled back');
}

function report(options: ChangeOptions, changed: readonly ListedUpdate[], done: string): void {
  const json = changed.map(({ updateId, revisionNumber, title }) => ({ updateId, revisionNumber, title }));
  print(options, json, () =>
    changed.map((one) => said(options, `${done}: ${one.title} (${one.updateId})`)).join('\n'),
  );
}
