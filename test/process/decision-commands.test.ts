import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { importDocuments } from '../../src/import/importer.ts';
import { openStore } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { SAMPLE, sampleDocuments, updateDocument } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';

/** Groups, licences, rules, rings and the audit log, as administrators use them. */

interface Shell {
  readonly folder: string;
  run(...args: readonly string[]): Promise<ExitedProcess>;
  /** What it prints; it must not fail. */
  says(...args: readonly string[]): Promise<string>;
  json<T>(...args: readonly string[]): Promise<T>;
  /** One sentence with the code, and the exit code 1. */
  refuses(pattern: RegExp, ...args: readonly string[]): Promise<void>;
}

async function shell(t: TestContext): Promise<Shell> {
  const folder = temporaryFolder(t);
  const store = await openStore({ dataFolder: folder, now: Date.now });
  await importDocuments(store.db, sourcesOf(sampleDocuments()), { source: 'test', now: Date.now });
  await store.close();
  const run = (...args: readonly string[]): Promise<ExitedProcess> =>
    new OakumProcess(t, args, { OAKUM_DATA: folder }).exited();
  const says = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  return {
    folder,
    run,
    says,
    json: async <T>(...args: readonly string[]) => JSON.parse(await says(...args, '--json')) as T,
    refuses: async (pattern, ...args) => {
      const { code, stderr } = await run(...args);
      assert.equal(code, 1);
      assert.match(stderr, pattern);
      assert.match(stderr, /^(oakum|error): [^\n]*\n/);
    },
  };
}

test('"groups" creates, nests, renames, moves and deletes', async (t) => {
  const one = await shell(t);
  await one.says('groups', 'create', 'Office');
  await one.says('groups', 'create', 'Pilot', '--parent', 'Office');
  assert.match(
    await one.says('groups', 'rename', 'Pilot', 'First', '--dry-run'),
    /^dry run: renamed to "First"/,
  );
  await one.says('groups', 'rename', 'Pilot', 'First');
  assert.match(await one.says('groups'), /^· Office .*\n· · First /m);
  await one.refuses(/\(OAK_GROUP_CYCLE\)$/m, 'groups', 'move', 'Office', 'First');
  await one.says('groups', 'move', 'First', 'All Computers');
  await one.says('groups', 'rules', 'add', 'tills', 'First', '--names', 'till-*', '--subnets', '10.0.0.0/8');
  assert.match(await one.says('groups', 'rules'), /tills +First +name till-\*, and network 10\.0\.0\.0\/8/);
  assert.equal(await one.says('groups', 'rules', 'preview'), 'nobody to move\n');
  await one.refuses(/tills.*\(OAK_GROUP_IN_USE\)$/m, 'groups', 'delete', 'First');
  await one.says('groups', 'rules', 'remove', 'tills');
  assert.equal(await one.says('groups', 'delete', 'First'), 'deleted "First"\n');
});

test('"rules" takes flags and files, tells what it would do, and does it', async (t) => {
  const one = await shell(t);
  await one.says('groups', 'create', 'Pilot');
  const file = join(one.folder, 'rule.toml');
  writeFileSync(file, 'groups = ["Pilot"]\nproducts = ["Example Product"]\nexcludeKinds = ["driver"]\n');
  await one.says('rules', 'add', 'Monthly', '--file', file, '--deadline-days', '3', '--titles', 'Software*');
  interface Shown {
    readonly products: readonly string[];
    readonly deadlineDays: number;
    readonly titles: readonly string[];
  }
  const shown = await one.json<Shown>('rules', 'show', 'monthly');
  assert.deepEqual(
    [shown.products, shown.deadlineDays, shown.titles],
    [['Example Product'], 3, ['Software*']],
  );
  await one.says('rules', 'set', 'monthly', '--titles', '');
  interface Outcome {
    readonly approvals: readonly { readonly updateId: string }[];
    readonly waiting: readonly { readonly updateId: string }[];
  }
  const told = await one.json<Outcome>('rules', 'dry-run');
  assert.deepEqual(
    [told.approvals.map((each) => each.updateId), told.waiting.map((each) => each.updateId)],
    [[SAMPLE.standalone], [SAMPLE.bundle]],
  );
  assert.match(await one.says('licences', '--pending'), /A bundle/);
  await one.says('licences', 'accept', SAMPLE.bundle);
  assert.equal((await one.json<Outcome>('rules', 'run', 'monthly')).approvals.length, 2);
  assert.equal(await one.says('rules', 'run'), 'nothing to approve\n');
  await one.says('rules', 'disable', 'monthly');
  assert.deepEqual(await one.json('rules', 'list', '--enabled'), []);
  await one.refuses(/Did you mean "Monthly"\?.*\(OAK_RULE_UNKNOWN\)$/m, 'rules', 'remove', 'monthy');
  await one.refuses(/must be one of/, 'rules', 'add', 'x', '--groups', 'Pilot', '--exclude-kinds', 'arm');
  writeFileSync(file, 'grups = ["Pilot"]\n');
  await one.refuses(/Did you mean "groups"\?.*\(OAK_RULE_INVALID\)$/m, 'rules', 'add', 'x', '--file', file);
  writeFileSync(file, 'groups =');
  await one.refuses(/\(OAK_FILE_UNREADABLE\)$/m, 'rules', 'add', 'x', '--file', file);
});

test('an import is followed by the rules that are due', async (t) => {
  const one = await shell(t);
  await one.says('rules', 'add', 'all', '--groups', 'All Computers');
  const document = join(one.folder, 'late.xml');
  writeFileSync(
    document,
    updateDocument({
      id: '0a000000-0000-4000-8000-000000000777' as never,
      type: 'Software',
      deployable: true,
    }),
  );
  assert.match(await one.says('import', document), /^1 approvals by rules$/m);
  const [entry] = await one.json<{ readonly caller: string }[]>('audit', '--action', 'update');
  assert.equal(entry.caller, 'rules');
});

test('"rings" sends an update from group to group, and stops it', async (t) => {
  const one = await shell(t);
  await one.says('groups', 'create', 'Pilot');
  await one.refuses(/Write "Group; after 2d/, 'rings', 'create', 'slow', '--step', 'Pilot; soon');
  const steps = ['--step', 'Pilot; success 80%', '--step', 'All Computers; after 2d; deadline 3d'];
  await one.says('rings', 'create', 'slow', ...steps);
  assert.match(await one.says('rings'), /slow +install +Pilot > All Computers +0/);
  await one.says('rings', 'start', 'slow', SAMPLE.standalone);
  assert.match(await one.says('rings', 'status'), /running +Pilot 0\/0, All Computers -: goes on at /);
  await one.says('rings', 'pause', SAMPLE.standalone);
  assert.match(await one.says('rings', 'status', '--state', 'paused'), /Software 12/);
  await one.says('rings', 'resume', SAMPLE.standalone);
  assert.match(await one.says('rings', 'pause', '--all'), /^stopped everything.*1 updates on their way/);
  await one.says('rings', 'resume', '--all');
  await one.refuses(/\(OAK_ROLLOUT_UNKNOWN\)$/m, 'rings', 'pause');
  await one.says('rings', 'rollback', SAMPLE.standalone);
  await one.says('rings', 'remove', 'slow');
  const verified = await one.says('audit', 'verify');
  assert.match(verified, /^the log is as it was written\nhead: \d+:[0-9a-f]{64}\n$/);
  const [, head = ''] = /head: (.*)\n/.exec(verified) ?? [];
  assert.match(await one.says('audit', 'verify', '--head', head), /^and holds the head that you gave$/m);
  const { code, stdout } = await one.run('audit', 'verify', '--head', `9${head}`);
  assert.equal(code, 1);
  assert.match(stdout, /does not hold the head/);
  await one.refuses(/\(OAK_AUDIT_HEAD\)$/m, 'audit', 'verify', '--head', '7');
});
