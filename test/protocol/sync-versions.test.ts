import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import {
  DRIVER_HARDWARE_ID,
  PRINTER_HARDWARE_ID,
  SAMPLE,
  sampleDocuments,
} from '../support/sample-catalogue.ts';
import { identityOf, TestComputer, type SentUpdate } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';

/** What depends on the client's protocol version ([MS-WUSP] 2.2.2.2.4), and the driver pass. */

const server = await TestServer.start({ documents: sampleDocuments() });
after(() => server[Symbol.asyncDispose]());

/** Names of the children of the first element of a name. */
function childrenOf(element: string, text: string): string[] {
  const content = new RegExp(`<${element}>(.*?)</${element}>`).exec(text)?.[1] ?? '';
  const names: string[] = [];
  let depth = 0;
  for (const [tag, close, name, empty] of content.matchAll(/<(\/?)(\w+)(\/?)>/g)) {
    assert.ok(tag);
    if (close === '' && depth === 0) names.push(name);
    depth += close === '/' ? -1 : empty === '/' ? 0 : 1;
  }
  return names;
}

const BASE = ['ID', 'Action', 'IsAssigned', 'LastChangeTime'];
const ZEROS = ['AutoSelect', 'AutoDownload', 'SupersedenceBehavior'];
const ANSWER = ['NewUpdates', 'Truncated', 'NewCookie'];
// The first scan of a kind tells the deployments of everything held: each kind has a memory of its own.
const CATEGORY_ANSWER = ['ChangedUpdates', 'Truncated', 'NewCookie'];
const LATER = ['DeployedOutOfScopeRevisionIds', 'DriverSyncNotNeeded'];

for (const [protocolVersion, hardwareIds, groups, zeros] of [
  ['1.0', false, false, false],
  ['1.5', false, false, false],
  ['1.6', true, false, false],
  ['1.7', true, true, false],
  ['1.8', true, true, true],
  ['1.20', true, true, true],
  ['2.0', true, true, true],
  ['2.90', true, true, true],
] as const) {
  test(`a client of version ${protocolVersion} is sent what it knows`, async () => {
    using computer = new TestComputer(server);
    computer.protocolVersion = protocolVersion;
    await computer.handshake();
    await computer.register();
    const post = async (parameters: Record<string, unknown>): Promise<string> => {
      const reply = await computer.client.exchange(clientService, SyncUpdates, {
        cookie: computer.cookie,
        parameters: { ExpressQuery: false, SkipSoftwareSync: false, ...parameters },
      });
      return reply.body.toString();
    };
    const software = await post({});
    assert.deepEqual(childrenOf('Deployment', software), [...BASE, ...(zeros ? ZEROS : [])]);
    assert.deepEqual(childrenOf('SyncUpdatesResult', software), [
      ...ANSWER,
      ...(groups ? ['DriverSyncNotNeeded'] : []),
    ]);

    await computer.scan();
    const lists = { InstalledNonLeafUpdateIDs: computer.installed, OtherCachedUpdateIDs: computer.cached };
    const category = await post({
      ...lists,
      FilterCategoryIds: [{ Id: SAMPLE.otherProduct as string as Guid }],
      NeedTwoGroupOutOfScopeUpdates: true,
    });
    assert.deepEqual(childrenOf('SyncUpdatesResult', category), [
      ...CATEGORY_ANSWER,
      ...(groups ? LATER : []),
    ]);

    const SystemSpec = [{ HardwareIDs: [DRIVER_HARDWARE_ID] }];
    const drivers = await post({
      ...lists,
      OtherCachedUpdateIDs: undefined,
      SystemSpec,
      SkipSoftwareSync: true,
    });
    assert.deepEqual(childrenOf('Deployment', drivers), [
      ...BASE,
      ...(hardwareIds ? ['HardwareIds'] : []),
      ...(zeros ? ZEROS : []),
    ]);
  });
}

describe('the driver pass', () => {
  let computer: TestComputer;
  before(async () => {
    computer = await TestComputer.registered(server);
    await computer.scan();
  });
  after(() => computer[Symbol.dispose]());

  const sent = (updates: readonly SentUpdate[] | null | undefined): (string | undefined)[] =>
    (updates ?? []).map(identityOf);
  const device = (installedDriver: Record<string, unknown>) => ({
    HardwareIDs: [DRIVER_HARDWARE_ID],
    installedDriver: {
      MatchingID: DRIVER_HARDWARE_ID.toLowerCase(),
      DriverVerDate: '2026-05-01T00:00:00Z',
      DriverVerVersion: 0x000a_0001_0002_0003n,
      Class: 'Net',
      Manufacturer: 'Example',
      Provider: 'Example',
      DriverRank: -1,
      ...installedDriver,
    },
  });
  const pass = (...SystemSpec: unknown[]) =>
    computer.syncUpdates({
      OtherCachedUpdateIDs: undefined,
      SystemSpec: SystemSpec as never,
      SkipSoftwareSync: true,
    });

  test('brings the driver of a device that has none, with the id it was matched by', async () => {
    const { NewUpdates, DriverSyncNotNeeded } = await computer.driverPass([DRIVER_HARDWARE_ID.toLowerCase()]);
    assert.deepEqual(sent(NewUpdates), [SAMPLE.driver]);
    assert.deepEqual(NewUpdates?.[0].Deployment?.HardwareIds, [DRIVER_HARDWARE_ID]);
    assert.equal(NewUpdates?.[0].IsLeaf, true);
    assert.equal(DriverSyncNotNeeded, 'true');
  });

  test('brings no software, and nothing for devices nobody has a driver for', async () => {
    const { NewUpdates, Truncated } = await computer.driverPass(['PCI\\VEN_9999', 'ACPI\\X']);
    assert.deepEqual([NewUpdates, Truncated], [undefined, false]);
  });

  test('brings only what beats the installed driver', async () => {
    assert.deepEqual(sent((await pass(device({}))).NewUpdates), []);
    const older = device({ DriverVerDate: '2026-04-30T00:00:00Z' });
    assert.deepEqual(sent((await pass(older)).NewUpdates), [SAMPLE.driver]);
    const lower = device({ DriverVerVersion: 0x000a_0001_0002_0002n });
    assert.deepEqual(sent((await pass(lower)).NewUpdates), [SAMPLE.driver]);
  });

  test('takes a device without a driver for one, as agents describe it', async () => {
    const none = device({
      MatchingID: undefined,
      DriverVerDate: '0001-01-01T00:00:00Z',
      DriverVerVersion: 0n,
    });
    assert.deepEqual(sent((await pass(none)).NewUpdates), [SAMPLE.driver]);
  });

  test('a driver the client holds is not sent again; one nothing needs any more is out of scope', async () => {
    const { NewUpdates } = await computer.driverPass([DRIVER_HARDWARE_ID]);
    const CachedDriverIDs = [NewUpdates?.[0].ID ?? 0, 70_001];
    const again = await computer.syncUpdates({
      OtherCachedUpdateIDs: undefined,
      SystemSpec: [{ HardwareIDs: [DRIVER_HARDWARE_ID] }],
      SkipSoftwareSync: true,
      CachedDriverIDs,
    });
    assert.equal(again.NewUpdates, undefined);
    assert.deepEqual([...(again.OutOfScopeRevisionIDs ?? [])], [70_001]);
  });

  test('without a SystemSpec there is nothing to match', async () => {
    const { NewUpdates } = await computer.syncUpdates({
      OtherCachedUpdateIDs: undefined,
      SkipSoftwareSync: true,
    });
    assert.equal(NewUpdates, undefined);
  });

  test('needs the prerequisites of a driver as much as software does', async () => {
    const { NewUpdates } = await computer.syncUpdates({
      InstalledNonLeafUpdateIDs: undefined,
      OtherCachedUpdateIDs: undefined,
      SystemSpec: [{ HardwareIDs: [DRIVER_HARDWARE_ID] }],
      SkipSoftwareSync: true,
    });
    assert.equal(NewUpdates, undefined);
  });

  test('SyncPrinterCatalog brings the drivers of printers, whatever is attached', async () => {
    const { NewUpdates, DriverSyncNotNeeded } = await computer.syncPrinterCatalog();
    assert.deepEqual(sent(NewUpdates), [SAMPLE.printerDriver]);
    assert.deepEqual(NewUpdates?.[0].Deployment?.HardwareIds, [PRINTER_HARDWARE_ID]);
    assert.equal(DriverSyncNotNeeded, 'true');
  });
});
