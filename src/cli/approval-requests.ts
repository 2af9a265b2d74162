import { Option, type Command } from 'commander';
import type { Output } from '../api/operation.ts';
import { approvalRequests } from '../api/operations/approval-requests.ts';
import { APPROVAL_REQUEST_STATES, type ApprovalRequestState } from '../store/approval-requests.ts';
import { ACTION_WORDS, warnAbout } from './approve.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { oneLine } from '../errors/inert-text.ts';
import { time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

type Request = Output<typeof approvalRequests.show.result>;

export function approvalRequestsCommand(): Command {
  const requests = listed(doorCommand('approval-requests', 'Approvals that wait for a second person'));
  requests.addCommand(listed(doorCommand('list', 'List them, the newest first')));
  requests.addCommand(
    numbered('show', 'Show what was asked for, by whom, and what became of it').action(show),
  );
  requests.addCommand(
    numbered('confirm', 'Approve what somebody else asked for')
      .option('--dry-run', 'tell what would change, and change nothing')
      .action(confirm),
  );
  requests.addCommand(
    numbered('reject', 'Let it be; also for whoever asked')
      .option('--dry-run', 'tell what would change, and change nothing')
      .action(reject),
  );
  return requests;
}

function listed(one: Command): Command {
  return listing(one)
    .addOption(new Option('--state <state>', 'only in this state').choices(APPROVAL_REQUEST_STATES))
    .action(list);
}

function numbered(name: string, description: string): Command {
  return doorCommand(name, description).argument('<number>', 'the number of the request', parseCount);
}

async function list(options: ListOptions & { readonly state?: ApprovalRequestState }): Promise<void> {
  const { state, limit } = options;
  const requests = await withDoor(options, (door) =>
    door.list(approvalRequests.list, state === undefined ? {} : { state }, limit),
  );
  printList(
    options,
    requests,
    ['REQUEST', 'TIME', 'BY', 'STATE', 'ACTION', 'GROUPS', 'UPDATES'],
    requests.map(row),
  );
}

function row(one: Request): string[] {
  return [
    String(one.id),
    time(one.requestedMs),
    one.requestedBy,
    one.state,
    ACTION_WORDS[one.action],
    one.groups.map((group) => group.name).join(', '),
    one.updates.map((update) => update.title).join(', '),
  ];
}

async function show(request: number, options: CommonOptions): Promise<void> {
  const shown = await withDoor(options, (door) => door.read(approvalRequests.show, { request }));
  print(options, shown, () => text(shown));
}

function text(one: Request): string {
  const decided = one.decidedBy === null ? '' : ` by ${one.decidedBy} at ${time(one.decidedMs)}`;
  const until = one.state === 'waiting' ? ` until ${time(one.expiresMs)}` : '';
  const deadline = one.deadlineMs === null ? '' : ` by ${time(one.deadlineMs)}`;
  const licence = one.acceptLicence ? ', accepting licences' : '';
  return [
    `${one.id}: ${one.state}${until}${decided}`,
    `asked for by ${one.requestedBy} at ${time(one.requestedMs)}`,
    `${ACTION_WORDS[one.action]} for ${one.groups.map((group) => group.name).join(', ')}${deadline}${licence}`,
    ...one.updates.map((update) => `· ${update.title} (${update.updateId})`),
  ]
    .map(oneLine)
    .join('\n');
}

interface DecideOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

async function confirm(request: number, options: DecideOptions): Promise<void> {
  const { dryRun = false } = options;
  const confirmed = await withDoor(options, (door) =>
    door.change(approvalRequests.confirm, { request, dryRun }),
  );
  print(options, confirmed, () => said(dryRun, confirmed.request));
  warnAbout(confirmed.warnings);
}

async function reject(request: number, options: DecideOptions): Promise<void> {
  const { dryRun = false } = options;
  const rejected = await withDoor(options, (door) =>
    door.change(approvalRequests.reject, { request, dryRun }),
  );
  print(options, rejected, () => said(dryRun, rejected));
}

function said(dryRun: boolean, request: Request): string {
  return `${dryRun ? 'dry run: ' : ''}${text(request)}`;
}
