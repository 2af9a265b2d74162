import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Output } from '../api/operation.ts';
import { updates } from '../api/operations/updates.ts';
import { UPDATE_TYPES, type UpdateType } from '../metadata/update-document.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { table, time } from './table.ts';
import { withDoor } from './with-door.ts';

type UpdateItem = Output<typeof updates.list.item>;

interface UpdatesOptions extends CommonOptions {
  readonly type?: UpdateType;
  readonly declined?: boolean;
  readonly deployable?: boolean;
  readonly limit: number;
}

export function updatesCommand(): Command {
  return doorCommand('updates', 'List updates: what they are and what was decided about them')
    .argument('[text]', 'an UpdateID, a KB number, a CVE, or words of titles, products or drivers')
    .addOption(new Option('--type <type>', 'only this type').choices(UPDATE_TYPES))
    .option('--declined', 'only declined ones')
    .option('--deployable', 'only those that can be approved')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .action(run);
}

/** A whole number above zero, for options. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number above zero.');
  return count;
}

async function run(text: string | undefined, options: UpdatesOptions): Promise<void> {
  const { limit, type, declined, deployable } = options;
  const filter = {
    ...(text === undefined ? {} : { search: text }),
    ...(type === undefined ? {} : { type }),
    ...(declined === true ? { decision: 'declined' as const } : {}),
    ...(deployable === true ? { deployable: true } : {}),
  };
  const found = await withDoor(options, (door) => door.list(updates.list, filter, limit));
  print(options, found, () =>
    table(['TITLE', 'TYPE', 'KB', 'CREATED', 'DECISION', 'UPDATE ID'], found.map(row)),
  );
}

/** `Install (Pilot)`, and why it takes no effect now. */
function decision(one: UpdateItem['approvals'][number]): string {
  const why = { expired: 'expired', licence: 'licence not accepted', rollout: 'rollout stands still' };
  return `${one.action} (${one.groupName}${one.withheld === null ? '' : `; ${why[one.withheld]}`})`;
}

function row(update: UpdateItem): string[] {
  const decisions = update.approvals.map(decision).join(', ');
  const decided = update.declined ? 'declined' : decisions || (update.deployable ? 'not approved' : '-');
  const title = update.title.length > 70 ? `${update.title.slice(0, 69)}…` : update.title;
  return [
    title,
    update.type,
    update.kbArticles.join(' ') || '-',
    time(update.createdMs),
    decided,
    update.updateId,
  ];
}
