import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { randomUUID } from 'node:crypto';
import { Agent, type AgentOptions } from '../../src/agent/agent.ts';
import { formatHresult } from '../../src/agent/hresult.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { machineToJson, parseMachine } from '../../src/agent/machine/machine-json.ts';
import type { ExchangeReport } from '../../src/agent/soap-caller.ts';
import { loadAgent, saveAgent } from '../../src/agent/state-folder.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { parseUpdateId, type UpdateId } from '../../src/metadata/update-identity.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { approve } from '../support/store-changes.ts';
import { TempFolder } from '../support/temp-store.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** The simulated agent against the server with the sample catalogue: a whole computer's life. */

const id = (text: string): UpdateId => parseUpdateId(text)!;
const PAINT = id('08c42208-d8ed-40ec-b481-401ee33ceee4');
/** Needs a restart by itself. */
const VAULT = id('38801444-2615-4df9-83b7-d328d9ea23f9');
/** A bundle of which one member fits. */
const SCANNER = id('81dde0e4-8933-4077-8e16-5403448b328c');
const SCANNER_X64 = id('5dad100d-a7ca-4618-8ca9-32b95e543f20');
/** A bundle of three members. */
const ATLAS = id('46363347-7e92-41fe-af49-b35c6c632e1b');
const SENSOR_DRIVER = id('65852757-f19f-476b-8e2b-b146e74438c2');
const LATER = id('d866a842-c77d-45e7-ba98-0e14372cc394');

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());
await installSample(server.store.db, await openFolderContentStore(join(server.dataFolder, 'content')), {
  now: server.clock.now,
});
await decide(PAINT, VAULT, SCANNER, ATLAS, SENSOR_DRIVER);
await server.pause();
await server.resume();

async function decide(...updates: readonly UpdateId[]): Promise<void> {
  for (const updateId of updates) {
    await approve(server.store, { updateId, action: 'Install', nowMs: server.clock.now() });
  }
}

function agentOf(t: TestContext, options: Partial<AgentOptions> = {}): Agent {
  const agent = new Agent({
    server: server.url,
    profile: profile('windows-11-25h2'),
    clientId: randomUUID(),
    dnsName: 'simulated.example.com',
    now: server.clock.now,
    ...options,
  });
  t.after(() => agent[Symbol.dispose]());
  return agent;
}

interface StoredEvent {
  readonly event_id: number;
  readonly update_id: string | null;
  readonly hresult: number;
  readonly misc_data: string;
}

/** What the server's store has of a computer's events, in the order they came. */
async function eventsOf(agent: Agent, updateId?: UpdateId): Promise<StoredEvent[]> {
  const events = await server.store.db
    .selectFrom('event')
    .select(['event_id', 'update_id', 'hresult', 'misc_data'])
    .where('client_id', '=', agent.state.clientId as never)
    // As they came.
    .orderBy('rowid' as never)
    .execute();
  return events.filter((event) => updateId === undefined || event.update_id === updateId);
}

const numbers = (events: readonly StoredEvent[]): number[] => events.map((event) => event.event_id);

async function installOnly(agent: Agent, updateId: UpdateId, provoke = {}) {
  const { offered } = await agent.scan();
  const [outcome] = await agent.install(
    offered.filter((offer) => offer.updateId === updateId),
    provoke,
  );
  assert.ok(outcome, `${updateId} is not offered`);
  await agent.report();
  return outcome;
}

test('a computer gets what was approved, installs it, says so, and is not offered it again', async (t) => {
  const agent = agentOf(t);
  const found = await agent.scan();
  assert.deepEqual(
    found.offered.map((offer) => offer.updateId).toSorted(),
    [PAINT, VAULT, SCANNER, ATLAS, SENSOR_DRIVER].toSorted(),
  );
  assert.ok(found.offered.every((offer) => offer.title.startsWith('Oakum') || offer.title.includes('Vault')));
  // Neither approved nor hidden: reported as needed, and not offered.
  assert.ok(found.needed.includes(LATER));

  const outcomes = await agent.install(found.offered);
  for (const { offer, result, reason } of outcomes) {
    assert.equal(result, offer.updateId === VAULT ? 'pending-restart' : 'installed', reason);
  }
  for (const { offer, downloadedBytes } of outcomes) assert.equal(downloadedBytes, offer.downloadBytes);

  const afterwards = await agent.scan();
  assert.deepEqual(afterwards.offered, []);
  assert.ok(afterwards.installed.includes(PAINT));
  assert.ok(!afterwards.needed.includes(PAINT));
  assert.ok(afterwards.installedNonLeaf > 0);

  const queued = agent.queuedEvents.length;
  assert.equal(await agent.report(), queued);
  assert.deepEqual(numbers(await eventsOf(agent, PAINT)), [167, 162, 181, 183]);
  assert.deepEqual(numbers(await eventsOf(agent, VAULT)), [167, 162, 181, 201]);
  assert.deepEqual(
    (await eventsOf(agent, VAULT)).map(({ hresult }) => hresult),
    [0, 0, 0, 0x0024_0005],
  );
  // A bundle's result comes for the member too, which names its bundle.
  const [ofMember] = await eventsOf(agent, SCANNER_X64);
  assert.equal(ofMember.event_id, 183);
  assert.ok((JSON.parse(ofMember.misc_data) as string[]).includes(`M=${SCANNER.toUpperCase()};1`));
});

test('an update is offered after it was approved', async (t) => {
  const agent = agentOf(t);
  assert.ok(!(await agent.scan()).offered.some((offer) => offer.updateId === LATER));
  server.clock.advance(60_000);
  await decide(LATER);
  const offer = await until('the update is offered', async () =>
    (await agent.scan()).offered.find(({ updateId }) => updateId === LATER),
  );
  assert.equal(offer.action, 'install');
});

test('a computer that remembers asks less, and says the same', async (t) => {
  using folder = new TempFolder();
  const traffic = { calls: 0, bytes: 0 };
  const onExchange = ({ requestBytes, wireBytes }: ExchangeReport): void => {
    traffic.calls++;
    traffic.bytes += requestBytes + wireBytes;
  };
  const first = agentOf(t, { onExchange });
  const found = await first.scan();
  const cold = { ...traffic };
  await saveAgent(folder.path, {
    server: server.url,
    state: first.state,
    machine: machineToJson(first.machine),
    profile: 'windows-11-25h2',
    queuedEvents: first.queuedEvents,
  });
  const saved = await loadAgent(folder.path);
  assert.ok(saved);
  traffic.calls = 0;
  traffic.bytes = 0;
  const second = agentOf(t, {
    onExchange,
    clientId: saved.state.clientId,
    state: saved.state,
    machine: parseMachine(saved.machine),
    queuedEvents: saved.queuedEvents,
  });
  const again = await second.scan();
  assert.deepEqual(again.offered, found.offered);
  assert.deepEqual(again.needed.toSorted(), found.needed.toSorted());
  // One software call and the driver pass, and no handshake.
  assert.equal(again.syncUpdatesCalls, 2);
  assert.equal(traffic.calls, 2);
  assert.ok(traffic.bytes < cold.bytes / 2, `${traffic.bytes} of ${cold.bytes} bytes`);
  assert.equal(await second.report(), 4);
});

describe('an installation that does not succeed', () => {
  test('is reported with its code', async (t) => {
    const agent = agentOf(t);
    const outcome = await installOnly(agent, PAINT, { fail: { updates: 'all', hresult: 0x8007_0643 } });
    assert.deepEqual([outcome.result, formatHresult(outcome.hresult)], ['failed', '0x80070643']);
    const events = await eventsOf(agent, PAINT);
    assert.deepEqual(numbers(events), [167, 162, 181, 182]);
    assert.equal(events[3].hresult, 0x8007_0643 | 0);
    // It is offered again.
    assert.ok((await agent.scan()).offered.some((offer) => offer.updateId === PAINT));
  });

  test('is reported as cancelled when the user cancels it', async (t) => {
    const agent = agentOf(t);
    const outcome = await installOnly(agent, PAINT, { cancel: new Set([PAINT]) });
    assert.deepEqual([outcome.result, formatHresult(outcome.hresult)], ['failed', '0x8024000B']);
    assert.deepEqual(numbers(await eventsOf(agent, PAINT)), [167, 162, 181, 186]);
  });

  test('is no failure when it only needs a restart', async (t) => {
    const agent = agentOf(t);
    const outcome = await installOnly(agent, PAINT, { reboot: new Set([PAINT]) });
    assert.deepEqual([outcome.result, outcome.hresult], ['pending-restart', 0]);
    assert.deepEqual(numbers(await eventsOf(agent, PAINT)), [167, 162, 181, 201]);
  });

  test('of a publisher that is not trusted fails in the download with 0x800B0109', async (t) => {
    const agent = agentOf(t, { trusted: false });
    const outcome = await installOnly(agent, SCANNER);
    assert.deepEqual([outcome.result, formatHresult(outcome.hresult)], ['failed', '0x800B0109']);
    assert.equal(outcome.reason, 'the publisher of the payload is not trusted');
    const events = await eventsOf(agent, SCANNER);
    assert.deepEqual(numbers(events), [167, 161, 181, 182]);
    assert.deepEqual(
      events.map(({ hresult }) => formatHresult(hresult)),
      ['0x00000000', '0x800B0109', '0x00000000', '0x80246007'],
    );
    assert.deepEqual(numbers(await eventsOf(agent, SCANNER_X64)), [161, 182]);
  });

  test('for want of a file on the server fails in the download', async (t) => {
    const agent = agentOf(t);
    const { offered } = await agent.scan();
    for (const [digest, url] of agent.state.fileLocations) {
      agent.state.fileLocations.set(digest, url.replace(/[0-9A-F]{40}/, '0'.repeat(40)));
    }
    const [outcome] = await agent.install(offered.filter((offer) => offer.updateId === PAINT));
    assert.deepEqual([outcome.result, formatHresult(outcome.hresult)], ['failed', '0x80244019']);
  });
});

test('a driver is installed for the device that wants it', async (t) => {
  const agent = agentOf(t);
  const device = () =>
    agent.machine.devices.find(({ hardwareIds }) => hardwareIds.some((one) => one.includes('DEV_0050')));
  assert.notEqual(device()?.driver?.verVersion, '3.4.0.0');
  const outcome = await installOnly(agent, SENSOR_DRIVER);
  assert.equal(outcome.result, 'installed', outcome.reason);
  assert.equal(device()?.driver?.verVersion, '3.4.0.0');
  assert.ok(!(await agent.scan()).offered.some((offer) => offer.updateId === SENSOR_DRIVER));
});

test('a bundle is installed with all its members', async (t) => {
  const agent = agentOf(t);
  const outcome = await installOnly(agent, ATLAS);
  assert.equal(outcome.result, 'installed', outcome.reason);
  assert.equal(outcome.downloadedBytes, 350_208 + 901_120 + 822_272);
  const again = await agent.scan();
  assert.ok(again.installed.includes(ATLAS));
});

test('what was installed is removed again, under the numbers of removals', async (t) => {
  const agent = agentOf(t);
  await installOnly(agent, PAINT);
  const { offered } = await agent.scan();
  assert.deepEqual(
    offered.filter((offer) => offer.updateId === PAINT),
    [],
  );
  const title = agent.titleOf(PAINT) ?? '';
  const [removed] = await agent.install([
    { updateId: PAINT, revisionNumber: 1, title, action: 'uninstall', isAutomatic: true, downloadBytes: 0 },
  ]);
  assert.equal(removed.result, 'removed', removed.reason);
  assert.deepEqual(
    removed.events.map(({ eventId }) => eventId),
    [226, 222],
  );
  assert.ok((await agent.scan()).offered.some((offer) => offer.updateId === PAINT));
});

test('a computer that downloads by BITS installs the same', async (t) => {
  const agent = agentOf(t, { profile: { ...profile('windows-11-25h2'), downloader: 'bits' } });
  const outcome = await installOnly(agent, PAINT);
  assert.equal(outcome.result, 'installed', outcome.reason);
  // A HEAD besides the one piece.
  assert.equal(outcome.requests, 2);
});

test('a computer for which nothing was made is offered nothing', async (t) => {
  const found = await agentOf(t, { profile: profile('windows-7-sp1') }).scan();
  assert.deepEqual([found.offered, found.needed], [[], []]);
  assert.ok(found.cached > 0);
});
