import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY_MS, FleetStore } from '../../test/support/fleet-store.ts';
import { SAMPLE, sampleDocuments } from '../../test/support/sample-catalogue.ts';
import { readInstalledSet } from '../store/installed-sets.ts';
import { listAudit } from '../store/audit.ts';
import { findComputer, moveComputer, removeComputer, showComputer, viewComputers } from './computers.ts';
import type { ComputerQuery } from './computers.ts';
import { viewFindings } from './findings.ts';
import { createGroup } from './groups.ts';

const CALLER = { name: 'test' };

/** Three computers: a workstation in Pilot, a server in Shop below it, and one that says nothing of itself. */
async function open(): Promise<FleetStore> {
  const fleet = await FleetStore.open(sampleDocuments());
  const { db, nowMs } = fleet;
  await createGroup(db, CALLER, { name: 'Pilot', nowMs });
  await createGroup(db, CALLER, { name: 'Shop', parent: 'Pilot', nowMs });
  await fleet.greet('c1', 'bench-1.fernhollow.example');
  await fleet.register('c1');
  await fleet.greet('c2', 'till-2.fernhollow.example', 'Shop;Nowhere');
  const server = { osBuild: 20_348, oldProductType: 3, newProductType: 8, model: 'Rack 100%' };
  await fleet.register('c2', server);
  await fleet.greet('c3', 'quiet-3.fernhollow.example');
  await moveComputer(db, CALLER, 'c1', ['Pilot'], nowMs);
  await moveComputer(db, CALLER, 'c2', ['Shop'], nowMs);
  return fleet;
}

const listed = async (fleet: FleetStore, query: Partial<ComputerQuery>): Promise<string[]> =>
  (await viewComputers(fleet.db, { limit: 100, nowMs: fleet.nowMs, ...query })).items
    .map((one) => one.clientId)
    .toSorted();

describe('computers are found', () => {
  for (const [query, expected] of [
    [{ text: 'FERNHOLLOW' }, ['c1', 'c2', 'c3']],
    [{ text: 'c2' }, ['c2']],
    [{ group: 'pilot' }, ['c1', 'c2']],
    [{ group: 'Shop' }, ['c2']],
    [{ group: 'Unassigned Computers' }, ['c3']],
    [{ group: 'All Computers' }, ['c1', 'c2', 'c3']],
    [{ os: 'windows 11' }, ['c1']],
    [{ os: '24h2 pro' }, ['c1']],
    [{ os: 'server 2022' }, ['c2']],
    [{ os: '10.0.20348' }, ['c2']],
    [{ os: 'unknown' }, ['c3']],
    [{ os: 'BeOS' }, []],
    [{ model: 'rack' }, ['c2']],
    [{ model: '100%' }, ['c2']],
    [{ group: 'pilot', os: 'server' }, ['c2']],
    [{ finding: 'unknown-group' }, ['c2']],
    [{ limit: 1 }, ['c1']],
  ] as const satisfies readonly (readonly [Partial<ComputerQuery>, readonly string[]])[]) {
    test(JSON.stringify(query), async () => {
      await using fleet = await open();
      assert.deepEqual(await listed(fleet, query), expected);
    });
  }

  test('by how long they were silent', async () => {
    await using fleet = await open();
    fleet.advance(8 * DAY_MS);
    await fleet.flush((registry) => registry.seen('c2'));
    assert.deepEqual(await listed(fleet, { silentSinceMs: fleet.nowMs - 7 * DAY_MS }), ['c1', 'c3']);
  });

  test('not by a group that does not exist, which is told with the nearest name', async () => {
    await using fleet = await open();
    await assert.rejects(listed(fleet, { group: 'Pilto' }), {
      code: 'OAK_GROUP_UNKNOWN',
      message: /"Pilot"/,
    });
  });
});

test('everything that is known of a computer is shown', async () => {
  await using fleet = await open();
  const shown = await showComputer(fleet.db, 'till-2');
  assert.deepEqual(
    {
      ...{ operatingSystem: shown.operatingSystem, osNumber: shown.osNumber, isServer: shown.isServer },
      ...{ osDescription: shown.osDescription, groups: shown.groups, unknownGroups: shown.unknownGroups },
      ...{ requestedGroups: shown.requestedGroups, clientVersion: shown.clientVersion },
    },
    {
      ...{ operatingSystem: 'Windows Server 2022 Datacenter', osNumber: '10.0.20348', isServer: true },
      ...{ osDescription: 'Windows 10 Pro', groups: ['Shop'], unknownGroups: ['Nowhere'] },
      ...{ requestedGroups: ['Shop', 'Nowhere'], clientVersion: '1507.2601.30012.0' },
    },
  );
});

describe('a name is one computer or none', () => {
  test('its own, whatever else contains it', async () => {
    await using fleet = await open();
    await fleet.greet('c4', 'bench-1');
    assert.equal((await findComputer(fleet.db, 'BENCH-1')).client_id, 'c4');
    assert.equal((await findComputer(fleet.db, 'till')).client_id, 'c2');
  });

  test('several that fit are named', async () => {
    await using fleet = await open();
    await assert.rejects(findComputer(fleet.db, 'fernhollow'), {
      code: 'OAK_COMPUTER_UNKNOWN',
      message: /fits 3 computers: bench-1\.fernhollow\.example \(c1\), /,
    });
  });

  test('and none at all brings the nearest names', async () => {
    await using fleet = await open();
    await assert.rejects(findComputer(fleet.db, 'bench-7.fernhollow.example'), {
      code: 'OAK_COMPUTER_UNKNOWN',
      message: /Did you mean "bench-1\.fernhollow\.example"\?/,
    });
    for (const name of ['', '  ', '%', '_', 'zzz'])
      await assert.rejects(findComputer(fleet.db, name), { code: 'OAK_COMPUTER_UNKNOWN' });
  });
});

describe('moving', () => {
  test('makes a computer belong to exactly the groups named, and is audited', async () => {
    await using fleet = await open();
    const moved = await moveComputer(fleet.db, CALLER, 'c1', ['Shop', 'shop', 'Unassigned Computers'], 5);
    assert.deepEqual(moved.groups, ['Shop']);
    assert.deepEqual((await showComputer(fleet.db, 'c1')).groups, ['Shop']);
    const [entry] = await listAudit(fleet.db, { subject: 'c1' });
    assert.deepEqual([entry.action, entry.timeMs], ['computer.move', 5]);
  });

  test('to no group means Unassigned Computers', async () => {
    await using fleet = await open();
    assert.deepEqual((await moveComputer(fleet.db, CALLER, 'c1', [], 5)).groups, ['Unassigned Computers']);
  });

  test('to an unknown group changes nothing', async () => {
    await using fleet = await open();
    await assert.rejects(moveComputer(fleet.db, CALLER, 'c1', ['Shop', 'Shpo'], 5), {
      code: 'OAK_GROUP_UNKNOWN',
    });
    assert.deepEqual((await showComputer(fleet.db, 'c1')).groups, ['Pilot']);
  });

  test('in a dry run changes nothing', async () => {
    await using fleet = await open();
    assert.deepEqual((await moveComputer(fleet.db, CALLER, 'c1', ['Shop'], 5, true)).groups, ['Shop']);
    assert.equal((await removeComputer(fleet.db, CALLER, 'c1', 5, true)).clientId, 'c1');
    assert.deepEqual((await showComputer(fleet.db, 'c1')).groups, ['Pilot']);
  });

  test('of an unknown computer is refused', async () => {
    await using fleet = await open();
    await assert.rejects(moveComputer(fleet.db, CALLER, 'c9', [], 5), { code: 'OAK_COMPUTER_UNKNOWN' });
  });
});

test('a deleted computer registers again as a new one', async () => {
  await using fleet = await open();
  assert.equal((await removeComputer(fleet.db, CALLER, 'bench-1', 5)).clientId, 'c1');
  await assert.rejects(removeComputer(fleet.db, CALLER, 'bench-1', 5), { code: 'OAK_COMPUTER_UNKNOWN' });
  fleet.forget();
  await fleet.register('c1');
  const { groups, registeredMs } = await showComputer(fleet.db, 'c1');
  assert.deepEqual([groups, registeredMs], [['Unassigned Computers'], fleet.nowMs]);
});

describe('two computers that share an id', () => {
  const found = async (fleet: FleetStore): Promise<(readonly [string, readonly string[]])[]> =>
    (await viewFindings(fleet.db, { limit: 100, kind: 'duplicate-id', nowMs: fleet.nowMs })).items.map(
      (one) => [one.clientId, one.evidence] as const,
    );

  test('are found when their names take turns', async () => {
    await using fleet = await FleetStore.open();
    for (const name of ['a', 'b']) await fleet.greet('c1', name);
    assert.deepEqual(await found(fleet), []);
    await fleet.greet('c1', 'A');
    const [[clientId, names]] = await found(fleet);
    assert.deepEqual([clientId, [...names].toSorted()], ['c1', ['a', 'b']]);
    const noticed = { kind: 'duplicate-id', nowMs: fleet.nowMs, limit: 1 } as const;
    assert.match(
      (await viewFindings(fleet.db, noticed)).items[0].cure,
      /SusClientId and SusClientIdValidation/,
    );
    for (const name of ['b', 'a']) await fleet.greet('c1', name);
    assert.equal((await viewFindings(fleet.db, noticed)).items[0].times, 3);
  });

  test('are found when their hardware takes turns under one name', async () => {
    await using fleet = await FleetStore.open();
    await fleet.greet('c1', 'a');
    for (const model of ['Bench', 'Desk', 'Bench']) await fleet.register('c1', { model });
    const [[, evidence]] = await found(fleet);
    assert.deepEqual([...evidence].toSorted(), ['Fernhollow / Bench / B', 'Fernhollow / Desk / B']);
  });

  test('but not a computer that is renamed, gets new parts, moves, or calls itself two names', async () => {
    await using fleet = await FleetStore.open();
    for (let scan = 0; scan < 4; scan++) {
      // A fresh registry each time, as after a restart: nothing is remembered.
      await fleet.flush(
        (registry) =>
          void registry.greet({
            clientId: 'c1',
            dnsName: 'a',
            requestedGroups: '',
            address: `192.0.2.${scan}`,
          }),
      );
      await fleet.register('c1', { dnsName: 'a.example', biosVersion: String(scan) });
    }
    await fleet.greet('c1', 'b');
    await fleet.register('c1', { model: 'Desk' });
    await fleet.greet('c1', 'c');
    await fleet.greet('c1', 'c.example');
    assert.deepEqual(await found(fleet), []);
  });

  test('however many names come, few are kept', async () => {
    await using fleet = await FleetStore.open();
    for (let index = 0; index < 40; index++) await fleet.greet('c1', `pc-${index}`);
    assert.deepEqual(await found(fleet), []);
    assert.ok((await fleet.temp.count('computer_identity')) <= 17);
  });
});

test('who is silent, does not scan, does not report or never registers is found', async () => {
  await using fleet = await FleetStore.open(sampleDocuments());
  await fleet.scanned('silent', []);
  await fleet.scanned('idle', []);
  await fleet.greet('stranger');
  fleet.advance(31 * DAY_MS);
  for (const id of ['idle', 'stranger']) await fleet.flush((registry) => registry.seen(id));
  await fleet.scanned('mute', []);
  await fleet.scanned('good', []);
  await fleet.report('good');
  const kinds = async (): Promise<string[]> =>
    (await viewFindings(fleet.db, { nowMs: fleet.nowMs, limit: 100 })).items
      .map((one) => `${one.kind} ${one.clientId}`)
      .toSorted();
  assert.deepEqual(await kinds(), ['not-registered stranger', 'not-scanning idle', 'silent silent']);
  fleet.advance(8 * DAY_MS);
  for (const id of ['mute', 'good']) await fleet.scanned(id, []);
  await fleet.report('good');
  assert.ok((await kinds()).includes('not-reporting mute'));
});

test('the last scan and what was installed then are kept, each set once', async () => {
  await using fleet = await open();
  const ids = await fleet.revisionIds([SAMPLE.product, SAMPLE.detectoid]);
  const one = Int32Array.from(ids);
  const other = Int32Array.from([...ids.toReversed(), ids[0]]);
  await fleet.flush((registry) => {
    registry.scanned('c1', one);
    registry.scanned('c2', other);
    registry.scanned('c3', new Int32Array(5_000).fill(7));
    registry.scanned('never came', one);
  });
  assert.equal(await fleet.temp.count('installed_set'), 1);
  const rows = await fleet.db
    .selectFrom('computer')
    .select(['last_scan_ms', 'installed_set'])
    .orderBy('client_id')
    .execute();
  assert.deepEqual(
    rows.map((row) => row.last_scan_ms),
    [fleet.nowMs, fleet.nowMs, fleet.nowMs],
  );
  assert.deepEqual(rows[0].installed_set, rows[1].installed_set);
  assert.equal(rows[2].installed_set, null, 'too many to mean anything');
  assert.deepEqual(
    await readInstalledSet(fleet.db, rows[0].installed_set!),
    Int32Array.from(ids.toSorted((a, b) => a - b)),
  );
});
