import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { FRAMING } from '../../soap/service.ts';
import { fixture, fixturesFolder, skipWithoutFixtures } from '../../../test/support/fixtures.ts';
import { assertSameBytes } from '../../../test/support/same-bytes.ts';
import { decodeWireMessage, encodeWireMessage } from '../../../test/support/wire-message.ts';
import { clientService } from './client.ts';
import { reportingService } from './reporting.ts';
import { simpleAuthService } from './simple-auth.ts';

const SERVICES = [simpleAuthService, clientService, reportingService];

const captured = (pattern: string): string[] => globSync(pattern, { cwd: fixturesFolder }).toSorted();

/** Decoding and encoding again must lose nothing, not a field and not the form of a value. */
function assertRoundTrip(bytes: Buffer, from: 'agent' | 'service'): void {
  const { service, type, value } = decodeWireMessage(SERVICES, bytes);
  const framing = from === 'agent' ? FRAMING.agentRequest : service.framing;
  assertSameBytes(encodeWireMessage(service, framing, type, value), bytes);
}

describe('captured traffic is reproduced byte for byte', { skip: skipWithoutFixtures }, () => {
  for (const path of captured('native/*/*/request.body')) {
    test(`what an agent sent: ${path}`, () => assertRoundTrip(readFileSync(fixture(path)), 'agent'));
  }

  for (const path of captured('native/{*/*/response.body,flow-*.response.xml}')) {
    test(`what WSUS answered: ${path}`, () => assertRoundTrip(readFileSync(fixture(path)), 'service'));
  }

  test('what WSUS answered: GetFileLocations, its blackened time made a time again', () => {
    const text = readFileSync(fixture('native/get-file-locations.response.xml'), 'utf8');
    const readable = text.replace('<Expiration>REDACTED', '<Expiration>2026-10-04T16:03:35.9967236Z');
    assertRoundTrip(Buffer.from(readable), 'service');
  });

  test('there was something to compare', () => {
    assert.equal(captured('native/*/*/request.body').length, 13);
    assert.equal(captured('native/*/*/response.body').length, 12);
  });
});

// The sample messages of the specifications are pretty-printed and their arrays SOAP-encoded, so they are
// compared by what they say.
const NEVER = '9999-12-31T23:59:59.9999999';
const NOT_FOUND = -2145107943; // 0x80244019 as a signed number: the self-update folder answered 404

const SAMPLES: Readonly<Record<string, readonly [type: string, value: object]>> = {
  // [MS-WUSP] 4
  'wusp/01': ['GetConfig', { protocolVersion: '1.0' }],
  'wusp/02': [
    'GetConfigResponse',
    {
      GetConfigResult: {
        LastChange: '2007-01-31T04:16:35.24Z',
        IsRegistrationRequired: true,
        AuthInfo: [{ PlugInID: 'SimpleTargeting', Parameter: '' }],
        Properties: [{ Name: 'MaxExtendedUpdatesPerRequest', Value: '50' }],
      },
    },
  ],
  'wusp/03': ['GetAuthorizationCookie', { targetGroupName: '' }],
  'wusp/04': [
    'GetAuthorizationCookieResponse',
    { GetAuthorizationCookieResult: { PlugInId: 'SimpleTargeting', CookieData: '528 bytes' } },
  ],
  'wusp/05': [
    'GetCookie',
    {
      authCookies: [{ PlugInId: 'SimpleTargeting', CookieData: '528 bytes' }],
      oldCookie: { Expiration: '2006-05-16T18:54:28.85Z', EncryptedData: null },
      protocolVersion: '1.8',
    },
  ],
  'wusp/06': ['GetCookieResponse', { GetCookieResult: { EncryptedData: '208 bytes' } }],
  'wusp/09': [
    'RegisterComputer',
    { computerInfo: { OSBuildNumber: 3790, SuiteMask: 272, ClientVersionQfeNumber: 317 } },
  ],
  'wusp/10': [
    'RefreshCache',
    { globalIDs: [50, 51, 1, 1, 100, 50, 1].map((RevisionNumber) => ({ RevisionNumber })) },
  ],
  'wusp/11': ['GetFileLocations', { fileDigests: ['20 bytes'] }],
  'wusp/12': syncUpdates(null, null),
  'wusp/13': syncUpdates('1 ids, the first 109', '29 ids, the first 101'),
  'wusp/14': syncUpdates('2 ids, the first 109', '58 ids, the first 39'),
  'wusp/15': syncUpdates('2 ids, the first 109', '58 ids, the first 39'),
  'wusp/16': reportEventBatch([148, NOT_FOUND], [148, NOT_FOUND]),
  'wusp/17': reportEventBatch([147, 0], [156, 0]),
  'wusp/18': reportEventBatch([183, 0], [202, 0], [147, 0], [156, 0]),
  'wusp/19': ['ReportEventBatchResponse', { ReportEventBatchResult: true }],
  // [MS-WSUSSS] 4, as far as it concerns the Reporting web service
  'wsusss/15': ['GetRollupConfiguration', { cookie: { Expiration: NEVER, EncryptedData: '0 bytes' } }],
  'wsusss/16': [
    'GetRollupConfigurationResponse',
    { GetRollupConfigurationResult: { DoDetailedRollup: true, RollupComputersMaxBatchSize: 1500 } },
  ],
  'wsusss/17': [
    'RollupDownstreamServers',
    { downstreamServers: [{ IsReplica: true, ServerSummary: { UpdateCount: 1002 } }] },
  ],
  'wsusss/18': ['RollupDownstreamServersResponse', {}],
  'wsusss/19': [
    'RollupComputers',
    {
      computers: [
        {
          LastSyncTime: '2007-03-06T03:22:28.137Z',
          LastSyncResult: 1,
          Details: {
            IPAddress: '127.0.0.1',
            SuiteMask: 272,
            RequestedTargetGroupNames: ['Windows Server 2003', 'Servers'],
          },
        },
      ],
    },
  ],
  'wsusss/20': ['RollupComputersResponse', { RollupComputersResult: [] }],
  'wsusss/21': ['GetOutOfSyncComputers', { lastRollupNumbers: [{ RollupNumber: 2 }] }],
  'wsusss/22': ['GetOutOfSyncComputersResponse', { GetOutOfSyncComputersResult: [] }],
  'wsusss/23': [
    'RollupComputerStatus',
    {
      computers: [
        { IsFullRollup: true, UpdateStatus: [{ SummarizationState: 4 }, { SummarizationState: 5 }] },
      ],
    },
  ],
  'wsusss/24': ['RollupComputerStatusResponse', { RollupComputerStatusResult: true }],
};

function syncUpdates(installed: string | null, others: string | null): readonly [string, object] {
  const parameters = {
    ExpressQuery: false,
    InstalledNonLeafUpdateIDs: installed,
    OtherCachedUpdateIDs: others,
    SystemSpec: null,
    SkipSoftwareSync: false,
  };
  return ['SyncUpdates', { parameters }];
}

function reportEventBatch(
  ...events: readonly (readonly [EventID: number, Win32HResult: number])[]
): readonly [string, object] {
  const eventBatch = events.map(([EventID, Win32HResult]) => ({
    BasicData: { NamespaceID: 1, EventID, Win32HResult },
    ExtendedData: { ProcessorArchitecture: 'X86Compatible', OSLocaleID: 1033, DeviceID: '' },
    PrivateData: { ComputerDnsName: '', UserAccountName: '' },
  }));
  return ['ReportEventBatch', { eventBatch }];
}

/** Bytes and id lists in words, so that the table above can speak of them. */
function inWords(value: unknown): unknown {
  if (value instanceof Int32Array) return `${value.length} ids, the first ${value[0]}`;
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map(inWords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inWords(part)]));
}

describe('sample messages of the specifications are understood', { skip: skipWithoutFixtures }, () => {
  const messages = captured('spec-messages/{wusp/*,wsusss/{15,16,17,18,19,20,21,22,23,24}-*}.xml').filter(
    (path) => !path.includes('Response-SOAP-Fault'),
  );

  for (const path of messages) {
    test(basename(path, '.xml'), () => {
      const [sample] = /\w+\/\d\d/.exec(path) ?? [''];
      const { type, value } = decodeWireMessage(SERVICES, readFileSync(fixture(path)));
      assert.partialDeepStrictEqual([type.name, inWords(value)], SAMPLES[sample]);
    });
  }

  test('none is missing', () => {
    assert.equal(messages.length, Object.keys(SAMPLES).length);
  });
});
