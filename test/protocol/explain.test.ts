import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { explainUpdate, type ExplanationView } from '../../src/admin/explain.ts';
import { viewFindings } from '../../src/admin/findings.ts';
import { Agent } from '../../src/agent/agent.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { parseUpdateId } from '../../src/metadata/update-identity.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { readSnapshot } from '../../src/store/snapshot-reader.ts';
import { approve } from '../support/store-changes.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** What explain says while simulated computers go about their business. */

const PAINT = parseUpdateId('08c42208-d8ed-40ec-b481-401ee33ceee4')!;
const FAILURE = 0x8007_0643;

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());
const content = await openFolderContentStore(join(server.dataFolder, 'content'));
await installSample(server.store.db, content, { now: server.clock.now });

function agentOf(t: TestContext, clientId: string, dnsName: string, name = 'windows-11-25h2'): Agent {
  const agent = new Agent({
    server: server.url,
    profile: profile(name),
    clientId,
    dnsName,
    now: server.clock.now,
  });
  t.after(() => agent[Symbol.dispose]());
  return agent;
}

/** Last scans are stored some seconds after they happened, or at the end. */
async function settled(): Promise<void> {
  await server.pause();
  await server.resume();
}

async function explained(computer: string): Promise<ExplanationView> {
  await settled();
  const { db, reader } = server.store;
  const sources = {
    db,
    snapshot: readSnapshot(reader),
    content,
    targeting: 'server',
    nowMs: server.clock.now(),
  } as const;
  return explainUpdate(sources, computer, PAINT);
}

test('from "nobody approved it" to "it is installed", each step is told by its name', async (t) => {
  const clientId = randomUUID();
  const first = async (): Promise<string> => (await explained(clientId)).causes[0].code;
  assert.equal(await first(), 'computer-unknown');
  let agent = agentOf(t, clientId, 'bench.example.com');
  await agent.scan();
  await agent.report();
  assert.equal(await first(), 'not-approved');

  server.clock.advance(60_000);
  await approve(server.store, { updateId: PAINT, action: 'Install', nowMs: server.clock.now() });
  assert.equal(await first(), 'not-scanned-yet');

  server.clock.advance(60_000);
  // The server was started again, on another port.
  agent = agentOf(t, clientId, 'bench.example.com');
  const offer = await until('it is offered', async () =>
    (await agent.scan()).offered.find((one) => one.updateId === PAINT),
  );
  await agent.report();
  const offered = await explained(clientId);
  assert.deepEqual([offered.causes[0].code, offered.offeredAs], ['offered', 'Install']);

  agent = agentOf(t, clientId, 'bench.example.com');
  server.clock.advance(60_000);
  await agent.scan();
  await agent.install([offer], { fail: { updates: new Set([PAINT]), hresult: FAILURE } });
  await agent.report();
  const [failed] = (await explained(clientId)).causes;
  assert.ok(failed.code === 'failed' && failed.hresult >>> 0 === FAILURE);

  agent = agentOf(t, clientId, 'bench.example.com');
  server.clock.advance(60_000);
  const again = (await agent.scan()).offered.filter((one) => one.updateId === PAINT);
  await agent.install(again);
  server.clock.advance(60_000);
  await agent.scan();
  await agent.report();
  assert.equal(await first(), 'installed');
});

test('clones of one image are found and named', async (t) => {
  const clientId = randomUUID();
  for (const name of ['one.example.com', 'two.example.com', 'one.example.com']) {
    server.clock.advance(2 * 3_600_000);
    await agentOf(t, clientId, name).scan();
  }
  const { items: found } = await viewFindings(server.store.db, {
    kind: 'duplicate-id',
    nowMs: server.clock.now(),
    limit: 100,
  });
  assert.deepEqual(
    found.map((one) => [one.clientId, one.evidence.toSorted()]),
    [[clientId, ['one.example.com', 'two.example.com']]],
  );
  assert.ok((await explained(clientId)).causes.some((one) => one.code === 'shared-id'));
});
