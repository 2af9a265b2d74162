import type { Command } from 'commander';
import { moveComputer, removeComputer, viewComputers, type ComputerView } from '../admin/computers.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';

export function computersCommand(): Command {
  const computers = listing(command('computers', 'Computers of the fleet'));
  computers.addCommand(listing(command('list', 'List computers')));
  computers.addCommand(
    command('move', 'Make a computer belong to exactly these groups; to none: Unassigned Computers')
      .argument('<computer>', 'client id or name')
      .argument('[group...]', 'names or ids of groups')
      .action(move),
  );
  computers.addCommand(
    command('delete', 'Forget a computer; if it comes back, it registers again')
      .argument('<computer>', 'client id or name')
      .action(remove),
  );
  return computers;
}

interface ListOptions extends CommonOptions {
  readonly search?: string;
  readonly limit: number;
}

function listing(one: Command): Command {
  return one
    .option('--search <text>', 'a client id or part of the name')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const computers = await withExistingStore(options, (store) =>
    viewComputers(store.db, {
      limit: options.limit,
      ...(options.search === undefined ? {} : { text: options.search }),
    }),
  );
  print(options, computers, () =>
    table(
      ['COMPUTER', 'OPERATING SYSTEM', 'GROUPS', 'LAST CONTACT', 'ADDRESS', 'CLIENT ID'],
      computers.map(row),
    ),
  );
}

function row(computer: ComputerView): string[] {
  return [
    computer.name,
    computer.operatingSystem,
    computer.groups.join(', '),
    time(computer.lastContactMs),
    computer.address,
    computer.clientId,
  ];
}

async function move(computer: string, groups: readonly string[], options: CommonOptions): Promise<void> {
  const moved = await withExistingStore(options, (store) =>
    moveComputer(store.db, localCaller(), computer, groups),
  );
  print(options, moved, () => `${moved.name} is in ${moved.groups.join(', ')}`);
}

async function remove(computer: string, options: CommonOptions): Promise<void> {
  const clientId = await withExistingStore(options, (store) =>
    removeComputer(store.db, localCaller(), computer),
  );
  print(options, { clientId }, () => `deleted ${clientId}`);
}
