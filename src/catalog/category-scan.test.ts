import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalog, classification, detectoid, product, software } from '../../test/support/catalog-builder.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { preferCategories } from './category-scan.ts';

const shop = catalog({
  Windows: product(),
  Server: [product(), product()],
  Security: classification(),
  Drivers: classification(),
  Company: { type: 'Category', categoryType: 'Company' },
  Nameless: { type: 'Category' },
  Desktop: detectoid({ needs: ['Nobody', 'Nowhere'] }),
  Fix: software(),
});

/** Groups of ANDed names, as one sentence each: what is preferred, and what is in error. */
function prefer(...groups: (readonly string[])[]): string {
  const requested = groups.flatMap((names, andGroup) =>
    names.map((name) => ({ andGroup, categoryId: shop.updateId(name) })),
  );
  const { preferred, inError } = preferCategories(shop.snapshot, requested);
  const names = (ids: readonly UpdateId[]): string =>
    ids.map((id) => shop.nameOfUpdate(id)).join(' ') || 'nothing';
  return `${names(preferred)}; in error ${names(inError)}`;
}

describe('StartCategoryScan prefers', () => {
  const cases: readonly [sentence: string, groups: readonly (readonly string[])[], answer: string][] = [
    ['a product', [['Windows']], 'Windows; in error nothing'],
    ['a product of several revisions', [['Server']], 'Server; in error nothing'],
    ['of product and classification the product', [['Windows', 'Security']], 'Windows; in error nothing'],
    ['the same in the other order', [['Security', 'Windows']], 'Windows; in error nothing'],
    [
      'of several groups each one’s product',
      [['Server'], ['Drivers', 'Windows']],
      'Server Windows; in error nothing',
    ],
    [
      'a product once, of two groups that differ in the classification',
      [
        ['Windows', 'Security'],
        ['Windows', 'Drivers'],
      ],
      'Windows; in error nothing',
    ],
    ['nothing at all for a classification alone', [['Windows'], ['Security']], 'nothing; in error nothing'],
    ['nothing, in whatever order the groups come', [['Security'], ['Windows']], 'nothing; in error nothing'],
    ['nothing at all for two products', [['Windows', 'Server']], 'nothing; in error nothing'],
    ['nothing at all for one product twice', [['Windows', 'Windows']], 'nothing; in error nothing'],
    ['nothing at all for two classifications', [['Security', 'Drivers']], 'nothing; in error nothing'],
    [
      'nothing at all for a product and two classifications',
      [['Windows', 'Security', 'Drivers']],
      'nothing; in error nothing',
    ],
    ['nothing at all for another kind of category', [['Company']], 'nothing; in error nothing'],
    [
      'nothing at all for a product and another kind of category',
      [['Windows', 'Company']],
      'nothing; in error nothing',
    ],
    ['nothing at all for a category of no kind', [['Windows'], ['Nameless']], 'nothing; in error nothing'],
    ['nothing when nothing is asked for', [], 'nothing; in error nothing'],
  ];
  for (const [sentence, groups, answer] of cases) {
    test(sentence, () => {
      assert.equal(prefer(...groups), answer);
    });
  }
});

describe('StartCategoryScan reports in error', () => {
  const cases: readonly [sentence: string, groups: readonly (readonly string[])[], answer: string][] = [
    ['a category nobody has', [['Nobody']], 'nothing; in error Nobody'],
    ['what is no category', [['Fix'], ['Desktop']], 'nothing; in error Fix Desktop'],
    [
      'it once, however often it is asked for',
      [['Nobody'], ['Nobody', 'Nobody']],
      'nothing; in error Nobody',
    ],
    [
      'it, and drops the whole group it stands in',
      [['Windows', 'Nobody'], ['Server']],
      'Server; in error Nobody',
    ],
    [
      'it, and does not mind what else its group says',
      [['Security', 'Nobody', 'Drivers'], ['Server']],
      'Server; in error Nobody',
    ],
    [
      'it, also when another group clears the list',
      [['Windows'], ['Security'], ['Nobody'], ['Nowhere']],
      'nothing; in error Nobody Nowhere',
    ],
  ];
  for (const [sentence, groups, answer] of cases) {
    test(sentence, () => {
      assert.equal(prefer(...groups), answer);
    });
  }

  test('a category under an id that was never heard of', () => {
    const other = catalog({
      X: software({ needs: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'] }),
    });
    const categoryId = other.updateId('K');
    const { preferred, inError } = preferCategories(shop.snapshot, [{ andGroup: 0, categoryId }]);
    assert.deepEqual({ preferred, inError }, { preferred: [], inError: [categoryId] });
  });
});
