import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { declineUpdates } from '../../src/admin/approvals.ts';
import {
  complianceSummary,
  computerCompliance,
  computerStates,
  failureTotals,
  updateCompliance,
} from '../../src/admin/compliance.ts';
import { viewEvents } from '../../src/admin/events.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import type { StateName, StatusCounts } from '../../src/fleet/status-state.ts';
import { parseUpdateId, type UpdateId } from '../../src/metadata/update-identity.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { findRevision, readDocument } from '../../src/store/imports.ts';
import { approve } from '../support/store-changes.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** What administrators see of a simulated computer while it scans, installs and reports. */

const id = (text: string): UpdateId => parseUpdateId(text)!;
const PAINT = id('08c42208-d8ed-40ec-b481-401ee33ceee4');
const ATLAS = id('46363347-7e92-41fe-af49-b35c6c632e1b');
const ATLAS_MEMBERS_FAIL = 0x8007_0643;
const CALLER = { name: 'test' };

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());
await installSample(server.store.db, await openFolderContentStore(join(server.dataFolder, 'content')), {
  now: server.clock.now,
});
for (const updateId of [PAINT, ATLAS])
  await approve(server.store, { updateId, action: 'Install', nowMs: server.clock.now() });
await server.pause();
await server.resume();
const { db } = server.store;

function agentOf(t: TestContext): Agent {
  const agent = new Agent({
    server: server.url,
    profile: profile('windows-11-25h2'),
    clientId: randomUUID(),
    dnsName: 'simulated.example.com',
    now: server.clock.now,
  });
  t.after(() => agent[Symbol.dispose]());
  return agent;
}

const countsOf = (agent: Agent): Promise<StatusCounts> => computerCompliance(db, agent.state.clientId);

async function stateOf(agent: Agent, updateId: UpdateId): Promise<StateName | undefined> {
  const { items: states } = await computerStates(db, agent.state.clientId, { limit: 1_000 });
  return states.find((one) => one.updateId === updateId)?.state;
}

async function scanAndReport(agent: Agent) {
  server.clock.advance(60_000);
  const report = await agent.scan();
  await agent.report();
  return report;
}

test('a computer moves from unknown to needed to installed as it reports, and the sums with it', async (t) => {
  const agent = agentOf(t);
  server.clock.advance(1_000);
  await agent.scan();
  const { updates } = await complianceSummary(db, {}, 'server');
  const before = await countsOf(agent);
  assert.deepEqual(before, {
    unknown: updates,
    ...{ notApplicable: 0, needed: 0, downloaded: 0, installed: 0, failed: 0, pendingReboot: 0 },
  });

  await agent.report();
  const found = await scanAndReport(agent);
  const needed = await countsOf(agent);
  assert.deepEqual(
    [needed.unknown, needed.needed, needed.installed],
    [0, found.needed.length, found.installed.length],
  );
  assert.equal(needed.notApplicable, updates - found.needed.length - found.installed.length);

  await agent.install(found.offered.filter((offer) => offer.updateId === PAINT));
  await agent.report();
  // An installation is history until the next report of states says it.
  assert.equal(await stateOf(agent, PAINT), 'needed');
  await scanAndReport(agent);
  assert.equal(await stateOf(agent, PAINT), 'installed');
  const counts = await countsOf(agent);
  assert.deepEqual([counts.needed, counts.installed], [needed.needed - 1, needed.installed + 1]);
  assert.ok((await updateCompliance(db, PAINT)).installed >= 1);
  const { items: events } = await viewEvents(db, {
    computer: agent.state.clientId,
    update: PAINT,
    limit: 10,
  });
  assert.deepEqual(
    events.map((event) => event.event),
    ['installation succeeded', 'installation started', 'download succeeded', 'download started'],
  );
});

test('a failure has its code, outlives scans that still need the update, and ends when it is installed', async (t) => {
  const agent = agentOf(t);
  const { offered } = await scanAndReport(agent);
  const atlas = offered.filter((offer) => offer.updateId === ATLAS);
  server.clock.advance(1_000);
  await agent.install(atlas, { fail: { updates: 'all', hresult: ATLAS_MEMBERS_FAIL } });
  await agent.report();
  const failed = async () => {
    const { items: states } = await computerStates(db, agent.state.clientId, {
      states: ['failed'],
      limit: 10,
    });
    return states.map((one) => [one.updateId, one.result?.name]);
  };
  // The bundle, and none of its members.
  assert.deepEqual(await failed(), [[ATLAS, 'ERROR_INSTALL_FAILURE']]);
  const [code] = await failureTotals(db);
  assert.deepEqual([code.hex, code.computers, code.updates], ['0x80070643', 1, 1]);

  await scanAndReport(agent);
  assert.deepEqual(await failed(), [[ATLAS, 'ERROR_INSTALL_FAILURE']]);
  server.clock.advance(1_000);
  await agent.install(atlas);
  await scanAndReport(agent);
  assert.equal(await stateOf(agent, ATLAS), 'installed');
  assert.deepEqual(await failureTotals(db), []);
});

test('an installation that waits for a restart is history, and installed when a scan finds it so', async (t) => {
  const agent = agentOf(t);
  const { offered } = await scanAndReport(agent);
  server.clock.advance(1_000);
  await agent.install(
    offered.filter((offer) => offer.updateId === PAINT),
    { reboot: new Set([PAINT]) },
  );
  await agent.report();
  assert.equal(await stateOf(agent, PAINT), 'needed');
  const {
    items: [pending],
  } = await viewEvents(db, {
    computer: agent.state.clientId,
    event: 'installation pending',
    limit: 1,
  });
  assert.deepEqual([pending.updateId, pending.result.name], [PAINT, 'WU_S_REBOOT_REQUIRED']);
  await scanAndReport(agent);
  assert.equal(await stateOf(agent, PAINT), 'installed');
});

test('a declined update leaves every count; undeclined it is unknown until the next scan', async (t) => {
  const agent = agentOf(t);
  await scanAndReport(agent);
  const before = await countsOf(agent);
  const decide = async (declined: boolean): Promise<void> => {
    server.clock.advance(1_000);
    await declineUpdates(db, CALLER, { updates: [ATLAS], declined, nowMs: server.clock.ms });
  };
  await decide(true);
  assert.deepEqual(await countsOf(agent), { ...before, needed: before.needed - 1 });
  await assert.rejects(updateCompliance(db, ATLAS), { code: 'OAK_UPDATE_DECLINED' });

  await decide(false);
  assert.deepEqual(await countsOf(agent), { ...before, unknown: 1, needed: before.needed - 1 });
  await until('the server offers it again', async () => {
    await scanAndReport(agent);
    return (await stateOf(agent, ATLAS)) === 'needed';
  });
  assert.deepEqual(await countsOf(agent), before);
  await approve(server.store, { updateId: ATLAS, action: 'Install', nowMs: server.clock.now() });
});

test('a new revision takes the place of the old one with every computer, under the same approval', async (t) => {
  const agent = agentOf(t);
  const before = await scanAndReport(agent);
  const old = before.offered.find((offer) => offer.updateId === PAINT)!;
  const counts = await countsOf(agent);
  const next = await newRevision(PAINT, old.revisionNumber);
  const offered = await until('the new revision is offered', async () => {
    const report = await scanAndReport(agent);
    const offer = report.offered.find((one) => one.updateId === PAINT);
    return offer?.revisionNumber === next && offer;
  });
  assert.equal(await stateOf(agent, PAINT), 'needed');
  assert.deepEqual(await countsOf(agent), counts);
  await agent.install([offered]);
  await scanAndReport(agent);
  assert.equal(await stateOf(agent, PAINT), 'installed');
  assert.deepEqual(await countsOf(agent), {
    ...counts,
    needed: counts.needed - 1,
    installed: counts.installed + 1,
  });
});

/** Imports the same document with the next revision number. */
async function newRevision(updateId: UpdateId, revisionNumber: number): Promise<number> {
  const found = await findRevision(db, { updateId, revisionNumber });
  const document = await readDocument(db, found!.revisionId);
  const next = revisionNumber + 1;
  const text = document!.toString().replace(`RevisionNumber="${revisionNumber}"`, `RevisionNumber="${next}"`);
  await server.import([Buffer.from(text)]);
  return next;
}
