import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { tempWriter } from '../../test/support/temp-writer.ts';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { ComputerDetails, ComputerGreeting } from '../fleet/computer-registry.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { StoredComputerRegistry } from './computer-registry.ts';
import { assignComputer, deleteComputer, readFleetChange } from './computers.ts';
import { deleteGroup, insertGroup } from './groups.ts';

const PILOT: GroupRow = {
  id: '00000000-0000-4000-8000-0000000000a1' as Guid,
  name: 'Pilot',
  parentId: ALL_COMPUTERS,
};
const SHOP: GroupRow = {
  id: '00000000-0000-4000-8000-0000000000a2' as Guid,
  name: 'Shop Floor',
  parentId: ALL_COMPUTERS,
};

const greeting: ComputerGreeting = {
  clientId: '8f3c',
  dnsName: 'bench-7.fernhollow.example',
  requestedGroups: 'pilot; Nowhere',
  address: '192.0.2.7',
};

const details: ComputerDetails = {
  dnsName: 'bench-7',
  osMajor: 10,
  osMinor: 0,
  osBuild: 26100,
  osServicePackMajor: 0,
  osServicePackMinor: 0,
  osLocale: 'en-US',
  manufacturer: 'Fernhollow',
  model: 'Bench',
  biosVersion: '1.2',
  biosName: 'B',
  biosReleaseDate: '2024-01-01T00:00:00',
  processorArchitecture: 'AMD64',
  suiteMask: 256,
  oldProductType: 1,
  newProductType: 48,
  systemMetrics: 0,
  clientVersion: '1507.2601.30012.0',
  osDescription: undefined,
  oem: undefined,
  deviceType: undefined,
  firmwareVersion: undefined,
  mobileOperator: undefined,
};

async function open(targeting: TargetingMode = 'server') {
  const temp = await TempStore.open();
  await temp.db.transaction().execute(async (tx) => {
    for (const group of [PILOT, SHOP]) await insertGroup(tx, group);
  });
  const writer = tempWriter(temp);
  const fleet = { groups: new Map([PILOT, SHOP].map((group) => [group.id, group])) };
  const registry = new StoredComputerRegistry(
    { reader: temp.store.reader, writer },
    {
      now: temp.now,
      targeting,
      groups: () => fleet.groups,
      onFailure: (error) => assert.fail(String(error)),
    },
  );
  return {
    temp,
    writer,
    registry,
    fleet,
    [Symbol.asyncDispose]: async () => {
      await registry.close();
      await writer.close();
      await temp[Symbol.asyncDispose]();
    },
  };
}

const rowOf = (temp: TempStore) =>
  temp.db.selectFrom('computer').selectAll().where('client_id', '=', greeting.clientId).executeTakeFirst();

describe('a computer', () => {
  it('is unknown until it greets, and then unregistered and unassigned', async () => {
    await using fleet = await open();
    assert.equal(fleet.registry.find(greeting.clientId), undefined);
    await fleet.registry.greet(greeting);
    assert.deepEqual(fleet.registry.find(greeting.clientId), {
      registered: false,
      groupIds: [UNASSIGNED_COMPUTERS],
    });
  });

  it('that greets again is brought up to date', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    await registry.register(greeting.clientId, greeting.address, details);
    const before = await rowOf(temp);
    temp.nowMs += 5_000;
    await registry.greet({ ...greeting, address: '192.0.2.8', requestedGroups: '' });
    const after = await rowOf(temp);
    assert.deepEqual(
      { ...after },
      {
        ...before,
        dns_name: greeting.dnsName,
        address: '192.0.2.8',
        requested_groups: '',
        last_contact_ms: temp.nowMs,
      },
    );
  });

  it('registers what it says of itself', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    temp.nowMs += 60_000;
    await registry.register(greeting.clientId, greeting.address, details);
    const row = await rowOf(temp);
    assert.ok(row !== undefined);
    assert.deepEqual(
      [row.os_major, row.os_build, row.suite_mask, row.new_product_type, row.client_version, row.oem],
      [10, 26100, 256, 48, '1507.2601.30012.0', null],
    );
    assert.deepEqual([row.dns_name, row.registered_ms], ['bench-7', temp.nowMs]);
    assert.equal(row.first_seen_ms, temp.nowMs - 60_000);
    assert.equal(registry.find(greeting.clientId)?.registered, true);
    await registry.register(greeting.clientId, greeting.address, {
      ...details,
      dnsName: undefined,
      model: 'Other',
    });
    assert.deepEqual([(await rowOf(temp))?.dns_name, (await rowOf(temp))?.model], ['bench-7', 'Other']);
  });

  it('belongs to exactly the groups it is assigned to', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    const assign = (...groups: readonly GroupRow[]): Promise<void> =>
      temp.db.transaction().execute((tx) =>
        assignComputer(
          tx,
          greeting.clientId,
          groups.map(({ id }) => id),
        ),
      );
    const groupIds = async (): Promise<unknown> => {
      registry.forget();
      return registry.find(greeting.clientId)?.groupIds;
    };
    const change = await readFleetChange(temp.db);
    await assign(PILOT, SHOP);
    assert.deepEqual(await groupIds(), [PILOT.id, SHOP.id]);
    await assign(SHOP);
    assert.deepEqual(await groupIds(), [SHOP.id]);
    await assign();
    assert.deepEqual(await groupIds(), [UNASSIGNED_COMPUTERS]);
    assert.equal(await readFleetChange(temp.db), change + 3);
    await assert.rejects(
      assign({ ...PILOT, id: '00000000-0000-4000-8000-0000000000ff' as Guid }),
      /FOREIGN KEY/,
    );
    assert.equal(await readFleetChange(temp.db), change + 3);
  });

  it('falls back to its other groups when one is deleted', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    await temp.db.transaction().execute(async (tx) => {
      await assignComputer(tx, greeting.clientId, [PILOT.id, SHOP.id]);
      await deleteGroup(tx, PILOT.id);
    });
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [SHOP.id]);
  });

  it('that is deleted takes its memberships with it, and may come back', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    const transaction = temp.db.transaction();
    await transaction.execute((tx) => assignComputer(tx, greeting.clientId, [PILOT.id]));
    const change = await readFleetChange(temp.db);
    assert.equal(await transaction.execute((tx) => deleteComputer(tx, greeting.clientId)), true);
    assert.equal(await transaction.execute((tx) => deleteComputer(tx, greeting.clientId)), false);
    assert.ok((await readFleetChange(temp.db)) > change);
    assert.equal(await rowOf(temp), undefined);
    assert.equal(await temp.count('computer_group'), 0);
    registry.forget();
    assert.equal(registry.find(greeting.clientId), undefined);
    await registry.greet(greeting);
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [UNASSIGNED_COMPUTERS]);
  });

  it('is remembered until the fleet changes elsewhere', async () => {
    await using fleet = await open();
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    await registry.register(greeting.clientId, greeting.address, details);
    await temp.db.transaction().execute((tx) => assignComputer(tx, greeting.clientId, [PILOT.id]));
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [UNASSIGNED_COMPUTERS]);
    registry.forget();
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [PILOT.id]);
  });

  it('is in the groups its policy names where clients decide', async () => {
    await using fleet = await open('client');
    const { temp, registry } = fleet;
    await registry.greet(greeting);
    await temp.db.transaction().execute((tx) => assignComputer(tx, greeting.clientId, [SHOP.id]));
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [PILOT.id]);
    await registry.greet({ ...greeting, requestedGroups: 'nowhere' });
    assert.deepEqual(registry.find(greeting.clientId)?.groupIds, [UNASSIGNED_COMPUTERS]);
  });
});
