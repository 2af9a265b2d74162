import { readFileSync, statSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parsePolicy } from '../admin/policy/policy-document.ts';
import {
  MAX_POLICY_BYTES,
  POLICY_FORMATS,
  policyFormatOf,
  readPolicyData,
  writePolicy,
  type PolicyFormat,
} from '../admin/policy/policy-text.ts';
import { policy as operations, type AnsweredPlan } from '../api/operations/policy.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { SETTINGS_TABLE } from '../server/settings-table.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { planText } from './policy-text.ts';
import { oneLine } from '../errors/inert-text.ts';
import { time } from './table.ts';
import { withDoor } from './with-door.ts';

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
  return doorCommand('plan', 'Show exactly what applying a policy would change')
    .argument(...FILE)
    .option(...PRUNE)
    .option(...EXIT_CODE)
    .action(plan);
}

export function applyCommand(): Command {
  return doorCommand('apply', 'Make groups, rules, rings and settings what a policy says, all at once')
    .argument(...FILE)
    .option(...PRUNE)
    .option('--dry-run', 'tell what would change, and change nothing')
    .option('--plan-digest <digest>', 'only if this is still what it does: the digest "plan" printed', digest)
    .action(apply);
}

export function driftCommand(): Command {
  return doorCommand('drift', 'Show what has become different from the policy that was applied last')
    .option(...EXIT_CODE)
    .action(drift);
}

export function policyCommand(): Command {
  const policy = doorCommand('policy', 'Groups, rules, rings and settings as a text');
  policy.addCommand(
    doorCommand('export', 'Print things as they are, as a policy to begin with')
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
  const planned = await withDoor(options, (door) => door.read(operations.plan, { document, prune }));
  print(options, planned, () => planText(planned));
  endWith(planned, options);
}

async function apply(file: string, options: ApplyOptions): Promise<void> {
  const document = read(file);
  const { prune = false, dryRun = false, planDigest } = options;
  const done = await withDoor(options, (door) =>
    door.change(operations.apply, {
      ...{ document, prune, dryRun },
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
  const found = await withDoor(options, (door) => door.read(operations.drift, {}));
  const since = `applied ${time(found.appliedMs)} by ${oneLine(found.appliedBy)}`;
  print(options, found, () => `${planText(found)}\n${since}`);
  endWith(found, options);
}

async function write(options: CommonOptions & { readonly format: PolicyFormat }): Promise<void> {
  const policy = await withDoor(options, (door) => door.read(operations.export, {}));
  print(options, policy, () => writePolicy(policy, options.format).trimEnd());
}

function endWith({ changes, unmanaged }: AnsweredPlan, options: PlanOptions): void {
  if (options.exitCode === true && changes.length + unmanaged.length > 0) process.exitCode = 2;
}

/** The data of a policy, which was looked at here, where the lines of its text are known. */
function read(file: string): Record<string, unknown> {
  const { data, placeOf } = readPolicyData(textOf(file), policyFormatOf(file));
  parsePolicy(data, SETTINGS_TABLE, placeOf);
  return data as Record<string, unknown>;
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
