import type { Command } from 'commander';
import type { GroupRuleMove } from '../admin/group-rules.ts';
import type { GroupView } from '../admin/groups.ts';
import type { Output } from '../api/operation.ts';
import { groupRules } from '../api/operations/group-rules.ts';
import { groups } from '../api/operations/groups.ts';
import { GROUP_RULE, parseGroupRule } from '../fleet/group-rule.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { addDeclaredOptions, declaredValues } from './declared-options.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly search?: string;
  readonly limit: number;
}

export function groupsCommand(): Command {
  const all = listing(doorCommand('groups', 'Target groups'));
  all.addCommand(listing(doorCommand('list', 'List the groups, each one below its parent')));
  all.addCommand(
    changing('create', 'Create a group')
      .argument('<name>', 'the name, as group policy sends it')
      .option('--parent <group>', 'the group above it; All Computers unless given')
      .action(create),
  );
  all.addCommand(
    changing('rename', 'Give a group another name')
      .argument('<group>', 'name or id')
      .argument('<name>', 'the new name')
      .action(rename),
  );
  all.addCommand(
    changing('move', 'Put a group with everything below it under another parent')
      .argument('<group>', 'name or id')
      .argument('<parent>', 'name or id')
      .action(move),
  );
  all.addCommand(
    changing('delete', 'Delete a group, those below it and their approvals')
      .argument('<group>', 'name or id')
      .action(remove),
  );
  all.addCommand(rulesCommand());
  return all;
}

function changing(name: string, description: string): Command {
  return doorCommand(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function listing(one: Command): Command {
  return one
    .option('--search <text>', 'an id or part of the name')
    .option('--limit <count>', 'at most this many', parseCount, 1000)
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const { search, limit } = options;
  const listed = await withDoor(options, (door) =>
    door.list(groups.list, search === undefined ? {} : { search }, limit),
  );
  print(options, listed, () => table(['GROUP', 'COMPUTERS', 'ID'], listed.map(row)));
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
  const request = { name, dryRun, ...(parent === undefined ? {} : { parent }) };
  const group = await withDoor(options, (door) => door.change(groups.create, request), { mustExist: false });
  print(options, group, () => said(options, `created "${group.name}" (${group.id})`));
}

async function rename(group: string, name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const renamed = await withDoor(options, (door) => door.change(groups.rename, { group, name, dryRun }));
  print(options, renamed, () => said(options, `renamed to "${renamed.name}"`));
}

async function move(group: string, parent: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const moved = await withDoor(options, (door) => door.change(groups.move, { group, parent, dryRun }));
  print(options, moved, () => said(options, `"${moved.name}" is below "${parent}"`));
}

async function remove(group: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const { removed } = await withDoor(options, (door) => door.change(groups.remove, { group, dryRun }));
  print(options, removed, () => removed.map((one) => said(options, `deleted "${one.name}"`)).join('\n'));
}

function rulesCommand(): Command {
  const rules = doorCommand('rules', 'Rules that assign computers to groups').action(listRules);
  rules.addCommand(doorCommand('list', 'List the rules').action(listRules));
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
    doorCommand('preview', 'Tell which computers "apply" would move, and move none').action(preview),
  );
  rules.addCommand(changing('apply', 'Assign all computers that nobody assigned by hand').action(apply));
  rules.addCommand(
    changing('release', 'Give a computer that was moved by hand back to the rules')
      .argument('<computer>', 'client id or name')
      .action(release),
  );
  return rules;
}

/** They are written by hand. */
const MOST_RULES = 10_000;

async function listRules(options: CommonOptions): Promise<void> {
  const rules = await withDoor(options, (door) => door.list(groupRules.list, {}, MOST_RULES));
  print(options, rules, () => table(['RULE', 'GROUP', 'COMPUTERS'], rules.map(ruleRow)));
}

function ruleRow(rule: Output<typeof groupRules.show.result>): string[] {
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
  const rule = parseGroupRule(declaredValues(GROUP_RULE, options));
  const added = await withDoor(options, (door) =>
    door.change(groupRules.add, { ...rule, name, group, dryRun }),
  );
  print(options, added, () => said(options, `added "${added.name}": computers go to "${added.group}"`));
}

async function removeRule(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withDoor(options, (door) => door.change(groupRules.remove, { rule: name, dryRun }));
  print(options, removed, () => said(options, `removed "${removed.name}"`));
}

async function preview(options: CommonOptions): Promise<void> {
  const { moves } = await withDoor(options, (door) => door.read(groupRules.preview, {}));
  printMoves(options, moves, 'WOULD GO TO');
}

async function apply(options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const { moves } = await withDoor(options, (door) => door.change(groupRules.apply, { dryRun }));
  printMoves(options, moves, dryRun ? 'WOULD GO TO' : 'TO');
}

function printMoves(options: CommonOptions, moves: readonly GroupRuleMove[], to: string): void {
  print(options, moves, () =>
    moves.length === 0 ? 'nobody to move' : table(['COMPUTER', 'FROM', to, 'RULES'], moves.map(moveRow)),
  );
}

function moveRow(one: GroupRuleMove): string[] {
  return [one.computer, one.from.join(', '), one.to.join(', '), one.rules.join(', ')];
}

async function release(computer: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const released = await withDoor(options, (door) => door.change(groupRules.release, { computer, dryRun }));
  print(options, released, () => said(options, `${released.computer} is assigned by rules again`));
}
