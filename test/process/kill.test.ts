import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ReportEventBatch, reportingService } from '../../src/protocol/wusp/reporting.ts';
import { dateTimeFromMs, type Guid } from '../../src/soap/simple-type.ts';
import { openStore } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { TestComputer } from '../support/test-computer.ts';
import { until } from '../support/until.ts';

const COMPUTERS = 8;
const clock = { now: Date.now };

interface Acknowledged {
  readonly computers: string[];
  readonly events: string[];
}

/** Registers and reports until the connection breaks; notes what the server acknowledged. */
async function workUntilKilled(url: string, acknowledged: Acknowledged): Promise<void> {
  for (;;) {
    try {
      using computer = await TestComputer.registered({ url, clock });
      acknowledged.computers.push(computer.clientId);
      for (let batch = 0; batch < 3; batch++) {
        const ids = Array.from({ length: 4 }, () => randomUUID());
        const now = dateTimeFromMs(Date.now());
        await computer.client.call(reportingService, ReportEventBatch, {
          cookie: computer.cookie,
          clientTime: now,
          eventBatch: ids.map((id) => ({
            BasicData: {
              ...{ SequenceNumber: 0, TimeAtTarget: now, EventInstanceID: id as string as Guid },
              ...{ NamespaceID: 1, EventID: 147, SourceID: 101, Win32HResult: 0 },
            },
          })),
        });
        acknowledged.events.push(...ids);
      }
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE') return;
      throw error;
    }
  }
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
  const lost = [...acknowledged.computers, ...acknowledged.events].filter((id) => !known.has(id));
  assert.deepEqual(lost, []);
});
