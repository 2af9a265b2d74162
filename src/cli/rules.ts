import type { Command } from 'commander';
import {
  addRule,
  changeRule,
  removeRule,
  runRules,
  showRule,
  viewRules,
  type RuleOutcome,
  type RuleView,
} from '../admin/rules.ts';
import { AUTO_APPROVAL_RULE } from '../fleet/auto-approval-rule.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { readDataFile } from './data-file.ts';
import { addDeclaredOptions, declaredValues } from './declared-options.ts';
import { oneLine, table, time } from './table.ts';
import { parseCount } from './updates.ts';

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly enabled?: boolean;
  readonly limit: number;
}

const NAME = ['<name>', 'what the rule is called'] as const;

export function rulesCommand(): Command {
  const rules = listing(command('rules', 'Rules that approve updates by themselves'));
  rules.addCommand(listing(command('list', 'List the rules in the order in which they decide')));
  rules.addCommand(
    command('show', 'Show a rule in the form that --file reads')
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
    command('dry-run', 'List exactly what "run" would approve, and approve nothing')
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
  return command(name, description).option('--dry-run', 'tell what would change, and change nothing');
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
  const rules = await withExistingStore(options, (store) => viewRules(store.db));
  const listed = rules.filter((one) => options.enabled !== true || one.enabled).slice(0, options.limit);
  print(options, listed, () =>
    table(['PRIORITY', 'RULE', 'ENABLED', 'ACTION', 'GROUPS', 'UPDATES'], listed.map(row)),
  );
}

function row(rule: RuleView): string[] {
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
function conditions(rule: RuleView): string[] {
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
  } = await withExistingStore(options, (store) => showRule(store.db, name));
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
  const rule = Object.entries(definition(options)).filter(([, value]) => value !== null);
  const added = await withExistingStore(options, (store) =>
    addRule(store.db, localCaller(), {
      name,
      rule: Object.fromEntries(rule),
      dryRun,
      nowMs: Date.now(),
    }),
  );
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
  const changed = await withExistingStore(options, (store) =>
    changeRule(store.db, localCaller(), { name, rule, dryRun, nowMs: Date.now() }),
  );
  const now = changed.enabled ? 'enabled' : 'disabled';
  print(options, changed, () => `${dryRun ? 'dry run: ' : ''}changed "${oneLine(changed.name)}" (${now})`);
}

async function remove(name: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withExistingStore(options, (store) =>
    removeRule(store.db, localCaller(), { name, dryRun, nowMs: Date.now() }),
  );
  print(options, removed, () => `${dryRun ? 'dry run: ' : ''}removed "${oneLine(removed.name)}"`);
}

async function run(names: readonly string[], options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const outcome = await withExistingStore(options, (store) =>
    runRules(store.db, localCaller(), {
      dryRun,
      nowMs: Date.now(),
      ...(names.length === 0 ? {} : { names }),
    }),
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
