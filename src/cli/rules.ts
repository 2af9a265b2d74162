import type { Command } from 'commander';
import type { RuleOutcome } from '../admin/rules.ts';
import { RULE_CHANGES, rules as operations, type AnsweredRule } from '../api/operations/rules.ts';
import { AUTO_APPROVAL_RULE, parseAutoApprovalRule } from '../fleet/auto-approval-rule.ts';
import { declared } from '../fleet/declared.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { readDataFile } from './data-file.ts';
import { addDeclaredOptions, declaredValues } from './declared-options.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly enabled?: boolean;
  readonly limit: number;
}

const NAME = ['<name>', 'what the rule is called'] as const;

export function rulesCommand(): Command {
  const rules = listing(doorCommand('rules', 'Rules that approve updates by themselves'));
  rules.addCommand(listing(doorCommand('list', 'List the rules in the order in which they decide')));
  rules.addCommand(
    doorCommand('show', 'Show a rule in the form that --file reads')
      .argument(...NAME)
      .action(show),
  );
  rules.addCommand(defining('add', 'Add a rule; it begins with what arrives from now on').action(add));
  rules.addCommand(
    defining('set', 'Change a rule: what is given; an empty text takes a condition back').action(set),
  );
  rules.addCommand(
    changing('remove', 'Remove a rule; what it approved stays approved')
      .argument(...NAME)
      .action(remove),
  );
  for (const enabled of [true, false]) {
    rules.addCommand(
      changing(
        enabled ? 'enable' : 'disable',
        enabled ? 'Let a rule run by itself' : 'Keep a rule, and let it rest',
      )
        .argument(...NAME)
        .action((name: string, options: ChangeOptions) => change(name, { enabled }, options)),
    );
  }
  const some = ['[name...]', 'only these rules, enabled or not; all enabled ones unless given'] as const;
  rules.addCommand(
    doorCommand('dry-run', 'List exactly what "run" would approve, and approve nothing')
      .argument(...some)
      .action((names: readonly string[], options: CommonOptions) => run(names, { ...options, dryRun: true })),
  );
  rules.addCommand(
    changing('run', 'Let rules decide now, also about updates that are older than they are')
      .argument(...some)
      .action(run),
  );
  return rules;
}

function changing(name: string, description: string): Command {
  return doorCommand(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

function listing(one: Command): Command {
  return one
    .option('--enabled', 'only those that run by themselves')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .action(list);
}

function defining(name: string, description: string): Command {
  const one = changing(name, description)
    .argument(...NAME)
    .option('--file <path>', 'a JSON or TOML file with the names "rules show" prints; options override it');
  return addDeclaredOptions(one, AUTO_APPROVAL_RULE, ['enabled']).option('--disabled', 'let it rest');
}

async function list(options: ListOptions): Promise<void> {
  const enabled = options.enabled === true ? { enabled: true } : {};
  const listed = await withDoor(options, (door) => door.list(operations.list, enabled, options.limit));
  print(options, listed, () =>
    table(['PRIORITY', 'RULE', 'ENABLED', 'ACTION', 'GROUPS', 'UPDATES'], listed.map(row)),
  );
}

function row(rule: AnsweredRule): string[] {
  return [
    String(rule.priority),
    rule.name,
    rule.enabled ? 'yes' : 'no',
    rule.action,
    rule.groups.join(', '),
    conditions(rule).join(', and ') || 'all',
  ];
}

/** What a rule says about updates, as people read it. */
function conditions(rule: AnsweredRule): string[] {
  const said = Object.entries(rule).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 0 && name !== 'groups' ? `${name} ${value.join(' or ')}` : [],
  );
  return [
    ...said,
    ...(rule.afterDays > 0 ? [`after ${rule.afterDays} days`] : []),
    ...(rule.deadlineDays === undefined ? [] : [`deadline ${rule.deadlineDays} days later`]),
  ];
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const {
    name: called,
    sinceMs,
    ...rule
  } = await withDoor(options, (door) => door.read(operations.show, { rule: name }));
  print(options, { name: called, sinceMs, ...rule }, () => JSON.stringify(rule, undefined, 2));
}

interface DefineOptions extends ChangeOptions {
  readonly file?: string;
  readonly disabled?: boolean;
}

function definition(options: DefineOptions): Record<string, unknown> {
  return {
    ...(options.file === undefined ? {} : readDataFile(options.file)),
    ...declaredValues(AUTO_APPROVAL_RULE, options),
    ...(options.disabled === true ? { enabled: false } : {}),
  };
}

async function add(name: string, options: DefineOptions): Promise<void> {
  const { dryRun = false } = options;
  const said = Object.entries(definition(options)).filter(([, value]) => value !== null);
  // Here, so that what is wrong with a file is said of a rule.
  const rule = parseAutoApprovalRule(Object.fromEntries(said));
  const added = await withDoor(options, (door) => door.change(operations.add, { name, ...rule, dryRun }));
  print(options, added, () => `${dryRun ? 'dry run: ' : ''}added "${oneLine(added.name)}"`);
}

function set(name: string, options: DefineOptions): Promise<void> {
  return change(name, definition(options), options);
}

async function change(
  name: string,
  rule: Readonly<Record<string, unknown>>,
  options: ChangeOptions,
): Promise<void> {
  const { dryRun = false } = options;
  const said = declared(RULE_CHANGES, rule, 'OAK_RULE_INVALID');
  const changed = await withDoor(options, (door) =>
    door.change(operations.change, { rule: name, ...said, dryRun }),
  );
  const now = changed.enabled ? 'enabled' : 'disabled';
  print(options, changed, () => `${dryRun ? 'dry run: ' : ''}changed "${oneLine(changed.name)}" (${now})`);
}

async function remove(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withDoor(options, (door) => door.change(operations.remove, { rule: name, dryRun }));
  print(options, removed, () => `${dryRun ? 'dry run: ' : ''}removed "${oneLine(removed.name)}"`);
}

async function run(names: readonly string[], options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const outcome = await withDoor(options, (door) =>
    door.change(operations.run, { dryRun, ...(names.length === 0 ? {} : { rules: [...names] }) }),
  );
  print(options, outcome, () => told(outcome, dryRun));
}

function told(outcome: RuleOutcome, dryRun: boolean): string {
  const approvals = outcome.approvals.map((one) => [
    one.title,
    dryRun ? `would be ${one.action}` : one.action,
    one.group,
    time(one.deadlineMs),
    one.rule,
    one.updateId,
  ]);
  const waiting = outcome.waiting.map(
    (one) => `waits for its licence: ${oneLine(one.title)} (${one.updateId})`,
  );
  const listed =
    approvals.length === 0
      ? 'nothing to approve'
      : table(['TITLE', 'ACTION', 'GROUP', 'DEADLINE', 'RULE', 'UPDATE ID'], approvals);
  return [listed, ...waiting].join('\n');
}
