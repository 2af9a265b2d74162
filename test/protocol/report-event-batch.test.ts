import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, beforeEach, describe, test } from 'node:test';
import {
  ReportEventBatch,
  reportingService,
  type ReportingEvent,
} from '../../src/protocol/wusp/reporting.ts';
import { FRAMING } from '../../src/soap/service.ts';
import type { Encodable } from '../../src/soap/message-type.ts';
import type { DateTime, Guid } from '../../src/soap/simple-type.ts';
import { faultOf } from '../support/soap-client.ts';
import { TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { encodeWireMessage } from '../support/wire-message.ts';

/** ReportEventBatch ([MS-WUSP] 2.2.2.3.1, 3.1.5.11). */

const NO_GUID = '00000000-0000-0000-0000-000000000000' as Guid;
const UPDATE = '0d000000-0000-4000-8000-000000000001' as Guid;

const server = await TestServer.start();
const computer = await TestComputer.registered(server);
after(async () => {
  computer[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => server.store.db.deleteFrom('event').execute());

interface EventChange {
  readonly id?: Guid;
  readonly basic?: Readonly<Record<string, unknown>>;
  readonly extended?: Readonly<Record<string, unknown>>;
}

const NOW = '2026-10-04T15:20:47.397Z' as DateTime;

function event({ id = randomUUID() as Guid, basic, extended }: EventChange = {}): Encodable<
  typeof ReportingEvent
> {
  return {
    BasicData: {
      TargetID: { Sid: computer.clientId },
      SequenceNumber: 0,
      TimeAtTarget: NOW,
      EventInstanceID: id,
      NamespaceID: 1,
      EventID: 183,
      SourceID: 101,
      UpdateID: { UpdateID: UPDATE, RevisionNumber: 101 },
      Win32HResult: -2_145_123_272,
      AppName: 'Example',
      ...basic,
    },
    ExtendedData: {
      ReplacementStrings: ['KB1 <b>&amp;'],
      MiscData: ['B=3', 'f=1', 'F=1'],
      ProcessorArchitecture: 'Amd64Compatible',
      OSVersion: {
        Major: 10,
        Minor: 0,
        Build: 26_200,
        Revision: 65_792,
        ServicePackMajor: 0,
        ServicePackMinor: 0,
      },
      OSLocaleID: 1033,
      ...extended,
    },
    PrivateData: {},
  };
}

async function report(
  ...eventBatch: readonly Encodable<typeof ReportingEvent>[]
): Promise<boolean | null | undefined> {
  const { cookie } = computer;
  const message = { cookie, clientTime: NOW, eventBatch };
  return (await computer.client.call(reportingService, ReportEventBatch, message)).ReportEventBatchResult;
}

const stored = () => server.store.db.selectFrom('event').selectAll().orderBy('event_id').execute();

async function refusals(): Promise<Record<string, number>> {
  const rows = await server.store.db.selectFrom('event_refusal').selectAll().execute();
  return Object.fromEntries(rows.map((row) => [row.code, row.events]));
}

test('true means that the whole event is on disk', async () => {
  const one = event();
  assert.equal(await report(one), true);
  const [row] = await stored();
  assert.deepEqual(
    { ...row },
    {
      instance_id: one.BasicData?.EventInstanceID,
      client_id: computer.clientId,
      namespace_id: 1,
      event_id: 183,
      source_id: 101,
      time_ms: Date.parse(NOW),
      received_ms: server.clock.ms,
      update_id: UPDATE,
      revision_number: 101,
      hresult: -2_145_123_272,
      app_name: 'Example',
      replacement_strings: '["KB1 <b>&amp;"]',
      misc_data: '["B=3","f=1","F=1"]',
    },
  );
});

test('an event about no update has none, and the spelling of the prose is understood', async () => {
  const { cookie } = computer;
  const message = encodeWireMessage(reportingService, FRAMING.agentRequest, ReportEventBatch.request, {
    cookie,
    clientTime: NOW,
    eventBatch: [
      event({ basic: { UpdateID: { UpdateID: NO_GUID, RevisionNumber: 0 }, AppName: undefined } }),
    ],
  });
  const prose = Buffer.from(message.toString().replaceAll('Win32HResult', 'Win32Hresult'));
  assert.equal((await computer.client.post(reportingService, ReportEventBatch, prose)).status, 200);
  const [row] = await stored();
  assert.deepEqual([row.update_id, row.hresult, row.app_name], [null, -2_145_123_272, '']);
});

describe('each event is stored once', () => {
  test('however often it is delivered, in one batch or in many', async () => {
    const one = event();
    assert.equal(await report(one, one), true);
    assert.equal(await report(one, event({ basic: { EventID: 181 } })), true);
    assert.deepEqual(
      (await stored()).map((row) => row.event_id),
      [181, 183],
    );
  });

  test('events without an instance id of their own are different events', async () => {
    await report(event({ id: NO_GUID }), event({ id: NO_GUID }));
    assert.equal((await stored()).length, 2);
  });
});

describe('what a client may not report', () => {
  for (const NamespaceID of [2, 0, -1]) {
    test(`events of namespace ${NamespaceID}: the batch is refused as a whole`, async () => {
      const server389 = event({ basic: { NamespaceID, EventID: 389, SourceID: 301 } });
      assert.equal(await faultOf(report(event(), server389)), 'InvalidParameters at eventBatch');
      assert.deepEqual(await stored(), []);
    });
  }

  test('events of another computer are dropped, the others kept', async () => {
    const foreign = event({ basic: { TargetID: { Sid: randomUUID() }, EventID: 1 } });
    const own = event({ basic: { TargetID: { Sid: computer.clientId.toUpperCase() }, EventID: 2 } });
    const unsaid = event({ basic: { TargetID: undefined, EventID: 3 } });
    assert.equal(await report(foreign, own, unsaid), true);
    assert.deepEqual(
      (await stored()).map((row) => [row.event_id, row.client_id]),
      [
        [2, computer.clientId],
        [3, computer.clientId],
      ],
    );
  });

  test('the value that servers used to execute is dropped; other texts stay text', async () => {
    const MiscData = [
      'Administrator=SYSTEM',
      'SynchronizationUpdateErrorsKey=<SOAP-ENV:Envelope/>',
      'B=<script>',
    ];
    assert.equal(await report(event({ extended: { MiscData } })), true);
    const [row] = await stored();
    assert.equal(row.misc_data, '["Administrator=SYSTEM","B=<script>"]');
  });

  for (const [what, change] of Object.entries({
    'a longer text': { extended: { ReplacementStrings: ['x'.repeat(262_145)] } },
    'a longer name': { basic: { AppName: 'x'.repeat(262_145) } },
    'more texts': { extended: { MiscData: Array.from({ length: 129 }, (_, index) => `k${index}=1`) } },
  })) {
    test(`${what} than any event has: the event is counted and dropped, the others kept`, async () => {
      const before = await refusals();
      assert.equal(await report(event(change), event({ basic: { EventID: 181 } })), true);
      assert.deepEqual(
        (await stored()).map((row) => row.event_id),
        [181],
      );
      assert.deepEqual(await refusals(), { OAK_EVENT_OVERSIZED: (before.OAK_EVENT_OVERSIZED ?? 0) + 1 });
    });
  }
});

test('an empty batch, and an event without any data, are answered with true', async () => {
  assert.equal(await report(), true);
  assert.equal(await report({}), true);
  assert.deepEqual(await stored(), []);
});

test('an architecture nobody has heard of does not cost the batch', async () => {
  const { cookie } = computer;
  const message = encodeWireMessage(reportingService, FRAMING.agentRequest, ReportEventBatch.request, {
    cookie,
    clientTime: NOW,
    eventBatch: [event()],
  });
  const arm = Buffer.from(message.toString().replace('Amd64Compatible', 'Arm64Compatible'));
  assert.equal((await computer.client.post(reportingService, ReportEventBatch, arm)).status, 200);
  assert.equal((await stored()).length, 1);
});

test('a batch of a thousand events is one answer', async () => {
  const batch = Array.from({ length: 1000 }, () => event());
  assert.equal(await report(...batch), true);
  assert.equal((await stored()).length, 1000);
});

test('operations that only servers call are not served', async () => {
  const { operations } = reportingService;
  for (const name of ['GetRollupConfiguration', 'RollupComputers', 'ReportEventBatch2'] as const) {
    const body =
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` +
      `<${name} xmlns="${reportingService.namespace}"/></s:Body></s:Envelope>`;
    const reply = await computer.client.post(reportingService, operations[name], Buffer.from(body));
    assert.equal(reply.status, 500);
    assert.match(reply.body.toString(), /<ErrorCode>InternalServerError<\/ErrorCode>/);
    assert.match(reply.body.toString(), /<faultactor>http:\/\/127\.0\.0\.1:\d+\/ReportingWebService\//);
  }
});
