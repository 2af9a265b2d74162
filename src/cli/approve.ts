import { Option, type Command } from 'commander';
import { approveUpdates, declineUpdates, removeApprovals, type ApprovalOutcome } from '../admin/approvals.ts';
import type { ConflictWarning } from '../admin/approval-conflicts.ts';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { ListedUpdate } from '../store/update-list.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { parseDeadline } from './deadline.ts';
import { oneLine, time } from './table.ts';

const ACTIONS: Readonly<Record<string, ApprovalAction>> = {
  install: 'Install',
  optional: 'OptionalInstall',
  uninstall: 'Uninstall',
  'not-approved': 'NotApproved',
  block: 'Block',
};

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
  return command('approve', 'Decide what a group does with updates')
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

async function approve(updates: readonly string[], options: ApproveOptions): Promise<void> {
  const groups = options.group.length > 0 ? options.group : ['All Computers'];
  const caller = localCaller();
  const nowMs = Date.now();
  const deadlineMs = options.deadline === undefined ? undefined : parseDeadline(options.deadline);
  const dryRun = options.dryRun === true;
  const { updates: changed, warnings } = await withExistingStore(options, async (store) =>
    options.remove === true
      ? withoutWarnings(await removeApprovals(store.db, caller, { updates, groups, dryRun, nowMs }))
      : approveUpdates(store.db, caller, {
          updates,
          groups,
          action: ACTIONS[options.action],
          acceptLicence: options.acceptLicence === true,
          dryRun,
          nowMs,
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        }),
  );
  const done = options.remove === true ? 'approval removed' : `${options.action} for ${groups.join(', ')}`;
  const until = deadlineMs === undefined ? '' : ` by ${time(deadlineMs)}`;
  const late = deadlineMs !== undefined && deadlineMs <= nowMs;
  const passed = late ? `, which has passed: computers ${options.action} at their next scan` : '';
  report(options, changed, `${done}${until}${passed}`, deadlineMs);
  for (const warning of warnings) process.stderr.write(`oakum: ${oneLine(sentence(warning))}\n`);
}

function withoutWarnings(updates: readonly ListedUpdate[]): ApprovalOutcome {
  return { updates, warnings: [] };
}

function sentence({ computer, title, install, uninstall }: ConflictWarning): string {
  return (
    `warning: "${title}" will be installed on ${computer}: approved for installation for ${install.join(', ')}, ` +
    `although ${uninstall.join(', ')} would uninstall it`
  );
}

export function declineCommand(): Command {
  return command('decline', 'Hide updates from clients and forget their approvals')
    .argument(...UPDATE_ARGUMENT)
    .option(...DRY_RUN)
    .action((updates: readonly string[], options: DryRunOptions) => decline(updates, options, true));
}

export function undeclineCommand(): Command {
  return command('undecline', 'Show declined updates to clients again, not approved')
    .argument(...UPDATE_ARGUMENT)
    .option(...DRY_RUN)
    .action((updates: readonly string[], options: DryRunOptions) => decline(updates, options, false));
}

async function decline(updates: readonly string[], options: DryRunOptions, declined: boolean): Promise<void> {
  const dryRun = options.dryRun === true;
  const changed = await withExistingStore(options, (store) =>
    declineUpdates(store.db, localCaller(), { updates, declined, dryRun, nowMs: Date.now() }),
  );
  report(options, changed, declined ? 'declined' : 'undeclined');
}

function report(
  options: DryRunOptions,
  changed: readonly ListedUpdate[],
  done: string,
  deadlineMs?: number,
): void {
  const json = changed.map(({ updateId, revisionNumber, title }) => ({
    updateId,
    revisionNumber,
    title,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }));
  const would = options.dryRun === true ? 'dry run: ' : '';
  print(options, json, () =>
    changed.length === 0
      ? 'nothing to change'
      : changed
          .map((update) => `${would}${oneLine(done)}: ${oneLine(update.title)} (${update.updateId})`)
          .join('\n'),
  );
}
