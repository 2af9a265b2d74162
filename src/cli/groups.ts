import type { Command } from 'commander';
import {
  addGroupRule,
  applyGroupRules,
  releaseComputer,
  removeGroupRule,
  viewGroupRules,
  type GroupRuleMove,
  type GroupRuleView,
} from '../admin/group-rules.ts';
import {
  createGroup,
  moveGroup,
  removeGroup,
  renameGroup,
  viewGroups,
  type GroupView,
} from '../admin/groups.ts';
import { GROUP_RULE } from '../fleet/group-rule.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, withStore, type CommonOptions } from './common.ts';
import { addDeclaredOptions, declaredValues } from './declared-options.ts';
import { oneLine, table } from './table.ts';
import { parseCount } from './updates.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly search?: string;
  readonly limit: number;
}

export function groupsCommand(): Command {
  const groups = listing(command('groups', 'Target groups'));
  groups.addCommand(listing(command('list', 'List the groups, each one below its parent')));
  groups.addCommand(
    changing('create', 'Create a group')
      .argument('<name>', 'the name, as group policy sends it')
      .option('--parent <group>', 'the group above it; All Computers unless given')
      .action(create),
  );
  groups.addCommand(
    changing('rename', 'Give a group another name')
      .argument('<group>', 'name or id')
      .argument('<name>', 'the new name')
      .action(rename),
  );
  groups.addCommand(
    changing('move', 'Put a group with everything below it under another parent')
      .argument('<group>', 'name or id')
      .argument('<parent>', 'name or id')
      .action(move),
  );
  groups.addCommand(
    changing('delete', 'Delete a group, those below it and their approvals')
      .argument('<group>', 'name or id')
      .action(remove),
  );
  groups.addCommand(rulesCommand());
  return groups;
}

function changing(name: string, description: string): Command {
  return command(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function listing(one: Command): Command {
  return one
    .option('--search <text>', 'an id or part of the name')
    .option('--limit <count>', 'at most this many', parseCount, 1000)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const { search, limit } = options;
  const groups = await withExistingStore(options, (store) =>
    viewGroups(store.db, { limit, ...(search === undefined ? {} : { text: search }) }),
  );
  print(options, groups, () => table(['GROUP', 'COMPUTERS', 'ID'], groups.map(row)));
}

function row(group: GroupView): string[] {
  // One line and no run of white space survives the table, so depth is shown with a mark.
  const depth = '· '.repeat(group.path.length - 1);
  return [`${depth}${group.name}`, String(group.members), group.id];
}

function said(options: ChangeOptions, text: string): string {
  return `${options.dryRun === true ? 'dry run: ' : ''}${oneLine(text)}`;
}

async function create(name: string, options: ChangeOptions & { readonly parent?: string }): Promise<void> {
  const { parent, dryRun = false } = options;
  const group = await withStore(options, (store) =>
    createGroup(store.db, localCaller(), {
      name,
      dryRun,
      nowMs: Date.now(),
      ...(parent === undefined ? {} : { parent }),
    }),
  );
  print(options, group, () => said(options, `created "${group.name}" (${group.id})`));
}

async function rename(group: string, name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const renamed = await withExistingStore(options, (store) =>
    renameGroup(store.db, localCaller(), { group, name, dryRun, nowMs: Date.now() }),
  );
  print(options, renamed, () => said(options, `renamed to "${renamed.name}"`));
}

async function move(group: string, parent: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const moved = await withExistingStore(options, (store) =>
    moveGroup(store.db, localCaller(), { group, parent, dryRun, nowMs: Date.now() }),
  );
  print(options, moved, () => said(options, `"${moved.name}" is below "${parent}"`));
}

async function remove(group: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withExistingStore(options, (store) =>
    removeGroup(store.db, localCaller(), { group, dryRun, nowMs: Date.now() }),
  );
  print(options, removed, () => removed.map((one) => said(options, `deleted "${one.name}"`)).join('\n'));
}

function rulesCommand(): Command {
  const rules = command('rules', 'Rules that assign computers to groups').action(listRules);
  rules.addCommand(command('list', 'List the rules').action(listRules));
  rules.addCommand(
    addDeclaredOptions(
      changing('add', 'Assign computers that fit, from their next registration on')
        .argument('<name>', 'what the rule is called')
        .argument('<group>', 'the group they are assigned to'),
      GROUP_RULE,
    ).action(addRule),
  );
  rules.addCommand(
    changing('remove', 'Remove a rule; computers stay where they are')
      .argument('<name>', 'its name')
      .action(removeRule),
  );
  rules.addCommand(
    command('preview', 'Tell which computers "apply" would move, and move none').action(
      (options: CommonOptions) => apply({ ...options, dryRun: true }),
    ),
  );
  rules.addCommand(changing('apply', 'Assign all computers that nobody assigned by hand').action(apply));
  rules.addCommand(
    changing('release', 'Give a computer that was moved by hand back to the rules')
      .argument('<computer>', 'client id or name')
      .action(release),
  );
  return rules;
}

async function listRules(options: CommonOptions): Promise<void> {
  const rules = await withExistingStore(options, (store) => viewGroupRules(store.db));
  print(options, rules, () => table(['RULE', 'GROUP', 'COMPUTERS'], rules.map(ruleRow)));
}

function ruleRow(rule: GroupRuleView): string[] {
  const conditions = {
    name: rule.names,
    system: rule.operatingSystems,
    network: rule.subnets,
    model: rule.models,
  };
  const shown = Object.entries(conditions)
    .filter(([, values]) => values.length > 0)
    .map(([what, values]) => `${what} ${values.join(' or ')}`);
  return [rule.name, rule.group, shown.join(', and ')];
}

async function addRule(name: string, group: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const rule = declaredValues(GROUP_RULE, options);
  const added = await withExistingStore(options, (store) =>
    addGroupRule(store.db, localCaller(), { name, group, rule, dryRun, nowMs: Date.now() }),
  );
  print(options, added, () => said(options, `added "${added.name}": computers go to "${added.group}"`));
}

async function removeRule(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withExistingStore(options, (store) =>
    removeGroupRule(store.db, localCaller(), { name, dryRun, nowMs: Date.now() }),
  );
  print(options, removed, () => said(options, `removed "${removed.name}"`));
}

async function apply(options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const moves = await withExistingStore(options, (store) =>
    applyGroupRules(store.db, localCaller(), { dryRun, nowMs: Date.now() }),
  );
  print(options, moves, () =>
    moves.length === 0
      ? 'nobody to move'
      : table(['COMPUTER', 'FROM', dryRun ? 'WOULD GO TO' : 'TO', 'RULES'], moves.map(moveRow)),
  );
}

function moveRow(one: GroupRuleMove): string[] {
  return [one.computer, one.from.join(', '), one.to.join(', '), one.rules.join(', ')];
}

async function release(computer: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const released = await withExistingStore(options, (store) =>
    releaseComputer(store.db, localCaller(), { computer, dryRun, nowMs: Date.now() }),
  );
  print(options, released, () => said(options, `${released.computer} is assigned by rules again`));
}
