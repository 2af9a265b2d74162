import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, beforeEach, describe, test, type TestContext } from 'node:test';
import { approveUpdates, removeApprovals } from '../../src/admin/approvals.ts';
import { moveComputer } from '../../src/admin/computers.ts';
import { createGroup, moveGroup } from '../../src/admin/groups.ts';
import { createRing, viewRollouts } from '../../src/admin/rings.ts';
import { runDueRings } from '../../src/admin/rollout-steps.ts';
import { resumeRollouts, startRollouts } from '../../src/admin/rollouts.ts';
import { addRule, removeRule, runRules } from '../../src/admin/rules.ts';
import { Agent } from '../../src/agent/agent.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import type { OfferedUpdate } from '../../src/agent/offered-update.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { parseUpdateId, type UpdateId } from '../../src/metadata/update-identity.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** What an administrator decides, as computers of the sample catalogue meet it. */

const PAINT = parseUpdateId('08c42208-d8ed-40ec-b481-401ee33ceee4')!;
const FAILURE = 0x8007_0643;
const caller = { name: 'test' };

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());
const { db } = server.store;
await installSample(db, await openFolderContentStore(join(server.dataFolder, 'content')), {
  now: server.clock.now,
});
const at = () => ({ nowMs: server.clock.now() });
for (const name of ['Office', 'Lab']) await createGroup(db, caller, { name, ...at() });

beforeEach(async () => {
  server.clock.advance(60_000);
  const groups = ['All Computers', 'Office', 'Lab'];
  await removeApprovals(db, caller, { updates: [PAINT], groups, ...at() });
});

/** A computer in a group that has scanned once. */
async function computerIn(t: TestContext, group: string): Promise<Agent> {
  const agent = new Agent({
    server: server.url,
    profile: profile('windows-11-25h2'),
    clientId: randomUUID(),
    dnsName: `${group.toLowerCase()}.example.com`,
    now: server.clock.now,
  });
  t.after(() => agent[Symbol.dispose]());
  await agent.scan();
  await moveComputer(db, caller, agent.state.clientId, [group], server.clock.now());
  return agent;
}

async function offerOf(agent: Agent, updateId: UpdateId): Promise<OfferedUpdate | undefined> {
  return (await agent.scan()).offered.find((offer) => offer.updateId === updateId);
}

const untilOffered = (agent: Agent, updateId = PAINT): Promise<OfferedUpdate> =>
  until('it is offered', () => offerOf(agent, updateId));

const untilGone = (agent: Agent, updateId = PAINT): Promise<boolean> =>
  until('it is offered no more', async () => (await offerOf(agent, updateId)) === undefined || undefined);

/** The deadline the computer was told. */
function deadlineOf(agent: Agent, updateId: UpdateId): string | undefined {
  const cached = [...agent.state.updates.values()].find((one) => one.updateId === updateId);
  return cached?.deployment.deadline;
}

function approve(group: string, action: 'Install' | 'NotApproved', deadlineMs?: number) {
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  return approveUpdates(db, caller, { updates: [PAINT], groups: [group], action, ...deadline, ...at() });
}

test('a computer is told the earliest deadline of its groups, and another one when it moves', async (t) => {
  const agent = await computerIn(t, 'Office');
  const day = 86_400_000;
  const now = server.clock.now();
  await approve('Office', 'Install', now + 3 * day);
  await approve('Lab', 'Install', now + 2 * day);
  await untilOffered(agent);
  const told = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
  assert.equal(deadlineOf(agent, PAINT)?.slice(0, 19), told(now + 3 * day));
  await moveComputer(db, caller, agent.state.clientId, ['Office', 'Lab'], now);
  await until('the deadline is the earlier one', async () => {
    await agent.scan();
    return deadlineOf(agent, PAINT)?.slice(0, 19) === told(now + 2 * day) || undefined;
  });
});

test('a group inherits from its parent, overrides it, and inherits from another one when it moves', async (t) => {
  const { id } = await createGroup(db, caller, { name: 'First', parent: 'Office', ...at() });
  const agent = await computerIn(t, id);
  await approve('Office', 'Install');
  await untilOffered(agent);
  await approve('First', 'NotApproved');
  await untilGone(agent);
  await removeApprovals(db, caller, { updates: [PAINT], groups: ['First'], ...at() });
  await untilOffered(agent);
  await moveGroup(db, caller, { group: 'First', parent: 'Lab', ...at() });
  await untilGone(agent);
});

test('what the dry run of a rule lists is what a computer is offered after the run', async (t) => {
  const agent = await computerIn(t, 'Lab');
  const before = (await agent.scan()).offered;
  const rule = { groups: ['Lab'], titles: ['Oakum Sample Viewer*', '*Agent*'], excludeKinds: ['superseded'] };
  await addRule(db, caller, { name: 'lab', rule, ...at() });
  t.after(() => removeRule(db, caller, { name: 'lab', ...at() }));
  const request = { names: ['lab'], ...at() };
  const told = await runRules(db, caller, { ...request, dryRun: true });
  assert.ok(told.approvals.length > 0);
  assert.deepEqual((await agent.scan()).offered, before);
  const listed = new Set<string>(told.approvals.map((one) => one.updateId));
  const { needed } = await agent.scan();
  assert.deepEqual(await runRules(db, caller, request), told);
  const expected = needed.filter((updateId) => listed.has(updateId)).toSorted();
  assert.ok(expected.length > 0);
  await until('what the rule approved is offered', async () => {
    const offered = new Set((await agent.scan()).offered.map((one) => one.updateId));
    return expected.every((updateId) => offered.has(updateId)) || undefined;
  });
  const offered = (await agent.scan()).offered.map((one) => one.updateId).filter((one) => listed.has(one));
  assert.deepEqual(offered.toSorted(), expected);
});

describe('a rollout', () => {
  test('halts at failures that computers report, withdraws its offer, and goes on when it is resumed', async (t) => {
    for (const name of ['Canary', 'Rest']) await createGroup(db, caller, { name, ...at() });
    const pilots = await Promise.all(Array.from({ length: 3 }, () => computerIn(t, 'Canary')));
    const rest = await computerIn(t, 'Rest');
    // Known to need it before anything is approved.
    for (const agent of [...pilots, rest]) {
      await agent.scan();
      await agent.report();
    }
    const ring = {
      steps: [
        { group: 'Canary', minSuccess: 0.6, maxFailure: 0.4, minResults: 1 },
        { group: 'Rest', maxFailure: 0.4 },
      ],
    };
    await createRing(db, caller, { name: 'Slow', ring, ...at() });
    await startRollouts(db, caller, { ring: 'Slow', updates: [PAINT], ...at() });
    const state = async () => (await viewRollouts(db, { update: PAINT, limit: 1, ...at() })).items[0];
    assert.equal((await state()).state, 'running');

    const [first, second, third] = pilots;
    const install = async (agent: Agent, hresult?: number): Promise<void> => {
      const offer = await untilOffered(agent);
      server.clock.advance(60_000);
      await agent.install([offer], hresult === undefined ? {} : { fail: { updates: 'all', hresult } });
      await agent.report();
      server.clock.advance(60_000);
      // The state changes with the report of the next scan.
      await agent.scan();
      await agent.report();
    };
    await install(first, FAILURE);
    await runDueRings(db, server.clock.now());
    const halted = await state();
    assert.equal(halted.state, 'halted');
    assert.deepEqual(halted.reason?.codes, [{ hresult: FAILURE | 0, computers: 1 }]);
    await untilGone(second);
    assert.equal(await offerOf(rest, PAINT), undefined);

    await resumeRollouts(db, caller, { updates: [PAINT], ...at() });
    await install(second);
    await install(third);
    await runDueRings(db, server.clock.now());
    assert.equal((await state()).steps[1].approved, true);
    await install(rest);
    await runDueRings(db, server.clock.now());
    assert.equal((await state()).state, 'finished');
  });
});
