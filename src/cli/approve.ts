import { Option, type Command } from 'commander';
import { approveUpdates, declineUpdates, removeApprovals } from '../admin/approvals.ts';
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

interface ApproveOptions extends CommonOptions {
  readonly group: readonly string[];
  readonly action: string;
  readonly deadline?: string;
  readonly remove?: boolean;
}

const UPDATE_ARGUMENT = ['<update...>', 'UpdateIDs, KB numbers or words of the title'] as const;

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
    .addOption(
      new Option('--remove', 'take the decision back, so that the group inherits again').conflicts([
        'action',
        'deadline',
      ]),
    )
    .action(approve);
}

async function approve(updates: readonly string[], options: ApproveOptions): Promise<void> {
  const groups = options.group.length > 0 ? options.group : ['All Computers'];
  const caller = localCaller();
  const nowMs = Date.now();
  const deadlineMs = options.deadline === undefined ? undefined : parseDeadline(options.deadline);
  const changed = await withExistingStore(options, (store) =>
    options.remove === true
      ? removeApprovals(store.db, caller, { updates, groups, nowMs })
      : approveUpdates(store.db, caller, {
          updates,
          groups,
          action: ACTIONS[options.action],
          nowMs,
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        }),
  );
  const done = options.remove === true ? 'approval removed' : `${options.action} for ${groups.join(', ')}`;
  const until = deadlineMs === undefined ? '' : ` by ${time(deadlineMs)}`;
  const late = deadlineMs !== undefined && deadlineMs <= nowMs;
  const passed = late ? `, which has passed: computers ${options.action} at their next scan` : '';
  report(options, changed, `${done}${until}${passed}`, deadlineMs);
}

export function declineCommand(): Command {
  return command('decline', 'Hide updates from clients and forget their approvals')
    .argument(...UPDATE_ARGUMENT)
    .action((updates: readonly string[], options: CommonOptions) => decline(updates, options, true));
}

export function undeclineCommand(): Command {
  return command('undecline', 'Show declined updates to clients again, not approved')
    .argument(...UPDATE_ARGUMENT)
    .action((updates: readonly string[], options: CommonOptions) => decline(updates, options, false));
}

async function decline(updates: readonly string[], options: CommonOptions, declined: boolean): Promise<void> {
  const changed = await withExistingStore(options, (store) =>
    declineUpdates(store.db, localCaller(), { updates, declined, nowMs: Date.now() }),
  );
  report(options, changed, declined ? 'declined' : 'undeclined');
}

function report(
  options: CommonOptions,
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
  print(options, json, () =>
    changed.length === 0
      ? 'nothing to change'
      : changed.map((update) => `${oneLine(done)}: ${oneLine(update.title)} (${update.updateId})`).join('\n'),
  );
}
