import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Agent, type ScanReport } from '../../src/agent/agent.ts';
import type { AgentState } from '../../src/agent/agent-state.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import { openStore } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { updateDocument } from '../support/sample-catalogue.ts';
import { until } from '../support/until.ts';

/** Backups of a server at work, and what becomes of its clients after a restore. */

const AGENTS = 6;
const WIN11 = profile('windows-11-25h2');

async function done(t: TestContext, ...args: string[]): Promise<ExitedProcess> {
  const exited = await new OakumProcess(t, args).exited();
  assert.equal(exited.code, 0, exited.stderr);
  return exited;
}

interface BackupJson {
  readonly path: string;
}
interface RestoreJson {
  readonly identity: { readonly kept: boolean; readonly because: string };
  readonly aside: string | null;
}

const json = async <T>(t: TestContext, ...args: string[]): Promise<T> =>
  JSON.parse((await done(t, ...args, '--json')).stdout) as T;

async function site(t: TestContext): Promise<string> {
  const data = temporaryFolder(t);
  await done(t, 'sample', '--data', data);
  await done(t, 'approve', 'Sample Agent 1.3', 'Sample Fonts', '--data', data);
  return data;
}

function serve(t: TestContext, data: string): OakumProcess {
  return new OakumProcess(t, ['serve', '--data', data, '--listen', '127.0.0.1:0']);
}

/** A simulated computer that outlives the servers it talks to. */
class Computer {
  readonly recoveries: string[] = [];
  readonly #clientId = randomUUID();
  #state: AgentState | undefined;
  #agent: Agent | undefined;

  async talkTo(server: string): Promise<void> {
    this.#state = this.#agent?.state;
    this.#agent?.[Symbol.dispose]();
    this.#agent = new Agent({
      ...{ server, profile: WIN11, clientId: this.#clientId, dnsName: 'pc.example.com', now: Date.now },
      ...(this.#state === undefined ? {} : { state: this.#state }),
      onRecovery: (errorCode) => this.recoveries.push(errorCode),
    });
  }

  get agent(): Agent {
    return this.#agent!;
  }

  async work(): Promise<ScanReport> {
    const report = await this.agent.scan();
    await this.agent.report();
    return report;
  }

  [Symbol.dispose](): void {
    this.#agent?.[Symbol.dispose]();
  }
}

async function fleet(t: TestContext, server: string): Promise<Computer[]> {
  const computers = Array.from({ length: AGENTS }, () => new Computer());
  t.after(() => computers.forEach((one) => one[Symbol.dispose]()));
  await Promise.all(computers.map((one) => one.talkTo(server)));
  for (const one of computers) await one.work();
  return computers;
}

/** Lets all computers scan and report again and again while something else is done. */
async function underLoad<T>(computers: readonly Computer[], task: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let scans = 0;
  const load = Promise.all(
    computers.map(async (one) => {
      while (!stop.signal.aborted) {
        await one.work();
        scans++;
      }
    }),
  );
  try {
    await until('the load is on', () => scans >= AGENTS);
    return await task();
  } finally {
    stop.abort();
    await load;
  }
}

const offeredTo = (report: ScanReport): readonly string[] =>
  report.offered.map((offer) => offer.updateId).toSorted();

/** What the computer takes an id for is what the server means by it. */
async function assertSameIds(data: string, computers: readonly Computer[]): Promise<void> {
  const store = await openStore({ dataFolder: data, now: Date.now, mustExist: true });
  const rows = await store.db
    .selectFrom('revision')
    .innerJoin('update_entry', 'number', 'update_number')
    .select(['revision.id', 'update_id'])
    .execute();
  await store.close();
  const updateIds = new Map(rows.map((row) => [row.id, row.update_id]));
  for (const { agent } of computers) {
    assert.ok(agent.state.updates.size > 0);
    for (const [id, held] of agent.state.updates) assert.equal(updateIds.get(id), held.updateId);
  }
}

const newcomer = (index: number): UpdateId =>
  `0d000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UpdateId;

/** Documents that the sample does not have, each different from those of another batch. */
function newDocuments(t: TestContext, batch: number): string {
  const folder = temporaryFolder(t);
  for (let index = 0; index < 100; index++) {
    const id = newcomer(1000 * batch + index);
    const document = updateDocument({ id, type: 'Software', deployable: true });
    writeFileSync(join(folder, `${index}.xml`), document);
  }
  return folder;
}

test('agents go on where they were after a restore of a backup taken while they worked', async (t) => {
  const data = await site(t);
  const server = serve(t, data);
  const computers = await fleet(t, await server.ready());
  const { path } = await underLoad(computers, () =>
    json<BackupJson>(t, 'backup', temporaryFolder(t), '--data', data),
  );
  const before = await computers[0].work();
  server.signal('SIGKILL');
  await server.exited();

  const restored = await json<RestoreJson>(t, 'restore', path, '--data', data, '--replace');
  assert.deepEqual([restored.identity.kept, restored.identity.because], [true, 'unchanged']);
  const again = serve(t, data);
  const url = await again.ready();
  for (const one of computers) {
    await one.talkTo(url);
    const { rounds, syncUpdatesCalls, offered } = await one.work();
    // Not one update is sent again.
    assert.deepEqual(
      rounds.map((round) => round.newUpdates),
      rounds.map(() => 0),
    );
    assert.equal(syncUpdatesCalls, before.syncUpdatesCalls);
    assert.equal(offered.length, before.offered.length);
    assert.deepEqual(one.recoveries, []);
  }
  await assertSameIds(data, computers);
  assert.match((await done(t, 'audit', 'verify', '--data', data)).stdout, /as it was written/);
});

test('agents recover by themselves when ids were given since the backup', async (t) => {
  const data = await site(t);
  const server = serve(t, data);
  const computers = await fleet(t, await server.ready());
  const offers = offeredTo(await computers[0].work());
  const { path } = await underLoad(computers, async () => {
    // An import and decisions beside it: what the backup has of them is a moment, and a whole one.
    const [backup] = await Promise.all([
      json<BackupJson>(t, 'backup', temporaryFolder(t), '--content', '--data', data),
      done(t, 'import', newDocuments(t, 1), '--data', data),
    ]);
    await done(t, 'approve', newcomer(1000), newcomer(1001), '--data', data);
    return backup;
  });
  await until('agents hold what came after the backup', async () => {
    await computers[0].work();
    return [...computers[0].agent.state.updates.values()].some((held) => held.updateId === newcomer(1000));
  });
  for (const one of computers) await one.work();
  server.signal('SIGTERM');
  await server.exited();

  const other = join(temporaryFolder(t), 'elsewhere');
  const { identity } = await json<RestoreJson>(t, 'restore', path, '--data', other);
  assert.deepEqual([identity.kept, identity.because], [false, 'nothing-to-compare']);
  // Ids that agents know are given again, to other updates, before any of them is back.
  await done(t, 'import', newDocuments(t, 2), '--data', other);
  await done(t, 'approve', newcomer(2000), newcomer(2001), '--data', other);
  const again = serve(t, other);
  const url = await again.ready();
  for (const one of computers) {
    await one.talkTo(url);
    assert.deepEqual(one.recoveries, []);
    const report = await one.work();
    assert.deepEqual(one.recoveries, ['ServerChanged']);
    assert.deepEqual(
      offeredTo(report).filter((updateId) => offers.includes(updateId)),
      offers,
    );
    assert.ok(report.rounds.reduce((sum, round) => sum + round.newUpdates, 0) < report.cached);
  }
  await assertSameIds(other, computers);
  assert.match((await done(t, 'audit', 'verify', '--data', other)).stdout, /as it was written/);
  assert.match((await done(t, 'content', 'verify', '--data', other)).stdout, / 0 damaged$/m);
});

test('a restore is refused while a server runs on the data folder, and a server while one is restored', async (t) => {
  const data = await site(t);
  const { path } = await json<BackupJson>(t, 'backup', join(data, 'backups'), '--data', data);
  const server = new OakumProcess(t, [
    ...['serve', '--data', data, '--listen', '127.0.0.1:0', '--set', 'workers=2'],
  ]);
  await server.ready();
  const { code, stdout, stderr } = await new OakumProcess(t, [
    ...['restore', path, '--data', data, '--replace'],
  ]).exited();
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^oakum: [^\n]*\(OAK_STORE_IN_USE\)\n$/);
  server.signal('SIGTERM');
  assert.equal((await server.exited()).code, 0);
  await done(t, 'restore', path, '--data', data, '--replace');
});

test('kill -9 during a backup leaves nothing that looks like one, and the next one cleans up', async (t) => {
  const data = await site(t);
  // Takes long enough to be killed in the middle.
  mkdirSync(join(data, 'selfupdate'));
  writeFileSync(join(data, 'selfupdate', 'large.cab'), '');
  truncateSync(join(data, 'selfupdate', 'large.cab'), 96 * 1024 * 1024);
  const target = temporaryFolder(t);
  for (const stage of ['', 'oakum.db', join('selfupdate', 'large.cab')]) {
    const backup = new OakumProcess(t, ['backup', target, '--data', data]);
    await until(`it is at ${stage}`, () =>
      readdirSync(target).some((name) => existsSync(join(target, name, stage))),
    );
    backup.signal('SIGKILL');
    await backup.exited();
    const [left, ...others] = readdirSync(target);
    assert.deepEqual(others, []);
    assert.match(left, /^\.oakum-\w+\.partial$/);
    const refused = await new OakumProcess(t, [
      ...['restore', join(target, left), '--data', join(data, 'new')],
    ]).exited();
    assert.match(refused.stderr, /\(OAK_BACKUP_MISSING\)/);
  }
  const { path } = await json<BackupJson>(t, 'backup', target, '--data', data);
  assert.deepEqual(
    readdirSync(target).map((name) => join(target, name)),
    [path],
  );
});
