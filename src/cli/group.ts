import type { Command } from 'commander';
import { createGroup, removeGroup, viewGroups, type GroupView } from '../admin/groups.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, withStore, type CommonOptions } from './common.ts';
import { table } from './table.ts';

export function groupCommand(): Command {
  const group = command('group', 'Target groups').action(list);
  group.addCommand(command('list', 'List the groups').action(list));
  group.addCommand(
    command('create', 'Create a group')
      .argument('<name>', 'the name, as group policy sends it')
      .option('--parent <group>', 'the group above it; All Computers unless given')
      .action(create),
  );
  group.addCommand(
    command('delete', 'Delete a group, those below it and their approvals')
      .argument('<name>', 'name or id')
      .action(remove),
  );
  return group;
}

async function list(options: CommonOptions): Promise<void> {
  const groups = await withExistingStore(options, (store) => viewGroups(store.db));
  print(options, groups, () =>
    table(
      ['GROUP', 'BELOW', 'COMPUTERS', 'ID'],
      groups.map((group) => row(group, groups)),
    ),
  );
}

function row(group: GroupView, all: readonly GroupView[]): string[] {
  const parent = all.find((one) => one.id === group.parentId);
  return [group.name, parent?.name ?? '-', String(group.members), group.id];
}

async function create(name: string, options: CommonOptions & { readonly parent?: string }): Promise<void> {
  const group = await withStore(options, (store) =>
    createGroup(store.db, localCaller(), name, options.parent),
  );
  print(options, group, () => `created "${group.name}" (${group.id})`);
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  const group = await withExistingStore(options, (store) => removeGroup(store.db, localCaller(), name));
  print(options, group, () => `deleted "${group.name}"`);
}
