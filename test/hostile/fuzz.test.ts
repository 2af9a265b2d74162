import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  clientService,
  GetConfig,
  GetCookie,
  GetExtendedUpdateInfo,
  GetExtendedUpdateInfo2,
  GetFileLocations,
  RefreshCache,
  RegisterComputer,
  StartCategoryScan,
  SyncPrinterCatalog,
  SyncUpdates,
} from '../../src/protocol/wusp/client.ts';
import { ReportEventBatch, reportingService } from '../../src/protocol/wusp/reporting.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import { FRAMING, soapAction, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { dateTimeFromMs } from '../../src/soap/simple-type.ts';
import { xpressEncode } from '../../src/soap/xpress.ts';
import { capturedExchange } from '../support/captured-exchange.ts';
import { fixturesFolder } from '../support/fixtures.ts';
import { mutate, mutations } from '../support/mutations.ts';
import { REVISION_NUMBER, SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { agentFields } from '../support/soap-client.ts';
import { COMPUTER_INFO, TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { encodeWireMessage } from '../support/wire-message.ts';

/** Requests that were good until something changed them never bring the server out of its composure. */

const server = await TestServer.start({ documents: sampleDocuments() });
const computer = await TestComputer.registered(server);
after(async () => {
  computer[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

interface Request {
  readonly path: string;
  readonly action: string;
  readonly body: Buffer;
}

const NOW = dateTimeFromMs(server.clock.ms);
const identity = { UpdateID: SAMPLE.bundle, RevisionNumber: REVISION_NUMBER };
const { cookie, authorization, lastChange } = computer;

function own(
  service: ServiceDeclaration,
  operation: Operation,
  message: Readonly<Record<string, unknown>>,
): Request {
  return {
    path: service.path,
    action: soapAction(service, operation.name),
    body: encodeWireMessage(service, FRAMING.agentRequest, operation.request, message),
  };
}

const OWN: readonly Request[] = [
  own(clientService, GetConfig, { protocolVersion: '2.90' }),
  own(simpleAuthService, GetAuthorizationCookie, { clientId: computer.clientId, dnsName: 'pc-1' }),
  own(clientService, GetCookie, {
    ...{ authCookies: [authorization], oldCookie: cookie, lastChange, currentTime: NOW },
    protocolVersion: '2.90',
  }),
  own(clientService, RegisterComputer, { cookie, computerInfo: COMPUTER_INFO }),
  own(clientService, StartCategoryScan, {
    requestedCategories: [{ IndexOfAndGroup: 0, CategoryId: SAMPLE.product }],
  }),
  own(clientService, SyncUpdates, {
    cookie,
    parameters: {
      ...{ ExpressQuery: false, InstalledNonLeafUpdateIDs: [1, 2, 3], OtherCachedUpdateIDs: [8, 9] },
      ...{ SkipSoftwareSync: false, FilterCategoryIds: [{ Id: SAMPLE.product }] },
    },
  }),
  own(clientService, SyncUpdates, {
    cookie,
    parameters: {
      ...{ ExpressQuery: false, SkipSoftwareSync: true, FeatureScoreMatchingKey: 'AMD64.10.0' },
      SystemSpec: [{ HardwareIDs: ['PCI\\VEN_1234&DEV_0001'], CompatibleIDs: ['PCI\\CC_02'] }],
      ComputerSpec: { HardwareIDs: [SAMPLE.product] },
    },
  }),
  own(clientService, SyncPrinterCatalog, { cookie, installedNonLeafUpdateIDs: [1], printerUpdateIDs: [2] }),
  own(clientService, RefreshCache, { cookie, globalIDs: [identity] }),
  own(clientService, GetExtendedUpdateInfo, {
    ...{ cookie, revisionIDs: [7, 8], infoTypes: ['Extended', 'LocalizedProperties', 'Eula'] },
    ...{ locales: ['en'], GeoId: 'USA' },
  }),
  own(clientService, GetExtendedUpdateInfo2, {
    ...{ cookie, updateIDs: [identity], infoTypes: ['FileUrl', 'FileDecryption', 'Core'] },
  }),
  own(clientService, GetFileLocations, { cookie, fileDigests: [Buffer.alloc(20)] }),
  own(reportingService, ReportEventBatch, {
    ...{ cookie, clientTime: NOW },
    eventBatch: [
      {
        BasicData: {
          ...{ TargetID: { Sid: computer.clientId }, SequenceNumber: 0, TimeAtTarget: NOW },
          ...{ EventInstanceID: SAMPLE.bundle, NamespaceID: 1, EventID: 147, SourceID: 101 },
          ...{ UpdateID: identity, Win32HResult: 0, AppName: 'Example' },
        },
        ExtendedData: {
          ...{ ReplacementStrings: ['1'], MiscData: ['B=3'], ProcessorArchitecture: 'Amd64Compatible' },
          OSVersion: {
            ...{ Major: 10, Minor: 0, Build: 26_200, Revision: 0, ServicePackMajor: 0, ServicePackMinor: 0 },
          },
          OSLocaleID: 1033,
        },
      },
    ],
  }),
];

/** What a real agent sent, with a cookie that is good here. */
const CAPTURED: readonly Request[] =
  fixturesFolder === undefined
    ? []
    : ([1, 2, 3, 4, 5, 6, 9, 10] as const).map((number) => {
        const { path, requestFields, requestBody } = capturedExchange('scan', number);
        const sealed = `<EncryptedData>${cookie?.EncryptedData?.toString('base64')}</EncryptedData></cookie>`;
        return {
          path,
          action: requestFields.find(([name]) => name === 'SOAPAction')?.[1] ?? '',
          body: Buffer.from(requestBody.replace(/<EncryptedData>[^<]*<\/EncryptedData><\/cookie>/, sealed)),
        };
      });

const requests = fc.constantFrom(...OWN, ...CAPTURED);
const codings = fc.constantFrom(undefined, undefined, undefined, 'xpress', 'gzip');

/** 200, a refusal, or a fault with everything a client needs to recover; nothing that was not foreseen. */
function assertComposed(status: number, body: string): void {
  if (status === 500) {
    assert.match(body, /<ErrorCode>\w+<\/ErrorCode><Message>[^<]*<\/Message><ID>[0-9a-f-]{36}<\/ID>/);
    assert.doesNotMatch(body, /node:|\.ts:|\bat \w+ \(|Error:/);
  } else if (status !== 200) assert.match(body, /^OAK_\w+: /);
  assert.ok([200, 400, 404, 405, 408, 413, 415, 431, 500].includes(status), `${status} ${body}`);
  const unforeseen = server.log.splice(0).filter((line) => line.level >= 50);
  assert.deepEqual(unforeseen, []);
}

test('a message that was changed is answered, refused or faulted', async () => {
  await fc.assert(
    fc.asyncProperty(requests, mutations, codings, async ({ path, action, body }, changes, coding) => {
      const changed = mutate(body, changes);
      const sent =
        coding === 'gzip' ? gzipSync(changed) : coding === 'xpress' ? xpressEncode(changed) : changed;
      const fields = agentFields(action, sent.length, 'pc');
      if (coding !== undefined) fields.push(['Content-Encoding', coding]);
      const reply = await computer.client.send(path, { fields, body: sent });
      assertComposed(reply.status, reply.body.toString());
    }),
    { numRuns: 500 },
  );
});

test('compressed bytes that were changed are answered, refused or faulted', async () => {
  const packed = fc.constantFrom(['xpress', xpressEncode] as const, ['gzip', gzipSync] as const);
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(
      requests,
      packed,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async ({ path, action, body }, [coding, pack], changes) => {
        const sent = Buffer.from(pack(body));
        for (const { at, byte } of changes) sent[at % sent.length] = byte;
        const fields = [...agentFields(action, sent.length, 'pc'), ['Content-Encoding', coding] as const];
        const reply = await computer.client.send(path, { fields, body: sent });
        assertComposed(reply.status, reply.body.toString());
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes of a whole request that were changed end in an answer or the end of the connection', async () => {
  const change = fc.record({
    at: fc.nat(),
    insert: fc.string({ unit: 'binary', maxLength: 3 }),
    length: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async ({ path, action, body }, changes) => {
        const head = agentFields(action, body.length, 'pc').map(([name, value]) => `${name}: ${value}\r\n`);
        let bytes = `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`;
        for (const { at, insert, length } of changes) {
          const start = at % bytes.length;
          bytes = bytes.slice(0, start) + insert + bytes.slice(start + length);
        }
        const socket = connect(server.port, '127.0.0.1');
        let received = '';
        socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
        // Whatever is left unsaid will not come: the server must not wait for it.
        socket.on('error', () => undefined);
        socket.end(Buffer.concat([Buffer.from(bytes, 'latin1'), body]));
        await once(socket, 'close');
        const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1] ?? 400);
        assert.ok([200, 400, 404, 405, 408, 413, 415, 417, 431, 500].includes(status), received);
        assert.deepEqual(
          server.log.splice(0).filter((line) => line.level >= 50),
          [],
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('after all that a computer scans as before', async () => {
  using other = await TestComputer.registered(server);
  assert.equal((await other.scan()).flat().length, 10);
});
