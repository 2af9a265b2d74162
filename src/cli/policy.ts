import { readFileSync, statSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { applyPolicy, viewPlan } from '../admin/policy/apply-policy.ts';
import { exportPolicy } from '../admin/policy/export-policy.ts';
import type { PolicyDocument } from '../admin/policy/policy-document.ts';
import { viewDrift } from '../admin/policy/policy-drift.ts';
import type { PolicyPlan } from '../admin/policy/policy-plan.ts';
import {
  MAX_POLICY_BYTES,
  POLICY_FORMATS,
  policyFormatOf,
  readPolicy,
  writePolicy,
  type PolicyFormat,
} from '../admin/policy/policy-text.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { SETTINGS_TABLE } from '../server/settings-table.ts';
import { localCaller } from './caller.ts';
import { command, print, withExistingStore, type CommonOptions } from './common.ts';
import { planText } from './policy-text.ts';
import { oneLine, time } from './table.ts';

interface PlanOptions extends CommonOptions {
  readonly prune?: boolean;
  readonly exitCode?: boolean;
}

interface ApplyOptions extends CommonOptions {
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly planDigest?: string;
}

const FILE = ['<file>', 'the policy: YAML, or TOML or JSON by the end of its name'] as const;
const PRUNE = ['--prune', 'also remove what is there and not in its section of the policy'] as const;
const EXIT_CODE = ['--exit-code', 'end with 2 when there is a difference'] as const;

export function planCommand(): Command {
  return command('plan', 'Show exactly what applying a policy would change')
    .argument(...FILE)
    .option(...PRUNE)
    .option(...EXIT_CODE)
    .action(plan);
}

export function applyCommand(): Command {
  return command('apply', 'Make groups, rules, rings and settings what a policy says, all at once')
    .argument(...FILE)
    .option(...PRUNE)
    .option('--dry-run', 'tell what would change, and change nothing')
    .option('--plan-digest <digest>', 'only if this is still what it does: the digest "plan" printed', digest)
    .action(apply);
}

export function driftCommand(): Command {
  return command('drift', 'Show what has become different from the policy that was applied last')
    .option(...EXIT_CODE)
    .action(drift);
}

export function policyCommand(): Command {
  const policy = command('policy', 'Groups, rules, rings and settings as a text');
  policy.addCommand(
    command('export', 'Print things as they are, as a policy to begin with')
      .addOption(new Option('--format <format>', 'how').choices(POLICY_FORMATS).default('yaml'))
      .action(write),
  );
  return policy;
}

function digest(text: string): string {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new InvalidArgumentError('It must be 32 hexadecimal digits.');
  return text;
}

async function plan(file: string, options: PlanOptions): Promise<void> {
  const document = read(file);
  const { prune = false } = options;
  const planned = await withExistingStore(options, (store) => viewPlan(store.db, document, { prune }));
  print(options, planned, () => planText(planned));
  endWith(planned, options);
}

async function apply(file: string, options: ApplyOptions): Promise<void> {
  const document = read(file);
  const { prune = false, dryRun = false, planDigest } = options;
  const done = await withExistingStore(options, (store) =>
    applyPolicy(store.db, localCaller(), {
      document,
      settings: SETTINGS_TABLE,
      prune,
      dryRun,
      nowMs: Date.now(),
      ...(planDigest === undefined ? {} : { planDigest }),
    }),
  );
  const restart = done.changes.some((one) => one.noun === 'setting');
  print(options, done, () =>
    [
      planText(done),
      ...(restart ? ['Servers take settings when they start: restart those that run.'] : []),
      ...(done.changes.length > 0 ? [dryRun ? 'dry run: nothing was changed' : 'applied'] : []),
    ].join('\n'),
  );
}

async function drift(options: PlanOptions): Promise<void> {
  const found = await withExistingStore(options, (store) => viewDrift(store.db, SETTINGS_TABLE));
  const since = `applied ${time(found.appliedMs)} by ${oneLine(found.appliedBy)}`;
  print(options, found, () => `${planText(found)}\n${since}`);
  endWith(found, options);
}

async function write(options: CommonOptions & { readonly format: PolicyFormat }): Promise<void> {
  const policy = await withExistingStore(options, (store) => exportPolicy(store.db, SETTINGS_TABLE));
  print(options, policy, () => writePolicy(policy, options.format).trimEnd());
}

function endWith({ changes, unmanaged }: PolicyPlan, options: PlanOptions): void {
  if (options.exitCode === true && changes.length + unmanaged.length > 0) process.exitCode = 2;
}

function read(file: string): PolicyDocument {
  return readPolicy(textOf(file), policyFormatOf(file), SETTINGS_TABLE);
}

function textOf(file: string): string {
  try {
    // Looked at first: a file of a mistyped name may be an image of a disk.
    if (statSync(file).size > MAX_POLICY_BYTES)
      throw new OakumError('OAK_POLICY_LIMIT', { detail: `It has more than ${MAX_POLICY_BYTES} bytes.` });
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof OakumError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_FILE_UNREADABLE', { detail: `${reason}.`, cause });
  }
}
