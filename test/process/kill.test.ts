import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { sql } from 'kysely';
import {
  ReportEventBatch,
  reportingService,
  type ReportingEvent,
} from '../../src/protocol/wusp/reporting.ts';
import type { Encodable } from '../../src/soap/message-type.ts';
import { dateTimeFromMs, type Guid } from '../../src/soap/simple-type.ts';
import { importDocuments } from '../../src/import/importer.ts';
import { openStore } from '../../src/store/open-store.ts';
import { listStatesOfComputer } from '../../src/store/status-lists.ts';
import { readComputerCounts } from '../../src/store/status-summaries.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { REVISION_NUMBER, SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';
import { TestComputer } from '../support/test-computer.ts';
import { until } from '../support/until.ts';

const COMPUTERS = 8;
const REPORTERS = 48;
const clock = { now: Date.now };

interface Acknowledged {
  readonly computers: string[];
  readonly events: string[];
}

/** What nobody has: of events about nothing only the latest would be kept. */
const NO_SUCH_UPDATE = '0d000000-0000-4000-8000-000000000001' as Guid;

/** Reports four events; notes them once the server answered true. */
async function report(computer: TestComputer, acknowledged: Acknowledged): Promise<void> {
  const ids = Array.from({ length: 4 }, () => randomUUID());
  const now = dateTimeFromMs(Date.now());
  const { ReportEventBatchResult } = await computer.client.call(reportingService, ReportEventBatch, {
    cookie: computer.cookie,
    clientTime: now,
    eventBatch: ids.map((id) => ({
      BasicData: {
        ...{ SequenceNumber: 0, TimeAtTarget: now, EventInstanceID: id as string as Guid },
        ...{ NamespaceID: 1, EventID: 183, SourceID: 101, Win32HResult: 0 },
        UpdateID: { UpdateID: NO_SUCH_UPDATE, RevisionNumber: 1 },
      },
    })),
  });
  assert.equal(ReportEventBatchResult, true);
  acknowledged.events.push(...ids);
}

/** Does some work again and again until the connection breaks. */
async function untilKilled(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE') return;
      throw error;
    }
  }
}

/** Registers and reports until the connection breaks; notes what the server acknowledged. */
function workUntilKilled(url: string, acknowledged: Acknowledged): Promise<void> {
  return untilKilled(async () => {
    using computer = await TestComputer.registered({ url, clock });
    acknowledged.computers.push(computer.clientId);
    for (let batch = 0; batch < 3; batch++) await report(computer, acknowledged);
  });
}

test('what was acknowledged before kill -9 is there afterwards', async (t) => {
  const dataFolder = temporaryFolder(t);
  const args = ['serve', '--data', dataFolder, '--listen', '127.0.0.1:0'];
  const server = new OakumProcess(t, args);
  const url = await server.ready();
  const acknowledged: Acknowledged = { computers: [], events: [] };
  const workers = Array.from({ length: COMPUTERS }, () => workUntilKilled(url, acknowledged));
  await until('there is something to lose', () => acknowledged.events.length >= 150);
  server.signal('SIGKILL');
  await Promise.all(workers);
  await server.exited();

  const again = new OakumProcess(t, args);
  await again.ready();
  assert.deepEqual(await missing(t, dataFolder, acknowledged), []);
});

test('what was acknowledged while many report at once is there after kill -9', async (t) => {
  const dataFolder = temporaryFolder(t);
  const args = ['serve', '--data', dataFolder, '--listen', '127.0.0.1:0'];
  const server = new OakumProcess(t, args);
  const url = await server.ready();
  const acknowledged: Acknowledged = { computers: [], events: [] };
  const computers = await Promise.all(
    Array.from({ length: REPORTERS }, () => TestComputer.registered({ url, clock })),
  );
  t.after(() => computers.forEach((computer) => computer[Symbol.dispose]()));
  const reporters = computers.map((computer) => untilKilled(() => report(computer, acknowledged)));
  await until('commits of many batches are under way', () => acknowledged.events.length >= 2_000);
  server.signal('SIGKILL');
  await Promise.all(reporters);
  await server.exited();
  assert.deepEqual(await missing(t, dataFolder, acknowledged), []);
});

/** One computer's life: each step reports another state of one update, together with an event that tells of it. */
async function fail(computer: TestComputer, step: number, acknowledged: Map<string, number>): Promise<void> {
  const now = dateTimeFromMs(Date.now());
  const event = (
    EventID: number,
    Win32HResult: number,
    UpdateID?: object,
    MiscData: readonly string[] = [],
  ) =>
    ({
      BasicData: {
        ...{ SequenceNumber: 0, TimeAtTarget: now, EventInstanceID: randomUUID() as string as Guid },
        ...{ NamespaceID: 1, EventID, SourceID: 101, Win32HResult, UpdateID },
      },
      ExtendedData: {
        MiscData,
        ProcessorArchitecture: 'Amd64Compatible',
        OSVersion: { ...{ Major: 10, Minor: 0, Build: 26_200, Revision: 0 }, ...SERVICE_PACK },
        OSLocaleID: 1033,
      },
    }) as Encodable<typeof ReportingEvent>;
  const update = { UpdateID: SAMPLE.standalone, RevisionNumber: REVISION_NUMBER };
  // Installed with one step, failed with the next: the state says which step came last.
  const eventBatch =
    step % 2 === 0
      ? [event(183, step, update), event(156, 0, undefined, [`V=${SAMPLE.standalone.toUpperCase()}`])]
      : [event(182, step, update)];
  const { ReportEventBatchResult } = await computer.client.call(reportingService, ReportEventBatch, {
    cookie: computer.cookie,
    clientTime: now,
    eventBatch,
  });
  assert.equal(ReportEventBatchResult, true);
  acknowledged.set(computer.clientId, step);
}

const SERVICE_PACK = { ServicePackMajor: 0, ServicePackMinor: 0 };

test('after kill -9 states, events and sums tell of the same step', async (t) => {
  const dataFolder = temporaryFolder(t);
  const empty = await openStore({ dataFolder, now: Date.now });
  await importDocuments(empty.db, sourcesOf(sampleDocuments()), { source: 'test', now: Date.now });
  await empty.close();
  const server = new OakumProcess(t, ['serve', '--data', dataFolder, '--listen', '127.0.0.1:0']);
  const url = await server.ready();
  const acknowledged = new Map<string, number>();
  const computers = await Promise.all(
    Array.from({ length: COMPUTERS }, () => TestComputer.registered({ url, clock })),
  );
  t.after(() => computers.forEach((computer) => computer[Symbol.dispose]()));
  const reporters = computers.map((computer) => {
    let step = 0;
    return untilKilled(() => fail(computer, ++step, acknowledged));
  });
  await until('every computer is in the middle of it', () =>
    computers.every(({ clientId }) => (acknowledged.get(clientId) ?? 0) >= 20),
  );
  server.signal('SIGKILL');
  await Promise.all(reporters);
  await server.exited();

  const store = await openStore({ dataFolder, now: Date.now });
  t.after(() => store.close());
  for (const { clientId } of computers) {
    const { rows } = await sql<{ step: number }>`
      SELECT max(hresult) AS step FROM event WHERE client_id = ${clientId}`.execute(store.db);
    const [{ step }] = rows;
    assert.ok(step >= acknowledged.get(clientId)!, `${clientId} is at ${step}`);
    const counts = await readComputerCounts(store.db, clientId);
    assert.deepEqual([counts?.installed, counts?.failed], step % 2 === 0 ? [1, 0] : [0, 1]);
    const { items: states } = await listStatesOfComputer(store.db, clientId, {
      limit: 10,
      states: ['failed'],
    });
    assert.deepEqual(
      states.map((one) => [one.updateId, one.hresult]),
      step % 2 === 0 ? [] : [[SAMPLE.standalone, step]],
    );
  }
});

/** What was acknowledged and is not in the store. */
async function missing(
  t: TestContext,
  dataFolder: string,
  acknowledged: Acknowledged,
): Promise<readonly string[]> {
  const store = await openStore({ dataFolder, now: Date.now });
  t.after(() => store.close());
  const registered = await store.db
    .selectFrom('computer')
    .select('client_id')
    .where('registered_ms', 'is not', null)
    .where('os_build', '=', 26_200)
    .execute();
  const events = await store.db.selectFrom('event').select('instance_id').execute();
  const known = new Set([...registered.map((row) => row.client_id), ...events.map((row) => row.instance_id)]);
  return [...acknowledged.computers, ...acknowledged.events].filter((id) => !known.has(id));
}
