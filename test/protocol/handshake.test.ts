import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import { clientService, RegisterComputer, StartCategoryScan } from '../../src/protocol/wusp/client.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { insertGroup } from '../../src/store/groups.ts';
import { ALL_COMPUTERS } from '../../src/fleet/server-state.ts';
import { SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { approve } from '../support/store-changes.ts';
import { identityOf, TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';

/** GetConfig, GetAuthorizationCookie, RegisterComputer and StartCategoryScan, answered. */

const server = await TestServer.start({ documents: sampleDocuments() });
after(() => server[Symbol.asyncDispose]());

const computerRow = (clientId: string) =>
  server.store.db
    .selectFrom('computer')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();

describe('GetConfig', () => {
  test('names what current agents demand, in the observed order', async () => {
    using computer = new TestComputer(server);
    const config = await computer.getConfig();
    assert.deepEqual(config.AuthInfo, [
      { PlugInID: 'SimpleTargeting', ServiceUrl: 'SimpleAuthWebService/SimpleAuth.asmx', Parameter: '' },
    ]);
    assert.equal(config.IsRegistrationRequired, true);
    assert.equal(config.AllowedEventIds, undefined);
    const properties = config.Properties?.map((one) => [one.Name, one.Value]) ?? [];
    assert.match(properties[1][1] ?? '', /^\\\\[^\\]+\\UpdateServicesPackages$/);
    properties[1][1] = '(share)';
    assert.deepEqual(properties, [
      ['MaxExtendedUpdatesPerRequest', '50'],
      ['PackageServerShare', '(share)'],
      ['ProtocolVersion', '3.2'],
      ['IsInventoryRequired', '0'],
      ['ClientReportingLevel', '2'],
    ]);
  });

  test('follows the settings, and LastChange moves exactly when one of them does', async () => {
    await using own = await TestServer.start();
    using computer = new TestComputer(own);
    const { LastChange: first } = await computer.getConfig();
    const restart = async (settings: Record<string, unknown>) => {
      await own.pause();
      own.clock.advance(60_000);
      await own.resume(settings);
      return computer.getConfig();
    };
    assert.equal((await restart({})).LastChange, first);
    assert.equal((await restart({ 'http.keepAliveSeconds': 80 })).LastChange, first);
    const changed = await restart({
      'sync.maxExtendedUpdates': 25,
      'clients.packageServerShare': '\\\\files\\packages',
      'clients.registrationRequired': false,
    });
    assert.notEqual(changed.LastChange, first);
    assert.equal(changed.IsRegistrationRequired, false);
    assert.deepEqual(
      changed.Properties?.slice(0, 2).map((one) => one.Value),
      ['25', '\\\\files\\packages'],
    );
  });
});

describe('GetAuthorizationCookie', () => {
  test('remembers the computer, and what changed of it', async () => {
    using computer = new TestComputer(server);
    const cookie = await computer.authorize({ targetGroupName: 'Pilot;Everybody' });
    assert.equal(cookie.PlugInId, 'SimpleTargeting');
    const first = await computerRow(computer.clientId);
    assert.deepEqual(
      [first.dns_name, first.address, first.requested_groups, first.registered_ms],
      ['pc-1.example.com', '127.0.0.1', 'Pilot;Everybody', null],
    );
    server.clock.advance(1000);
    await computer.authorize({ dnsName: 'renamed.example.com' });
    const second = await computerRow(computer.clientId);
    assert.deepEqual([second.dns_name, second.requested_groups], ['renamed.example.com', '']);
    assert.equal(second.last_contact_ms - second.first_seen_ms, 1000);
  });

  test('takes a client id in any letter case for the same computer', async () => {
    using computer = new TestComputer(server);
    await computer.getConfig();
    await computer.authorize({ clientId: computer.clientId.toUpperCase() });
    const upper = await computer.getCookie();
    await computer.authorize();
    // The old cookie is another client's if it is not the same one.
    await computer.getCookie({ oldCookie: upper });
    assert.equal((await computerRow(computer.clientId)).client_id, computer.clientId);
  });

  for (const dnsName of ['pc', 'PC_1', 'pc-1.example.com', 'pc.example.com.', `${'a'.repeat(63)}.b`]) {
    test(`takes the name ${dnsName.slice(0, 20)}`, async () => {
      using computer = new TestComputer(server);
      await computer.authorize({ dnsName });
      assert.equal((await computerRow(computer.clientId)).dns_name, dnsName);
    });
  }

  test('its group names decide where clients choose their groups, and nothing where they do not', async () => {
    await using own = await TestServer.start({ documents: sampleDocuments() });
    const pilot = '0b000000-0000-4000-8000-000000000001' as Guid;
    await own.store.db
      .transaction()
      .execute((tx) => insertGroup(tx, { id: pilot, name: 'Pilot', parentId: ALL_COMPUTERS }));
    const decision = { updateId: SAMPLE.standalone, action: 'Install', nowMs: own.clock.ms } as const;
    await approve(own.store, { ...decision, groupId: pilot });
    const actionFor = async (targetGroupName: string | undefined): Promise<string | null | undefined> => {
      using computer = new TestComputer(own);
      await computer.getConfig();
      await computer.authorize({ targetGroupName });
      await computer.getCookie();
      await computer.register();
      const updates = (await computer.scan()).flat();
      return updates.find((one) => identityOf(one) === SAMPLE.standalone)?.Deployment?.Action;
    };
    assert.equal(await actionFor('Pilot'), 'PreDeploymentCheck');
    await own.pause();
    await own.resume({ 'clients.targeting': 'client' });
    assert.equal(await actionFor(' Nowhere ; pilot '), 'Install');
    assert.equal(await actionFor('Nowhere'), 'PreDeploymentCheck');
    assert.equal(await actionFor(undefined), 'PreDeploymentCheck');
  });
});

describe('RegisterComputer', () => {
  test('answers nothing, and has stored everything by then', async () => {
    using computer = new TestComputer(server);
    await computer.handshake();
    await computer.register({ OEM: 'x'.repeat(300) });
    const {
      client_id,
      first_seen_ms: _first,
      last_contact_ms: _last,
      number,
      ...row
    } = await computerRow(computer.clientId);
    assert.equal(client_id, computer.clientId);
    assert.ok(number > 0);
    assert.deepEqual(
      { ...row },
      {
        // Nothing it registers: its scans, its reports and administrators do.
        ...{ last_detection_ms: null, last_report_ms: null, last_scan_ms: null },
        ...{ installed_set: null, assigned_by: null, greeted_name: 'pc-1.example.com' },
        dns_name: 'pc-1.example.com',
        address: '127.0.0.1',
        requested_groups: '',
        registered_ms: server.clock.ms,
        os_major: 10,
        os_minor: 0,
        os_build: 26_200,
        os_sp_major: 0,
        os_sp_minor: 0,
        os_locale: 'en-US',
        manufacturer: 'Example',
        model: 'Desk One',
        bios_version: '1.2',
        bios_name: 'Example BIOS',
        bios_release_date: '2022-02-02T00:00:00Z',
        processor_architecture: 'AMD64',
        suite_mask: 256,
        old_product_type: 1,
        new_product_type: 48,
        system_metrics: 0,
        client_version: '1507.2601.30012.0',
        os_description: 'Windows 10 Pro',
        // Longer than anything about a computer needs to be.
        oem: 'x'.repeat(256),
        device_type: 'Desk One',
        firmware_version: 'unknown',
        mobile_operator: 'Not Present',
      },
    );
  });

  test('a computer that says little of itself is registered all the same, and answered by an empty element', async () => {
    using computer = new TestComputer(server);
    await computer.handshake();
    const markup =
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><RegisterComputer ` +
      `xmlns="${clientService.namespace}"><cookie><EncryptedData>` +
      `${computer.cookie?.EncryptedData?.toString('base64')}</EncryptedData></cookie><computerInfo/>` +
      `</RegisterComputer></s:Body></s:Envelope>`;
    const reply = await computer.client.post(clientService, RegisterComputer, Buffer.from(markup));
    assert.equal(reply.status, 200);
    assert.match(reply.body.toString(), /<RegisterComputerResponse xmlns="[^"]+"\/>/);
    const row = await computerRow(computer.clientId);
    assert.deepEqual([row.dns_name, row.os_major], ['pc-1.example.com', null]);
  });
});

describe('StartCategoryScan', () => {
  const unknown = '0a000000-0000-4000-8000-00000000ffff' as UpdateId;
  const cases: readonly (readonly [
    name: string,
    requested: readonly (readonly [andGroup: number, id: UpdateId])[],
    preferred: readonly UpdateId[] | undefined,
    inError: readonly UpdateId[] | undefined,
  ])[] = [
    ['a product is preferred', [[0, SAMPLE.product]], [SAMPLE.product], undefined],
    [
      'of a product and a classification the product',
      [
        [0, SAMPLE.classification],
        [0, SAMPLE.product],
      ],
      [SAMPLE.product],
      undefined,
    ],
    [
      'an unknown category is in error, and its group dropped',
      [
        [0, SAMPLE.product],
        [0, unknown],
        [1, SAMPLE.otherProduct],
      ],
      [SAMPLE.otherProduct],
      [unknown],
    ],
    [
      'two products in one group are not allowed',
      [
        [0, SAMPLE.product],
        [1, SAMPLE.product],
        [1, SAMPLE.otherProduct],
      ],
      undefined,
      undefined,
    ],
    ['nothing for nothing', [], undefined, undefined],
  ];
  for (const [name, requested, preferred, inError] of cases) {
    test(`without any cookie: ${name}`, async () => {
      using computer = new TestComputer(server);
      const requestedCategories = requested.map(([IndexOfAndGroup, id]) => ({
        IndexOfAndGroup,
        CategoryId: id as Guid,
      }));
      const answer = await computer.client.call(clientService, StartCategoryScan, { requestedCategories });
      assert.deepEqual(answer.preferredCategoryIds, preferred);
      assert.deepEqual(answer.requestedCategoryIdsInError, inError);
    });
  }
});
