import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { viewPlan } from '../../src/admin/policy/apply-policy.ts';
import { parsePolicy } from '../../src/admin/policy/policy-document.ts';
import { viewDrift } from '../../src/admin/policy/policy-drift.ts';
import { SETTINGS_TABLE } from '../../src/server/settings-table.ts';
import { firstForgedAudit } from '../../src/store/audit.ts';
import { openStore } from '../../src/store/open-store.ts';
import { killedPolicies } from '../support/killed-policies.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';

/** Policies as processes: what they print, how they end, and what is left when they are killed. */

const run = (t: TestContext, ...args: string[]): Promise<ExitedProcess> => new OakumProcess(t, args).exited();

async function dataFolder(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t);
  await (await openStore({ dataFolder: folder, now: Date.now })).close();
  return folder;
}

describe('a policy', { concurrency: true }, () => {
  test('is planned, applied, exported, and drift is told by the exit code', async (t) => {
    const data = await dataFolder(t);
    const at = (...args: string[]) => run(t, ...args, '--data', data);
    const file = join(temporaryFolder(t), 'policy.yaml');
    writeFileSync(
      file,
      'version: 1\ngroups: [{name: Pilot}]\nrules: [{name: r, groups: [Pilot]}]\nsettings: {sync.pageUpdates: 30}\n',
    );
    const planned = await at('plan', file, '--exit-code');
    assert.equal(planned.code, 2);
    assert.match(
      planned.stdout,
      /^\+ group "Pilot" below "All Computers"\n\+ rule "r"\n {4}groups: \["Pilot"\]\n/,
    );
    const digest = /plan ([0-9a-f]{32})/.exec(planned.stdout)?.[1] ?? '';
    const refused = await at('apply', file, '--plan-digest', '0'.repeat(32));
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(refused.stderr, /\(OAK_POLICY_MOVED\)\n$/);
    const applied = await at('apply', file, '--plan-digest', digest);
    assert.deepEqual([applied.code, applied.stderr], [0, '']);
    assert.match(applied.stdout, /restart those that run\.\napplied\n$/);
    assert.equal((await at('drift', '--exit-code')).code, 0);
    assert.equal((await at('plan', file, '--exit-code', '--json')).code, 0);
    await at('config', 'set', 'sync.pageUpdates', '7');
    const drift = await at('drift', '--exit-code');
    assert.equal(drift.code, 2);
    assert.match(drift.stdout, /~ setting "sync\.pageUpdates"\n {4}value: 7 → 30\n/);
    for (const format of ['yaml', 'toml', 'json']) {
      const exported = join(data, `exported.${format}`);
      writeFileSync(exported, (await at('policy', 'export', '--format', format)).stdout);
      const same = await at('plan', exported, '--prune', '--json');
      assert.deepEqual((JSON.parse(same.stdout) as { changes: unknown[] }).changes, []);
    }
  });

  test('that is none is refused in one sentence with its line', async (t) => {
    const data = await dataFolder(t);
    const file = join(data, 'policy.yaml');
    writeFileSync(file, 'version: 1\nrulez: []\n');
    const { code, stdout, stderr } = await run(t, 'apply', file, '--data', data);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^oakum: .*Line 2: "rulez".*"rules".*\(OAK_POLICY_INVALID\)\n$/);
    const missing = await run(t, 'plan', join(data, 'none.yaml'), '--data', data);
    assert.match(missing.stderr, /ENOENT.*\(OAK_FILE_UNREADABLE\)\n$/);
    assert.match((await run(t, 'drift', '--data', data)).stderr, /\(OAK_POLICY_NONE\)\n$/);
  });

  test('of stored settings is taken by commands from then on', async (t) => {
    const data = await dataFolder(t);
    const at = (...args: string[]) => run(t, ...args, '--data', data);
    assert.match((await at('config', 'set', 'sync.pageUpdates', '7')).stdout, /^sync\.pageUpdates = 7\n/);
    const shown = async (): Promise<Record<string, unknown> | undefined> =>
      (JSON.parse((await at('config', 'show', '--json')).stdout) as Record<string, unknown>[]).find(
        (one) => one.key === 'sync.pageUpdates',
      );
    assert.deepEqual([(await shown())?.value, (await shown())?.source], [7, 'store']);
    writeFileSync(join(data, 'oakum.toml'), 'sync.pageUpdates = 8');
    assert.match(
      (await at('config', 'set', 'sync.pageUpdates', '9')).stdout,
      /The file says 8, and that counts/,
    );
    assert.deepEqual([(await shown())?.value, (await shown())?.source], [8, 'file']);
    const refused = await at('config', 'set', 'listen', '0.0.0.0:1');
    assert.match(refused.stderr, /\(OAK_SETTING_NOT_STORED\)\n$/);
    assert.match((await at('config', 'unset', 'sync.pageUpdates')).stdout, /no longer stored/);
    assert.match((await at('config', 'unset', 'sync.pageUpdates')).stdout, /was not stored/);
  });
});

test('a policy whose application is killed was applied as a whole or not at all', async (t) => {
  const data = await dataFolder(t);
  const program = fileURLToPath(new URL('../support/apply-forever.ts', import.meta.url));
  const documents = killedPolicies().map((one) => parsePolicy(one, SETTINGS_TABLE));
  for (const lines of [1, 2, 3, 4, 5]) {
    const child = spawn(process.execPath, [program, data], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const exited = once(child, 'exit');
    let said = 0;
    for await (const _ of createInterface({ input: child.stdout }))
      if (++said >= lines) child.kill('SIGKILL');
    const [, signal] = (await exited) as [number | null, NodeJS.Signals | null];
    assert.equal(signal, 'SIGKILL', complaint);
    const store = await openStore({ dataFolder: data, now: Date.now });
    const plans = [];
    for (const document of documents) plans.push(await viewPlan(store.db, document, { prune: true }));
    assert.equal(await firstForgedAudit(store.db), undefined);
    const untouched = (await store.db.selectFrom('policy').selectAll().execute()).length === 0;
    if (!untouched) {
      const { changes, unmanaged } = await viewDrift(store.db, SETTINGS_TABLE);
      assert.deepEqual([changes, unmanaged], [[], []]);
      assert.equal(plans.filter((one) => one.changes.length === 0).length, 1);
    } else assert.equal((await store.db.selectFrom('rule').selectAll().execute()).length, 0);
    await store.close();
  }
});
