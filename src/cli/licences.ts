import type { Command } from 'commander';
import { acceptLicences, viewLicences } from '../admin/licences.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { oneLine, table, time } from './table.ts';
import { parseCount } from './updates.ts';

interface ListOptions extends CommonOptions {
  readonly pending?: boolean;
  readonly limit: number;
}

export function licencesCommand(): Command {
  const licences = listing(command('licences', 'Licences of updates'));
  licences.addCommand(listing(command('list', 'List licences and who accepted them')));
  licences.addCommand(
    command('accept', 'Accept the licences of updates on behalf of all users')
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
  const licences = await withExistingStore(options, (store) =>
    viewLicences(store.db, { pending: options.pending === true, limit: options.limit }),
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
  updates: readonly string[],
  options: CommonOptions & { readonly dryRun?: boolean },
): Promise<void> {
  const dryRun = options.dryRun === true;
  const changed = await withExistingStore(options, (store) =>
    acceptLicences(store.db, localCaller(), { updates, dryRun, nowMs: Date.now() }),
  );
  const json = changed.map(({ updateId, revisionNumber, title }) => ({ updateId, revisionNumber, title }));
  const would = dryRun ? 'dry run: ' : '';
  print(options, json, () =>
    changed.length === 0
      ? 'nothing to change'
      : changed.map((one) => `${would}accepted: ${oneLine(one.title)} (${one.updateId})`).join('\n'),
  );
}
