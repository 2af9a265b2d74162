import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { ReportEventBatch, reportingService } from '../../src/protocol/wusp/reporting.ts';
import { dateTimeFromMs, type Guid } from '../../src/soap/simple-type.ts';
import { openStore } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { TestComputer } from '../support/test-computer.ts';
import { until } from '../support/until.ts';

const COMPUTERS = 8;
const REPORTERS = 48;
const clock = { now: Date.now };

interface Acknowledged {
  readonly computers: string[];
  readonly events: string[];
}

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
        ...{ NamespaceID: 1, EventID: 147, SourceID: 101, Win32HResult: 0 },
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
