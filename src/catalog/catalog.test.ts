import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, product, software } from '../../test/support/catalog-builder.ts';

const GROUPS = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`G${index}`, null]));
const PRODUCTS = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`P${index}`, product()]));

describe('an audience', () => {
  const shop = catalog({ Fix: software() }, { groups: GROUPS });

  test('is worked out once for the same groups in any order', () => {
    assert.equal(shop.audience('G1', 'G2'), shop.audience('G2', 'G1', 'G2'));
    assert.notEqual(shop.audience('G1'), shop.audience('G2'));
  });

  test('makes room when it was not asked for the longest time', () => {
    const fresh = catalog({ Fix: software() }, { groups: GROUPS });
    const first = fresh.audience('G0');
    const second = fresh.audience('G1');
    const third = fresh.audience('G2');
    for (let index = 3; index < 1024; index++) fresh.audience(`G${index}`);
    assert.equal(fresh.audience('G0'), first);
    const ninth = fresh.audience('G9');
    fresh.audience('G1024');
    assert.equal(fresh.audience('G0'), first);
    assert.equal(fresh.audience('G9'), ninth);
    assert.equal(fresh.audience('G2'), third);
    assert.notEqual(fresh.audience('G1'), second);
  });
});

describe('the scope of a category', () => {
  const shop = catalog({ ...PRODUCTS, Fix: software({ needs: ['Nobody'] }) });
  const scope = (...names: string[]): Uint8Array =>
    shop.catalog.categoryScope(names.map((name) => shop.updateId(name)));

  test('is worked out once for the same categories in any order, known ones', () => {
    const ids = [shop.updateId('P1'), shop.updateId('P2')];
    assert.equal(shop.catalog.categoryScope(ids), shop.catalog.categoryScope(ids.toReversed()));
    const stranger = catalog(PRODUCTS_MORE).updateId('Z99');
    assert.equal(shop.catalog.categoryScope([stranger, ...ids]), shop.catalog.categoryScope(ids));
  });

  test('makes room when it was not asked for the longest time', () => {
    const first = scope('P0');
    const second = scope('P1');
    for (let index = 2; index < 64; index++) scope(`P${index}`);
    assert.equal(scope('P0'), first);
    scope('P70');
    assert.equal(scope('P0'), first);
    assert.notEqual(scope('P1'), second);
  });
});

const PRODUCTS_MORE = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`Z${index}`, product()]));
