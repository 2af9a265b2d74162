import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  catalog,
  classification,
  detectoid,
  driver,
  part,
  product,
  software,
  type NamedCatalog,
} from '../../test/support/catalog-builder.ts';

function scopeOf(shop: NamedCatalog): string[] {
  return [...shop.snapshot.inScope].filter((ordinal) => ordinal >= 0).map((ordinal) => shop.name(ordinal));
}

describe('what may be sent to clients', () => {
  test('every update that is not declined, approved or not', () => {
    const shop = catalog(
      {
        Windows: product(),
        Security: classification(),
        Desktop: detectoid({ needs: ['Windows'] }),
        Approved: software({ in: ['Windows', 'Security'] }),
        Unapproved: software({ in: ['Windows', 'Security'] }),
        Declined: software({ in: ['Windows', 'Security'] }),
        Network: driver({ id: 'PCI\\1' }),
      },
      { approvals: { Approved: { Everyone: 'Install' } }, declined: ['Declined'] },
    );
    assert.deepEqual(scopeOf(shop), ['Windows', 'Security', 'Desktop', 'Approved', 'Unapproved', 'Network']);
  });

  test('an update that nothing refers to and that refers to nothing', () => {
    assert.deepEqual(scopeOf(catalog({ Orphan: software() })), ['Orphan']);
  });

  test('an update that something supersedes', () => {
    assert.deepEqual(scopeOf(catalog({ Old: software(), New: software({ supersedes: ['Old'] }) })), [
      'Old',
      'New',
    ]);
  });

  test('a declined prerequisite of something that is not', () => {
    const shop = catalog(
      { Stack: software(), Base: software(), Fix: software({ needs: [['Stack', 'Other']] }) },
      { declined: ['Stack', 'Base'] },
    );
    assert.deepEqual(scopeOf(shop), ['Stack', 'Fix']);
  });

  test('a declined prerequisite of a declined prerequisite', () => {
    const shop = catalog(
      { A: software(), B: software({ needs: ['A'] }), C: software({ needs: ['B'] }) },
      { declined: ['A', 'B'] },
    );
    assert.deepEqual(scopeOf(shop), ['A', 'B', 'C']);
  });

  test('no declined prerequisite of what is declined as well', () => {
    const shop = catalog(
      { A: software(), B: software({ needs: ['A'] }), C: software() },
      { declined: ['A', 'B'] },
    );
    assert.deepEqual(scopeOf(shop), ['C']);
  });

  test('a declined member of a bundle that is not declined', () => {
    const shop = catalog(
      { Hidden: part(), Visible: software(), Bundle: software({ holds: ['Hidden', 'Visible'] }) },
      { declined: ['Hidden', 'Visible'] },
    );
    assert.deepEqual(scopeOf(shop), ['Hidden', 'Visible', 'Bundle']);
  });

  test('a hidden member with a bundle that is not declined, however deep it lies', () => {
    const shop = catalog({
      Leaf: part(),
      Inner: part({ holds: ['Leaf'] }),
      Outer: software({ holds: [['Inner', 'Nobody']] }),
    });
    assert.deepEqual(scopeOf(shop), ['Leaf', 'Inner', 'Outer']);
  });

  test('no hidden member whose every bundle is declined', () => {
    const shop = catalog(
      {
        OfBoth: part(),
        OfOne: part(),
        First: software({ holds: ['OfBoth', 'OfOne'] }),
        Second: software({ holds: ['OfBoth'] }),
      },
      { declined: ['First'] },
    );
    assert.deepEqual(scopeOf(shop), ['OfBoth', 'Second']);
  });

  test('no hidden member that the latest revision of its bundle dropped', () => {
    const shop = catalog({
      Dropped: part(),
      Kept: part(),
      Bundle: [software({ holds: ['Dropped', 'Kept'] }), software({ holds: ['Kept'] })],
    });
    assert.deepEqual(scopeOf(shop), ['Kept', 'Bundle r2']);
  });

  test('a hidden member that is a prerequisite of something else', () => {
    const shop = catalog(
      { Member: part(), Bundle: software({ holds: ['Member'] }), Fix: software({ needs: ['Member'] }) },
      { declined: ['Bundle'] },
    );
    assert.deepEqual(scopeOf(shop), ['Member', 'Fix']);
  });

  test('a visible member, whatever happens to its bundle', () => {
    const shop = catalog(
      { Member: software(), Bundle: software({ holds: ['Member'] }) },
      { declined: ['Bundle'] },
    );
    assert.deepEqual(scopeOf(shop), ['Member']);
  });

  test('nothing of hidden bundles that only hold each other', () => {
    const shop = catalog({ A: part({ holds: ['B'] }), B: part({ holds: ['A'] }), C: software() });
    assert.deepEqual(scopeOf(shop), ['C']);
  });

  test('hidden software that belongs to no bundle', () => {
    assert.deepEqual(scopeOf(catalog({ Lonely: part() })), ['Lonely']);
  });
});

describe('one revision of each update', () => {
  test('is the highest, in whatever order they came', () => {
    const shop = catalog({
      Up: [software({ revision: 1 }), software({ revision: 2 })],
      Down: [software({ revision: 200 }), software({ revision: 100 })],
    });
    assert.deepEqual(scopeOf(shop), ['Up r2', 'Down r200']);
  });

  test('is the one that a bundle names, while nothing wants a higher one', () => {
    const shop = catalog({ Part: [part(), part(), part()], Bundle: software({ holds: ['Part r2'] }) });
    assert.deepEqual(scopeOf(shop), ['Part r2', 'Bundle']);
  });

  test('is the higher of two that bundles name', () => {
    const shop = catalog({
      Part: [part(), part(), part()],
      First: software({ holds: ['Part r1'] }),
      Second: software({ holds: ['Part r2'] }),
    });
    assert.deepEqual(scopeOf(shop), ['Part r2', 'First', 'Second']);
  });

  test('is the highest when a bundle names an older one of what goes out by itself', () => {
    const shop = catalog({ Fix: [software(), software()], Bundle: software({ holds: ['Fix r1'] }) });
    assert.deepEqual(scopeOf(shop), ['Fix r2', 'Bundle']);
  });

  test('is the highest of a prerequisite, even where a bundle names an older one', () => {
    const shop = catalog({
      Part: [part(), part()],
      Bundle: software({ holds: ['Part r1'] }),
      Fix: software({ needs: ['Part'] }),
    });
    assert.deepEqual(scopeOf(shop), ['Part r2', 'Bundle', 'Fix']);
  });

  test('is none when a bundle names a revision that is not there', () => {
    const shop = catalog({ Part: part(), Bundle: software({ holds: ['Part r7', 'Nobody'] }) });
    assert.deepEqual(scopeOf(shop), ['Bundle']);
  });
});
