import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { tempWriter } from '../../test/support/temp-writer.ts';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import type { ComputerDetails, ComputerGreeting } from '../fleet/computer-registry.ts';
import { ALL_COMPUTERS, UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import type { Guid } from '../soap/simple-type.ts';
import { DETAIL_NAMES } from './computer-columns.ts';
import { StoredComputerRegistry } from './computer-registry.ts';
import { deleteComputer, readFleetChange } from './computers.ts';

/** What is written, when, and what another process sees of it. */

const PILOT: GroupRow = {
  id: '00000000-0000-4000-8000-0000000000a1' as Guid,
  name: 'Pilot',
  parentId: ALL_COMPUTERS,
};

const greeting = (clientId: string): ComputerGreeting => ({
  clientId,
  dnsName: `${clientId}.fernhollow.example`,
  requestedGroups: 'Pilot',
  address: '192.0.2.7',
});

/** Every detail, numbers and texts as the columns have them. */
const NUMERIC = /^os(Major|Minor|Build|Service)|Mask|Type$|Metrics/;
const details = Object.fromEntries(
  DETAIL_NAMES.map((name, index) => [
    name,
    NUMERIC.test(name) && name !== 'deviceType' ? index : `text ${index}`,
  ]),
) as unknown as ComputerDetails;

async function open(targeting: TargetingMode = 'server') {
  const temp = await TempStore.open();
  const writer = tempWriter(temp);
  const fleet = { groups: new Map<Guid, GroupRow>() };
  const registries: StoredComputerRegistry[] = [];
  const registry = (): StoredComputerRegistry => {
    const one = new StoredComputerRegistry(
      { reader: temp.store.reader, writer },
      {
        now: temp.now,
        targeting,
        groups: () => fleet.groups,
        onFailure: (error) => assert.fail(String(error)),
      },
    );
    registries.push(one);
    return one;
  };
  return {
    temp,
    fleet,
    registry,
    writes: () => writer.counts.commands,
    rowOf: (clientId: string) =>
      temp.db.selectFrom('computer').selectAll().where('client_id', '=', clientId).executeTakeFirst(),
    [Symbol.asyncDispose]: async () => {
      for (const one of registries) await one.close();
      await writer.close();
      await temp[Symbol.asyncDispose]();
    },
  };
}

describe('what a computer says again', () => {
  for (const [when, fresh] of [
    ['while it is remembered', false],
    ['to a process that was just started', true],
  ] as const) {
    it(`is not written, ${when}`, async () => {
      await using fleet = await open();
      let registry = fleet.registry();
      // The registration gives another name than the greeting.
      await registry.greet(greeting('pc'));
      await registry.register('pc', '192.0.2.7', { ...details, dnsName: greeting('pc').dnsName });
      assert.equal(fleet.writes(), 2);
      for (let scan = 0; scan < 3; scan++) {
        if (fresh) registry = fleet.registry();
        await registry.greet(greeting('pc'));
        await registry.register('pc', '192.0.2.7', { ...details, dnsName: greeting('pc').dnsName });
      }
      assert.equal(fleet.writes(), 2);
    });
  }

  it('is not written although its registration and its greeting give different names', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    for (let scan = 0; scan < 5; scan++) {
      await registry.greet(greeting('pc'));
      await registry.register('pc', '192.0.2.7', details);
    }
    assert.ok(fleet.writes() <= 4, `${fleet.writes()}`);
  });
});

describe('what a computer says anew is written', () => {
  for (const name of DETAIL_NAMES) {
    it(`when only ${name} is different`, async () => {
      const { registry, writes } = await shared();
      await registry.register('pc', '', details);
      const before = writes();
      const other = typeof details[name] === 'number' ? 77_777 : 'something else';
      await registry.register('pc', '', { ...details, [name]: other });
      assert.equal(writes(), before + 1);
      await registry.register('pc', '', { ...details, [name]: undefined });
      assert.equal(writes(), before + 2);
    });
  }

  it('when it greets from another address, under another name, or asks for another group', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    await registry.greet(greeting('pc'));
    await registry.register('pc', '', details);
    await registry.greet(greeting('pc'));
    const before = fleet.writes();
    for (const change of [{ address: '192.0.2.8' }, { dnsName: 'other' }, { requestedGroups: '' }]) {
      await registry.greet({ ...greeting('pc'), ...change });
      assert.deepEqual({ ...(await fleet.rowOf('pc')) }.requested_groups, change.requestedGroups ?? 'Pilot');
    }
    assert.equal(fleet.writes(), before + 3);
  });

  // One store for all of them: opening it takes longer than the rest.
  let one: Awaited<ReturnType<typeof open>> | undefined;
  after(() => one?.[Symbol.asyncDispose]());
  async function shared() {
    one ??= await open();
    return { registry: one.registry(), writes: one.writes };
  }
});

describe('the last contact', () => {
  it('moves with greetings, registrations and scans, without a write for each', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    const say: Record<string, (clientId: string) => Promise<void> | void> = {
      greets: (clientId) => registry.greet(greeting(clientId)),
      registers: (clientId) => registry.register(clientId, '', details),
      scans: (clientId) => registry.seen(clientId),
    };
    for (const clientId of Object.keys(say)) {
      await registry.greet(greeting(clientId));
      await registry.register(clientId, '', details);
      await registry.greet(greeting(clientId));
    }
    const before = fleet.writes();
    fleet.temp.nowMs += 60_000;
    for (const [clientId, again] of Object.entries(say)) {
      for (let count = 0; count < 5; count++) await again(clientId);
    }
    assert.equal(fleet.writes(), before);
    await registry.close();
    assert.equal(fleet.writes(), before + 1);
    for (const clientId of Object.keys(say))
      assert.equal((await fleet.rowOf(clientId))?.last_contact_ms, fleet.temp.nowMs);
  });

  it('never moves back, and makes no computer out of one that is gone', async () => {
    await using fleet = await open();
    const [early, late] = [fleet.registry(), fleet.registry()];
    await early.greet(greeting('pc'));
    early.seen('pc');
    early.seen('gone');
    fleet.temp.nowMs += 1_000;
    late.seen('pc');
    await late.close();
    await early.close();
    assert.equal((await fleet.rowOf('pc'))?.last_contact_ms, fleet.temp.nowMs);
    assert.equal(await fleet.rowOf('gone'), undefined);
  });

  it('of more computers than one command takes is stored whole', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    const ids = Array.from({ length: 2_500 }, (_, index) => `pc-${index}`);
    await Promise.all(ids.map((clientId) => registry.greet(greeting(clientId))));
    fleet.temp.nowMs += 1;
    for (const clientId of ids) registry.seen(clientId);
    await registry.close();
    const moved = fleet.temp.db.selectFrom('computer').where('last_contact_ms', '=', fleet.temp.nowMs);
    assert.equal((await moved.select('client_id').execute()).length, 2_500);
  });
});

describe('several processes', () => {
  it('see at once that a computer has registered at another one', async () => {
    await using fleet = await open();
    const [one, other] = [fleet.registry(), fleet.registry()];
    await one.greet(greeting('pc'));
    assert.equal(other.find('pc')?.registered, false);
    await one.register('pc', '', details);
    assert.equal(other.find('pc')?.registered, true);
  });

  it('are told to forget when a computer asks for other groups, and only then', async () => {
    await using fleet = await open('client');
    fleet.fleet.groups = new Map([[PILOT.id, PILOT]]);
    const [one, other] = [fleet.registry(), fleet.registry()];
    await one.greet(greeting('pc'));
    await one.register('pc', '', details);
    assert.deepEqual(other.find('pc')?.groupIds, [PILOT.id]);
    const change = await readFleetChange(fleet.temp.db);
    await one.greet({ ...greeting('pc'), address: '192.0.2.99' });
    assert.equal(await readFleetChange(fleet.temp.db), change);
    await one.greet({ ...greeting('pc'), requestedGroups: '' });
    assert.equal(await readFleetChange(fleet.temp.db), change + 1);
    other.forget();
    assert.deepEqual(other.find('pc')?.groupIds, [UNASSIGNED_COMPUTERS]);
  });

  it('write a computer anew that another one has deleted', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    await registry.greet(greeting('pc'));
    await registry.register('pc', '', details);
    await fleet.temp.db.transaction().execute((tx) => deleteComputer(tx, 'pc'));
    registry.forget();
    assert.equal(registry.find('pc'), undefined);
    await registry.register('pc', '192.0.2.5', details);
    const row = await fleet.rowOf('pc');
    assert.deepEqual(
      [row?.address, row?.dns_name, row?.requested_groups],
      ['192.0.2.5', details.dnsName, ''],
    );
    assert.equal(registry.find('pc')?.registered, true);
  });
});

describe('standings', () => {
  it('are shared by the computers that are in the same groups', async () => {
    await using fleet = await open();
    const registry = fleet.registry();
    for (const clientId of ['one', 'other']) {
      await registry.greet(greeting(clientId));
      await registry.register(clientId, '', { ...details, model: clientId });
    }
    assert.ok(registry.find('one') !== undefined);
    assert.equal(registry.find('one'), registry.find('other'));
  });

  it('follow the groups there are, where clients name theirs', async () => {
    await using fleet = await open('client');
    const registry = fleet.registry();
    await registry.greet(greeting('pc'));
    await registry.register('pc', '', details);
    assert.deepEqual(registry.find('pc')?.groupIds, [UNASSIGNED_COMPUTERS]);
    fleet.fleet.groups = new Map([[PILOT.id, PILOT]]);
    assert.deepEqual(registry.find('pc')?.groupIds, [PILOT.id]);
    fleet.fleet.groups = new Map([[PILOT.id, { ...PILOT, name: 'Renamed' }]]);
    assert.deepEqual(registry.find('pc')?.groupIds, [UNASSIGNED_COMPUTERS]);
  });
});
