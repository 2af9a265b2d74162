import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { approveUpdates } from '../../src/admin/approvals.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { TestServer } from '../support/test-server.ts';

/** `oakum agent`, as an administrator or a script uses it. */

const VAULT = '38801444-2615-4df9-83b7-d328d9ea23f9';
const PUNCH_CARDS = 'cb6f3131-dbbc-4471-9f7b-5f6914dbc0ac';

interface Listed {
  readonly updateId: string;
  readonly title: string;
  readonly error?: string;
}

interface AgentJson {
  readonly syncUpdatesCalls: number;
  readonly bytes: number;
  readonly offered: readonly Listed[];
  readonly installed: readonly Listed[];
  readonly failed: readonly Listed[];
  readonly reportedEvents: number;
}

test('"agent" scans, installs, reports and explains, and remembers the computer', async (t) => {
  await using served = await TestServer.start();
  const { store, dataFolder, clock } = served;
  await installSample(store.db, await openFolderContentStore(join(dataFolder, 'content')), {
    now: clock.now,
  });
  await approveUpdates(
    store.db,
    { name: 'test' },
    {
      updates: ['Sample Vault', 'Sample Scanner 5.0'],
      groups: ['All Computers'],
      action: 'Install',
      nowMs: clock.now(),
    },
  );
  // The computer's own clock says when its cookie expires.
  clock.ms = Date.now();
  await served.pause();
  await served.resume();
  const { url } = served;
  const state = join(temporaryFolder(t), 'computer');
  const run = (...args: string[]): Promise<ExitedProcess> =>
    new OakumProcess(t, ['agent', ...args, '--server', url]).exited();
  const agent = (...args: string[]): Promise<ExitedProcess> => run(...args, '--state', state);
  const json = async (...args: string[]): Promise<AgentJson & { readonly code: number | null }> => {
    const { code, stdout, stderr } = await agent(...args, '--json');
    assert.equal(stderr, '');
    return { ...(JSON.parse(stdout) as AgentJson), code };
  };

  const first = await json('scan');
  assert.equal(first.code, 0);
  assert.deepEqual(
    first.offered.map(({ title }) => title),
    ['Security update for Oakum Sample Vault (KB9000104)', 'Oakum Sample Scanner 5.0 (KB9000301)'],
  );
  assert.deepEqual(first.failed, []);
  const second = await json('scan');
  assert.deepEqual(second.offered, first.offered);
  assert.ok(second.syncUpdatesCalls < first.syncUpdatesCalls);
  assert.ok(second.bytes < first.bytes);

  const refused = await json('install', VAULT, PUNCH_CARDS, '--untrusted');
  assert.equal(refused.code, 1);
  assert.deepEqual(
    refused.failed.map(({ updateId, error }) => [updateId, error]),
    [
      [VAULT, '0x800B0109 the publisher of the payload is not trusted'],
      [PUNCH_CARDS, 'it is not offered; "oakum agent explain" says why'],
    ],
  );

  const installed = await json('install');
  assert.equal(installed.code, 0);
  assert.deepEqual(
    installed.installed.map(({ updateId }) => updateId),
    first.offered.map(({ updateId }) => updateId),
  );
  assert.ok(installed.reportedEvents > 0);
  const quiet = await agent('scan', '--explain', PUNCH_CARDS);
  assert.equal(quiet.code, 0);
  assert.match(quiet.stdout, /^0 offered, \d+ needed \(approved or not\), \d+ installed$/m);
  assert.match(quiet.stdout, /nothing is offered/);
  assert.match(quiet.stdout, /is not offered: its rules say that it does not apply/);
  const [reported, explained, other] = await Promise.all([
    json('report'),
    run('explain', PUNCH_CARDS),
    agent('scan', '--machine', 'windows-server-2022'),
  ]);
  assert.equal(reported.reportedEvents, 2);
  assert.equal(explained.code, 0);
  assert.match(explained.stdout, /is not offered: its rules say that it does not apply/);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /It holds a computer of profile windows-11-25h2.*\(OAK_AGENT_STATE\)/);
});

test('"agent" says what is wrong in one sentence, with a code and without a stack trace', async (t) => {
  const folder = temporaryFolder(t);
  const brokenMachine = join(folder, 'machine.json');
  writeFileSync(brokenMachine, '{');
  const brokenState = join(folder, 'state');
  writeFileSync(brokenState, '');
  const nowhere = ['--server', 'http://127.0.0.1:1'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['scan', ...nowhere],
      /0x80240438 WU_E_ENDPOINT_UNREACHABLE: .*refuses connections.*\(OAK_AGENT_FAILED\)$/,
    ],
    [['scan', '--server', 'wsus'], /\(OAK_PEER_UNREACHABLE\)$/],
    [
      ['scan', ...nowhere, '--machine', 'windows-11-25h1'],
      /Did you mean "windows-11-25h2"\?.*\(OAK_PROFILE_UNKNOWN\)$/,
    ],
    [['scan', ...nowhere, '--machine', brokenMachine], /no JSON.*\(OAK_MACHINE_INVALID\)$/],
    [['scan', ...nowhere, '--state', brokenState], /\((OAK_AGENT_STATE|OAK_AGENT_FAILED)\)$/],
    [['install', 'Vault', ...nowhere], /"Vault" is no UpdateID.*\(OAK_UPDATE_UNKNOWN\)$/],
  ];
  const outcomes = await Promise.all(
    cases.map(([args]) => new OakumProcess(t, ['agent', ...args, '--json']).exited()),
  );
  for (const [index, { code, stdout, stderr }] of outcomes.entries()) {
    assert.equal(code, 1, stderr);
    assert.equal(stdout, '');
    assert.match(stderr.trimEnd(), cases[index][1]);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});
