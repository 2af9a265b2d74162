import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, detectoid, driver, software } from '../../test/support/catalog-builder.ts';
import { buildFrom } from './build-snapshot.ts';
import { Catalog } from './catalog.ts';
import { NeededSets } from './needed-sets.ts';
import { SnapshotBuilder } from './snapshot-builder.ts';
import { nextSnapshot } from './snapshot.ts';

const shop = catalog({ A: detectoid(), B: software(), Net: driver([{ id: 'PCI\\1' }]) });

describe('what is needed for a list of installed ids', () => {
  test('is kept for this list alone, also when another one has the same hash', () => {
    const sets = new NeededSets();
    const { snapshot } = shop;
    let computed = 0;
    // More lists than there are likely to be different hashes of 32 bits for.
    for (let id = 0; id < 200_000; id++) {
      const ids = Int32Array.of(id, Math.imul(id, 0x9e3779b1));
      const { software: ordinals } = sets.get(snapshot, ids, undefined, (visit) => {
        computed++;
        visit(id % 2);
      });
      assert.equal(ordinals[0], id % 2);
    }
    assert.equal(computed, 200_000);
  });

  test('is worked out once for each limit', () => {
    const sets = new NeededSets();
    const scopes = [undefined, Uint8Array.of(1, 0, 1), Uint8Array.of(0, 1, 1)];
    const answers = [1, 2].flatMap((round) =>
      scopes.map((scope) => {
        const found = sets.get(shop.snapshot, Int32Array.of(1), scope, (visit) => {
          assert.equal(round, 1);
          for (const ordinal of [0, 1, 2]) visit(ordinal);
        });
        return [[...found.software], [...found.drivers]];
      }),
    );
    const expected = [
      [[0, 1], [2]],
      [[0], [2]],
      [[1], [2]],
    ];
    assert.deepEqual(answers, [...expected, ...expected]);
  });

  test('does not change with the array it was asked with', () => {
    const sets = new NeededSets();
    const ids = Int32Array.of(1);
    const ask = (ordinal: number) => sets.get(shop.snapshot, ids, undefined, (visit) => visit(ordinal));
    assert.deepEqual([...ask(0).software], [0]);
    ids[0] = 2;
    assert.deepEqual([...ask(1).software], [1]);
    ids[0] = 1;
    assert.deepEqual([...ask(1).software], [0]);
  });
});

test('what was worked out outlives decisions, and nothing else', () => {
  const builder = new SnapshotBuilder();
  const { rows } = shop;
  const none = { ...rows, updates: [], revisions: [], drivers: [] };
  const first = new Catalog(nextSnapshot(undefined, buildFrom(builder, rows)));
  const needed = first.needed(shop.ids(['A']), []);
  const decided = new Catalog(nextSnapshot(first.snapshot, buildFrom(builder, none)), first);
  assert.equal(decided.needed(shop.ids(['A']), []), needed);
  const [update] = rows.updates;
  const declined = buildFrom(builder, { ...none, updates: [{ ...update, declined: true }] });
  const other = new Catalog(nextSnapshot(decided.snapshot, declined), decided);
  assert.notEqual(other.needed(shop.ids(['A']), []), needed);
  assert.deepEqual([...other.needed(shop.ids(['A']), []).software], [1]);
});
