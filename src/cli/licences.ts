import type { Command } from 'commander';
import { licences as operations } from '../api/operations/licences.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ListOptions extends CommonOptions {
  readonly pending?: boolean;
  readonly limit: number;
}

export function licencesCommand(): Command {
  const licences = listing(doorCommand('licences', 'Licences of updates'));
  licences.addCommand(listing(doorCommand('list', 'List licences and who accepted them')));
  licences.addCommand(
    doorCommand('accept', 'Accept the licences of updates on behalf of all users')
      .argument('<update...>', 'UpdateIDs, KB numbers or words of the title')
      .option('--dry-run', 'tell what would change, and change nothing')
      .action(accept),
  );
  return licences;
}

function listing(one: Command): Command {
  return one
    .option('--pending', 'only those that nobody has accepted')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const licences = await withDoor(options, (door) =>
    door.list(operations.list, { pending: options.pending === true }, options.limit),
  );
  print(options, licences, () =>
    table(
      ['UPDATE', 'ACCEPTED', 'BY', 'LICENCE'],
      licences.flatMap((one) =>
        one.updates.map((update) => [
          update.title,
          one.acceptedMs === null ? 'no' : time(one.acceptedMs),
          one.acceptedBy ?? '-',
          one.eulaId,
        ]),
      ),
    ),
  );
}

async function accept(
  updates: string[],
  options: CommonOptions & { readonly dryRun?: boolean },
): Promise<void> {
  const dryRun = options.dryRun === true;
  const { updates: changed } = await withDoor(options, (door) =>
    door.change(operations.accept, { updates, dryRun }),
  );
  const would = dryRun ? 'dry run: ' : '';
  print(options, changed, () =>
    changed.length === 0
      ? 'nothing to change'
      : changed.map((one) => `${would}accepted: ${oneLine(one.title)} (${one.updateId})`).join('\n'),
  );
}
