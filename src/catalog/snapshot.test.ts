import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, driver, part, software } from '../../test/support/catalog-builder.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { driversFor, printerIds } from './driver-table.ts';
import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import { isLeaf, nextSnapshot, ordinalOf, ordinalOfIdentity, type CatalogSnapshot } from './snapshot.ts';

const shop = catalog({
  A: [software({ revision: 5 }), software({ revision: 200 })],
  B: [software({ revision: 3 }), software({ revision: 1 }), software({ revision: 2 })],
  C: software({ revision: 0, needs: ['Nobody'] }),
  Printer: driver([
    { id: 'USB\\Lp1', class: 'Printer' },
    { id: 'LPT\\lp1', class: 'Printers' },
    { id: 'USB\\Scan', class: 'Image' },
  ]),
});

describe('the ordinal of a revision', () => {
  test('is found by its id', () => {
    for (const [ordinal, id] of shop.snapshot.revisionIds.entries())
      assert.equal(ordinalOf(shop.snapshot, id), ordinal);
  });

  for (const id of [0, -1, 1, 99_999, 100_001, 100_042 + 1, 2 ** 31 - 1, -(2 ** 31)]) {
    test(`is -1 for the id ${id}, which nobody has`, () => {
      assert.equal(ordinalOf(shop.snapshot, id), -1);
    });
  }

  test('is -1 for every id where there are no revisions', () => {
    assert.equal(ordinalOf(catalog({}).snapshot, 100_000), -1);
  });

  test('is found by its identity, whichever revision of the update it is', () => {
    const identities = [
      ['A', 5],
      ['A', 200],
      ['B', 3],
      ['B', 1],
      ['B', 2],
      ['C', 0],
    ] as const;
    assert.deepEqual(
      identities.map(([name, revision]) => ordinalOfIdentity(shop.snapshot, shop.updateId(name), revision)),
      [0, 1, 2, 3, 4, 5],
    );
  });

  test('is -1 for a revision that is not there, of an update that is, or is only mentioned', () => {
    assert.equal(ordinalOfIdentity(shop.snapshot, shop.updateId('A'), 4), -1);
    assert.equal(ordinalOfIdentity(shop.snapshot, shop.updateId('C'), 1), -1);
    assert.equal(ordinalOfIdentity(shop.snapshot, shop.updateId('Nobody'), 1), -1);
  });

  test('is -1 for an update nobody has', () => {
    const { snapshot } = catalog({ Z: software() });
    assert.equal(ordinalOfIdentity(snapshot, shop.updateId('B'), 1), -1);
  });
});

describe('a snapshot', () => {
  test('knows the highest revision of each update, and the others', () => {
    const { latest, older } = shop.snapshot;
    const number = shop.updateNumber('B');
    assert.equal(shop.name(latest[number]), 'B r3');
    assert.deepEqual(
      [...older.values.slice(older.starts[number], older.starts[number + 1])].map((one) => shop.name(one)),
      ['B r1', 'B r2'],
    );
  });

  test('resolves bundle members to ordinals, and leaves out those that are not there', () => {
    const { snapshot, name } = bundles();
    const members = (ordinal: number): string[] =>
      [
        ...snapshot.bundled.values.slice(
          snapshot.bundled.starts[ordinal],
          snapshot.bundled.starts[ordinal + 1],
        ),
      ].map(name);
    assert.deepEqual(members(2), ['Part r2', 'Part r1', 'Part r2']);
    assert.deepEqual(members(3), []);
  });

  test('finds drivers by hardware id in lower case, and keeps what the driver wrote', () => {
    const entries = driversFor(shop.snapshot.drivers, 'usb\\lp1');
    assert.deepEqual(
      entries.map((entry) => [shop.name(entry.ordinal), entry.hardwareId]),
      [['Printer', 'USB\\Lp1']],
    );
  });

  test('knows printer drivers under both names of the class, by the ids they print with', () => {
    assert.deepEqual(printerIds(shop.snapshot.drivers, shop.ordinal('Printer')), ['USB\\Lp1', 'LPT\\lp1']);
    assert.deepEqual(printerIds(shop.snapshot.drivers, shop.ordinal('A')), []);
  });

  test('leaves out drivers of revisions that are not published', () => {
    const { drivers } = buildSnapshot({ ...shop.rows, revisions: [] });
    assert.equal(drivers.ordinals.length, 0);
  });

  test('of nothing answers everything', () => {
    const { snapshot } = catalog({});
    assert.deepEqual([snapshot.change, snapshot.updates.length], [1, 0]);
  });

  test('calls what nothing needs a leaf', () => {
    const { snapshot, ordinal } = catalogOfTwo();
    assert.equal(isLeaf(snapshot, ordinal('Base')), false);
    assert.equal(isLeaf(snapshot, ordinal('Fix')), true);
  });

  function bundles() {
    const built = catalog({
      Part: [part(), part()],
      Bundle: software({ holds: [['Part', 'Part r1', 'Part r9'], 'Part r2', 'Nobody'] }),
      Empty: software({ holds: ['Nobody r1', []] }),
    });
    return { snapshot: built.snapshot, name: (one: number) => built.name(one) };
  }

  function catalogOfTwo() {
    const built = catalog({ Base: software(), Fix: software({ needs: ['Base'] }) });
    return { snapshot: built.snapshot, ordinal: (name: string) => built.ordinal(name) };
  }
});

describe('the next generation', () => {
  const { snapshot } = shop;
  const group = (name: string): CatalogSnapshot['groups'] =>
    new Map([[ALL_COMPUTERS, { id: ALL_COMPUTERS, name, parentId: null }]]);
  const decided = (groups: CatalogSnapshot['groups']) =>
    nextSnapshot({ ...snapshot, groups: group('All') }, { decisions: { ...snapshot, change: 99, groups } });

  test('keeps what did not change, and the groups as long as they are the same', () => {
    const before = group('All');
    const next = nextSnapshot(
      { ...snapshot, groups: before },
      { decisions: { ...snapshot, change: 99, groups: group('All') } },
    );
    assert.equal(next.change, 99);
    assert.equal(next.revisionIds, snapshot.revisionIds);
    assert.equal(next.groups, before);
  });

  test('has other groups when one was renamed, added or deleted', () => {
    for (const groups of [group('Everybody'), new Map()]) assert.equal(decided(groups).groups, groups);
  });
});
