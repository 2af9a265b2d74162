import { Option, type Command } from 'commander';
import type { ConflictWarning } from '../admin/approval-conflicts.ts';
import type { Output } from '../api/operation.ts';
import { approvals } from '../api/operations/approvals.ts';
import { updates as updateOperations } from '../api/operations/updates.ts';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { parseDeadline } from './deadline.ts';
import { oneLine } from '../errors/inert-text.ts';
import { time } from './table.ts';
import { withDoor } from './with-door.ts';

const ACTIONS: Readonly<Record<string, ApprovalAction>> = {
  install: 'Install',
  optional: 'OptionalInstall',
  uninstall: 'Uninstall',
  'not-approved': 'NotApproved',
  block: 'Block',
};

/** How commands call what clients do. */
export const ACTION_WORDS = Object.fromEntries(
  Object.entries(ACTIONS).map(([word, action]) => [action, word]),
) as Readonly<Record<ApprovalAction, string>>;

interface DryRunOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

interface ApproveOptions extends DryRunOptions {
  readonly group: readonly string[];
  readonly action: string;
  readonly deadline?: string;
  readonly acceptLicence?: boolean;
  readonly remove?: boolean;
}

const UPDATE_ARGUMENT = ['<update...>', 'UpdateIDs, KB numbers or words of the title'] as const;
const DRY_RUN = ['--dry-run', 'tell what would change, and change nothing'] as const;

export function approveCommand(): Command {
  return doorCommand('approve', 'Decide what a group does with updates')
    .argument(...UPDATE_ARGUMENT)
    .option('--group <name>', 'the group; may be repeated', (one: string, all: string[]) => [...all, one], [])
    .addOption(
      new Option('--action <action>', 'what clients do').choices(Object.keys(ACTIONS)).default('install'),
    )
    .option(
      '--deadline <time>',
      'install or uninstall at the latest then: 2026-12-31T22:00Z, or 2026-12-31T23:00+01:00',
    )
    .option('--accept-licence', 'accept the licences of these updates on behalf of all users')
    .addOption(
      new Option('--remove', 'take the decision back, so that the group inherits again').conflicts([
        'action',
        'deadline',
        'acceptLicence',
      ]),
    )
    .option(...DRY_RUN)
    .action(approve);
}

async function approve(updates: string[], options: ApproveOptions): Promise<void> {
  const groups = options.group.length > 0 ? [...options.group] : ['All Computers'];
  const deadlineMs = options.deadline === undefined ? undefined : parseDeadline(options.deadline);
  const nowMs = Date.now();
  const decided = { updates, groups, dryRun: options.dryRun === true };
  const {
    updates: changed,
    warnings,
    request,
  } = await withDoor(options, async (door) =>
    options.remove === true
      ? { ...(await door.change(approvals.remove, decided)), warnings: [], request: null }
      : door.change(approvals.approve, {
          ...decided,
          action: ACTIONS[options.action],
          acceptLicence: options.acceptLicence === true,
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        }),
  );
  const done = options.remove === true ? 'approval removed' : `${options.action} for ${groups.join(', ')}`;
  const until = deadlineMs === undefined ? '' : ` by ${time(deadlineMs)}`;
  const late = deadlineMs !== undefined && deadlineMs <= nowMs;
  const passed = late ? `, which has passed: computers ${options.action} at their next scan` : '';
  const waiting = request === null ? '' : ` waits for a second person (request ${request.id})`;
  report(options, changed, `${done}${until}${passed}${waiting}`, { deadlineMs, request: request?.id });
  warnAbout(warnings);
}

/** Tells of computers on which groups contradict each other. */
export function warnAbout(warnings: readonly ConflictWarning[]): void {
  for (const warning of warnings) process.stderr.write(`oakum: ${oneLine(sentence(warning))}\n`);
}

function sentence({ computer, title, install, uninstall }: ConflictWarning): string {
  return (
    `warning: "${title}" will be installed on ${computer}: approved for installation for ${install.join(', ')}, ` +
    `although ${uninstall.join(', ')} would uninstall it`
  );
}

export function declineCommand(): Command {
  return doorCommand('decline', 'Hide updates from clients and forget their approvals')
    .argument(...UPDATE_ARGUMENT)
    .option(...DRY_RUN)
    .action((updates: string[], options: DryRunOptions) => decline(updates, options, true));
}

export function undeclineCommand(): Command {
  return doorCommand('undecline', 'Show declined updates to clients again, not approved')
    .argument(...UPDATE_ARGUMENT)
    .option(...DRY_RUN)
    .action((updates: string[], options: DryRunOptions) => decline(updates, options, false));
}

async function decline(updates: string[], options: DryRunOptions, declined: boolean): Promise<void> {
  const dryRun = options.dryRun === true;
  const operation = declined ? updateOperations.decline : updateOperations.undecline;
  const { updates: changed } = await withDoor(options, (door) => door.change(operation, { updates, dryRun }));
  report(options, changed, declined ? 'declined' : 'undeclined');
}

type ChangedUpdate = Output<typeof approvals.remove.result>['updates'][number];

function report(
  options: DryRunOptions,
  changed: readonly ChangedUpdate[],
  done: string,
  more: { readonly deadlineMs?: number | undefined; readonly request?: number | undefined } = {},
): void {
  // What is undefined is left out of JSON.
  const json = changed.map((update) => ({ ...update, ...more }));
  const would = options.dryRun === true ? 'dry run: ' : '';
  print(options, json, () =>
    changed.length === 0
      ? 'nothing to change'
      : changed
          .map((update) => `${would}${oneLine(done)}: ${oneLine(update.title)} (${update.updateId})`)
          .join('\n'),
  );
}
