import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  clientService,
  GetConfig,
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
import { FRAMING, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { dateTimeFromMs } from '../../src/soap/simple-type.ts';
import { SAMPLE, sampleDocuments, REVISION_NUMBER } from '../support/sample-catalogue.ts';
import { SoapFault } from '../support/soap-client.ts';
import { changeIdentity } from '../support/store-changes.ts';
import { COMPUTER_INFO, TestComputer, type WireCookie } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { encodeWireMessage } from '../support/wire-message.ts';

/** What each operation refuses ([MS-WUSP] 3.1.5.2 to 3.1.5.12; GetCookie has a file of its own). */

type Message = Readonly<Record<string, unknown>>;

interface Call {
  readonly service: ServiceDeclaration;
  readonly operation: Operation;
  /** A message that is accepted, the cookie aside. */
  readonly message: Message;
}

const NOW = dateTimeFromMs(Date.UTC(2026, 9, 4));
const identity = { UpdateID: SAMPLE.company, RevisionNumber: REVISION_NUMBER };
const event = {
  BasicData: {
    SequenceNumber: 0,
    TimeAtTarget: NOW,
    EventInstanceID: '11111111-2222-4333-8444-555555555555',
    NamespaceID: 1,
    EventID: 147,
    SourceID: 101,
    Win32HResult: 0,
  },
};
const parameters = { ExpressQuery: false, SkipSoftwareSync: false };

const client = (operation: Operation, message: Message): Call => ({
  service: clientService,
  operation,
  message,
});

const WITH_COOKIE: readonly Call[] = [
  client(RegisterComputer, { computerInfo: COMPUTER_INFO }),
  client(SyncUpdates, { parameters }),
  client(SyncPrinterCatalog, { installedNonLeafUpdateIDs: [], printerUpdateIDs: [] }),
  client(RefreshCache, { globalIDs: [identity] }),
  client(GetExtendedUpdateInfo, { revisionIDs: [1], infoTypes: ['Extended'] }),
  client(GetExtendedUpdateInfo2, { updateIDs: [identity], infoTypes: ['Extended'] }),
  client(GetFileLocations, { fileDigests: [Buffer.alloc(20)] }),
  {
    service: reportingService,
    operation: ReportEventBatch,
    message: { clientTime: NOW, eventBatch: [event] },
  },
];

const server = await TestServer.start({ documents: sampleDocuments() });
const computer = await TestComputer.registered(server);
after(async () => {
  computer[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const encode = ({ service, operation }: Call, message: Message): Buffer =>
  encodeWireMessage(service, FRAMING.agentRequest, operation.request, message);

async function answer({ service, operation }: Call, bytes: Buffer): Promise<string> {
  const reply = await computer.client.post(service, operation, bytes);
  if (reply.status === 200) return 'answered';
  const fault = new SoapFault(reply);
  return fault.parameter === '' ? fault.errorCode : `${fault.errorCode} at ${fault.parameter}`;
}

describe('an operation that takes a cookie', () => {
  for (const call of WITH_COOKIE) {
    const { name } = call.operation;
    const send = (cookie: WireCookie | null | undefined): Promise<string> =>
      answer(call, encode(call, { cookie, ...call.message }));

    test(`${name}: answers when it is good`, async () => {
      assert.equal(await send(computer.cookie), 'answered');
    });

    test(`${name}: InvalidCookie when it is missing, nil, empty, damaged or of another kind`, async () => {
      const good = computer.cookie;
      const damaged = Buffer.from(good?.EncryptedData ?? []);
      damaged[damaged.length - 1] ^= 0x80;
      const bad: readonly (WireCookie | null | undefined)[] = [
        undefined,
        null,
        { Expiration: NOW },
        { Expiration: NOW, EncryptedData: Buffer.alloc(0) },
        { Expiration: NOW, EncryptedData: damaged },
        { Expiration: NOW, EncryptedData: computer.authorization?.CookieData },
      ];
      for (const cookie of bad) assert.equal(await send(cookie), 'InvalidCookie');
      const notBase64 = encode(call, { cookie: good, ...call.message })
        .toString()
        .replace('<EncryptedData>', '<EncryptedData>*');
      assert.equal(await answer(call, Buffer.from(notBase64)), 'InvalidCookie');
    });

    test(`${name}: looks at the cookie before anything else, wherever it stands`, async () => {
      const cookie = { Expiration: NOW, EncryptedData: Buffer.from('forged') };
      const text = encode(call, { cookie, ...call.message }).toString();
      const cookieMarkup = /<cookie>.*<\/cookie>/.exec(text)?.[0] ?? '';
      // What cannot be decoded comes first in both messages; the fault must still be about the cookie.
      const rest = Object.keys(call.message).map((field) => `<${field}><int>x</int>x</${field}>`);
      const end = `</${name}>`;
      for (const children of [rest.join('') + cookieMarkup, cookieMarkup + rest.join('')]) {
        const start = text.slice(0, text.indexOf('<cookie>'));
        const bad = Buffer.from(`${start}${children}${text.slice(text.lastIndexOf(end))}`);
        assert.equal(await answer(call, bad), 'InvalidCookie');
      }
    });
  }

  test('CookieExpired when it has expired, whatever the operation', async () => {
    const expired = computer.cookie;
    server.clock.advance(3_600_000);
    for (const call of WITH_COOKIE)
      assert.equal(await answer(call, encode(call, { cookie: expired, ...call.message })), 'CookieExpired');
    await computer.getCookie();
  });

  test('ServerChanged when it is of an earlier identity, whatever the operation', async () => {
    const { cookie } = computer;
    await changeIdentity(server.store);
    await until('the server notices', async () => {
      const [call] = WITH_COOKIE;
      return (await answer(call, encode(call, { cookie, ...call.message }))) === 'ServerChanged';
    });
    for (const call of WITH_COOKIE)
      assert.equal(await answer(call, encode(call, { cookie, ...call.message })), 'ServerChanged');
    computer.cookie = undefined;
    await computer.handshake();
  });
});

describe('InvalidParameters', () => {
  const long = (length: number): string => 'x'.repeat(length);
  const refused: readonly (readonly [Operation, name: string, Message, parameter: string])[] = [
    ...[undefined, null, '', '1', '1.2.3', 'x'].map(
      (protocolVersion) =>
        [GetConfig, `protocolVersion ${protocolVersion}`, { protocolVersion }, 'protocolVersion'] as const,
    ),
    ...[undefined, null, '', 'an id', 'ä', '{0}', long(256), '../x'].map(
      (clientId) =>
        [
          GetAuthorizationCookie,
          `clientId ${clientId?.slice(0, 8)}`,
          { clientId, dnsName: 'pc-1' },
          'clientId',
        ] as const,
    ),
    ...[
      undefined,
      null,
      '',
      '.',
      'pc 1',
      'pc..example',
      '-pc',
      `${long(64)}.com`,
      `pc.${'x.'.repeat(150)}`,
    ].map(
      (dnsName) =>
        [
          GetAuthorizationCookie,
          `dnsName ${dnsName?.slice(0, 12)}`,
          { clientId: 'a', dnsName },
          'dnsName',
        ] as const,
    ),
    [
      GetAuthorizationCookie,
      'group names without end',
      { clientId: 'a', dnsName: 'pc-1', targetGroupName: long(1025) },
      'targetGroupName',
    ],
    [RegisterComputer, 'no computerInfo', {}, 'computerInfo'],
    [StartCategoryScan, 'no requestedCategories', {}, 'requestedCategories'],
    [
      StartCategoryScan,
      '200 categories',
      {
        requestedCategories: Array.from({ length: 200 }, (_, index) => ({
          IndexOfAndGroup: index,
          CategoryId: SAMPLE.product,
        })),
      },
      'requestedCategories',
    ],
    [SyncUpdates, 'no parameters', {}, 'parameters'],
    [
      SyncUpdates,
      'a SystemSpec in the software pass',
      { parameters: { ...parameters, SystemSpec: [] } },
      'parameters.SystemSpec',
    ],
    [RefreshCache, 'no globalIDs', {}, 'globalIDs'],
    [GetExtendedUpdateInfo, 'no revisionIDs', { infoTypes: ['Extended'] }, 'revisionIDs'],
    [
      GetExtendedUpdateInfo,
      '51 revisions',
      { revisionIDs: Array.from({ length: 51 }, () => 1), infoTypes: ['Extended'] },
      'revisionIDs',
    ],
    [GetExtendedUpdateInfo, 'no infoTypes', { revisionIDs: [1] }, 'infoTypes'],
    [GetExtendedUpdateInfo, 'empty infoTypes', { revisionIDs: [1], infoTypes: [] }, 'infoTypes'],
    ...['LocalizedProperties', 'Eula'].map(
      (type) =>
        [
          GetExtendedUpdateInfo,
          `${type} without locales`,
          { revisionIDs: [1], infoTypes: ['Extended', type] },
          'locales',
        ] as const,
    ),
    [GetExtendedUpdateInfo2, 'no updateIDs', { infoTypes: ['Extended'] }, 'updateIDs'],
    [
      GetExtendedUpdateInfo2,
      '51 updates',
      { updateIDs: Array.from({ length: 51 }, () => identity), infoTypes: ['Extended'] },
      'updateIDs',
    ],
    [GetExtendedUpdateInfo2, 'no infoTypes', { updateIDs: [identity] }, 'infoTypes'],
    [
      GetExtendedUpdateInfo2,
      'LocalizedProperties without locales',
      { updateIDs: [identity], infoTypes: ['LocalizedProperties'] },
      'locales',
    ],
    [GetFileLocations, 'no fileDigests', {}, 'fileDigests'],
    [GetFileLocations, 'a digest of 19 bytes', { fileDigests: [Buffer.alloc(19)] }, 'fileDigests'],
    [GetFileLocations, 'a digest of 32 bytes', { fileDigests: [Buffer.alloc(32)] }, 'fileDigests'],
    [ReportEventBatch, 'no eventBatch', { clientTime: NOW }, 'eventBatch'],
  ];
  for (const [operation, name, message, parameter] of refused) {
    test(`${operation.name}: ${name}`, async () => {
      const service =
        [simpleAuthService, reportingService].find((one) => Object.hasOwn(one.operations, operation.name)) ??
        clientService;
      const call = { service, operation, message };
      const takesCookie = Object.hasOwn(operation.request.fields, 'cookie');
      const bytes = encode(call, takesCookie ? { cookie: computer.cookie, ...message } : message);
      assert.equal(await answer(call, bytes), `InvalidParameters at ${parameter}`);
    });
  }

  // The encoder does not write these.
  const misshapen: readonly (readonly [Operation, markup: string, parameter: string])[] = [
    [ReportEventBatch, '<eventBatch/>', 'clientTime'],
    [ReportEventBatch, '<clientTime>yesterday</clientTime><eventBatch/>', 'clientTime'],
    [
      SyncUpdates,
      '<parameters><SkipSoftwareSync>maybe</SkipSoftwareSync></parameters>',
      'parameters.SkipSoftwareSync',
    ],
    [
      SyncUpdates,
      '<parameters><InstalledNonLeafUpdateIDs><int>one</int></InstalledNonLeafUpdateIDs></parameters>',
      'parameters.InstalledNonLeafUpdateIDs',
    ],
    [
      SyncUpdates,
      '<parameters><FilterCategoryIds><CategoryIdentifier><Id>7</Id></CategoryIdentifier></FilterCategoryIds></parameters>',
      'parameters.FilterCategoryIds.Id',
    ],
    [
      GetExtendedUpdateInfo,
      '<revisionIDs/><infoTypes><XmlUpdateFragmentType>All</XmlUpdateFragmentType></infoTypes>',
      'infoTypes',
    ],
    [GetFileLocations, '<fileDigests><base64Binary>*</base64Binary></fileDigests>', 'fileDigests'],
    [
      RegisterComputer,
      '<computerInfo><OSMajorVersion>ten</OSMajorVersion></computerInfo>',
      'computerInfo.OSMajorVersion',
    ],
    [
      RefreshCache,
      '<globalIDs><UpdateIdentity><UpdateID>x</UpdateID></UpdateIdentity></globalIDs>',
      'globalIDs.UpdateID',
    ],
  ];
  for (const [operation, markup, parameter] of misshapen) {
    test(`${operation.name}: ${markup.slice(0, 60)}`, async () => {
      const service = operation === ReportEventBatch ? reportingService : clientService;
      const call = { service, operation, message: {} };
      const accepted = WITH_COOKIE.find((one) => one.operation === operation);
      const text = encode(call, { cookie: computer.cookie, ...accepted?.message }).toString();
      const start = text.slice(0, text.indexOf('</cookie>') + 9);
      const bytes = Buffer.from(start + markup + text.slice(text.lastIndexOf(`</${operation.name}>`)));
      assert.equal(await answer(call, bytes), `InvalidParameters at ${parameter}`);
    });
  }
});

test('a fault carries a fresh id that the log has too, and the quoted SOAPAction', async () => {
  server.takeWarnings();
  const bad = encode(client(GetConfig, {}), { protocolVersion: 'x' });
  const faults = [
    new SoapFault(await computer.client.post(clientService, GetConfig, bad)),
    new SoapFault(await computer.client.post(clientService, GetConfig, bad)),
  ];
  assert.notEqual(faults[0].id, faults[1].id);
  assert.deepEqual(
    faults.map((fault) => fault.method),
    Array.from({ length: 2 }, () => `"${clientService.namespace}/GetConfig"`),
  );
  assert.deepEqual(
    server
      .takeWarnings()
      .map(({ fault, errorCode, code, operation, parameter }) => [
        ...[fault, errorCode, code, operation, parameter],
      ]),
    faults.map(({ id }) => [
      ...[id, 'InvalidParameters', 'OAK_SOAP_PARAMETER', 'GetConfig', 'protocolVersion'],
    ]),
  );
});
