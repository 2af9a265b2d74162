import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { StoreChanges } from '../../test/support/random-store-changes.ts';
import { readCatalogRows } from '../../test/support/stored-rows.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { buildSnapshot } from '../catalog/build-snapshot.ts';
import { nextSnapshot, type CatalogSnapshot } from '../catalog/snapshot.ts';
import { SnapshotReader } from './snapshot-reader.ts';

const nat = fc.nat(1000);
const step = fc.oneof(
  fc.record({
    does: fc.constant('stage' as const),
    import: fc.nat(2),
    revisions: fc.array(nat, { maxLength: 6 }),
  }),
  fc.record({ does: fc.constant('publish' as const), import: fc.nat(2) }),
  fc.record({
    does: fc.constantFrom('approve', 'withdraw', 'decline', 'undecline'),
    update: nat,
    group: nat,
  }),
  fc.record({ does: fc.constantFrom('addGroup', 'deleteGroup'), group: nat }),
);
const rareStep = fc.record({ does: fc.constantFrom('deleteRevision', 'changeIdentity'), revision: nat });
const steps = fc.array(fc.oneof({ weight: 9, arbitrary: step }, { weight: 1, arbitrary: rareStep }), {
  minLength: 1,
  maxLength: 14,
});

describe('what a reader gives one after the other', () => {
  test('is what the store holds, whatever was imported, decided, deleted in between', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await using temp = await TempStore.open();
        const changes = new StoreChanges(temp);
        const reader = new SnapshotReader(temp.store.reader);
        let snapshot: CatalogSnapshot | undefined;
        const seen: [CatalogSnapshot, CatalogSnapshot][] = [];
        for (const one of all) {
          await changes.make(one);
          const change = reader.read();
          // What an unfinished import mentions is nothing that a client could notice.
          if (change === undefined) continue;
          snapshot = nextSnapshot(snapshot, change);
          seen.push([snapshot, buildSnapshot(await readCatalogRows(temp.db))]);
        }
        for (const [incremental, whole] of seen) assert.deepEqual(incremental, whole);
      }),
      { numRuns: 25 },
    );
  });

  test('is nothing while nothing changes', async () => {
    await using temp = await TempStore.open();
    const reader = new SnapshotReader(temp.store.reader);
    assert.notEqual(reader.read(), undefined);
    assert.equal(reader.read(), undefined);
  });

  const partsAfter = async (...all: Parameters<StoreChanges['make']>[0][]): Promise<string[]> => {
    await using temp = await TempStore.open();
    const changes = new StoreChanges(temp);
    await changes.make({ does: 'stage', import: 0, revisions: [1, 2, 3] });
    await changes.make({ does: 'stage', import: 1, revisions: [4, 5] });
    await changes.make({ does: 'publish', import: 1 });
    const reader = new SnapshotReader(temp.store.reader);
    reader.read();
    for (const one of all) await changes.make(one);
    return Object.keys(reader.read() ?? {});
  };

  test('is the decisions only after an approval', async () => {
    assert.deepEqual(await partsAfter({ does: 'approve', update: 1, group: 0 }), ['decisions']);
  });

  test('has no revisions after something was declined', async () => {
    assert.deepEqual(await partsAfter({ does: 'decline', update: 1, group: 0 }), ['scope', 'decisions']);
  });

  test('is everything when revisions are published whose ids lie between', async () => {
    assert.deepEqual(await partsAfter({ does: 'publish', import: 0 }), ['revisions', 'scope', 'decisions']);
  });

  test('is everything after it failed half-way', async () => {
    await using temp = await TempStore.open();
    const changes = new StoreChanges(temp);
    await changes.make({ does: 'stage', import: 0, revisions: [1, 2] });
    await changes.make({ does: 'publish', import: 0 });
    const reader = new SnapshotReader(temp.store.reader);
    reader.read();
    const { relations } = await temp.db.selectFrom('revision').select('relations').executeTakeFirstOrThrow();
    const damage = async (bytes: Uint8Array): Promise<void> => {
      await temp.db.updateTable('revision').set({ relations: bytes }).where('id', '=', 1).execute();
      await changes.make({ does: 'changeIdentity', revision: 0 });
    };
    await damage(relations.subarray(0, 3));
    assert.throws(() => reader.read(), /damaged/);
    await damage(relations);
    assert.deepEqual(Object.keys(reader.read() ?? {}), ['revisions', 'scope', 'decisions']);
  });
});
