import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { catalog, detectoid, software, type NamedCatalog } from '../../test/support/catalog-builder.ts';
import { ask, NO_LIMITS } from '../../test/support/named-scan.ts';
import { firstPage, type PageLimits } from './page.ts';

/** The pages a client receives that lists everything it received before as cached. */
function pages(shop: NamedCatalog, page: Partial<PageLimits>): string[] {
  const sent: string[] = [];
  const all: string[] = [];
  for (;;) {
    const answer = ask(shop, { cached: sent, page });
    all.push(answer.sent.join(' ') + (answer.truncated ? ' …' : ''));
    sent.push(...answer.new);
    if (!answer.truncated) return all;
  }
}

const five = catalog({
  Leaf1: software(),
  Base1: detectoid(),
  Leaf2: software(),
  Base2: detectoid(),
  Leaf3: software(),
  Waiting: software({ needs: ['Base1', 'Base2'] }),
});

describe('a page', () => {
  test('begins with what others need', () => {
    assert.deepEqual(pages(five, {}), ['Base1 Base2 Leaf1 Leaf2 Leaf3']);
  });

  test('holds at most so many updates', () => {
    assert.deepEqual(pages(five, { updates: 2 }), ['Base1 Base2 …', 'Leaf1 Leaf2 …', 'Leaf3']);
    assert.deepEqual(pages(five, { updates: 1 }), ['Base1 …', 'Base2 …', 'Leaf1 …', 'Leaf2 …', 'Leaf3']);
  });

  test('that takes exactly what is left is not truncated', () => {
    assert.deepEqual(pages(five, { updates: 5 }), ['Base1 Base2 Leaf1 Leaf2 Leaf3']);
    assert.deepEqual(pages(five, { updates: 4 }), ['Base1 Base2 Leaf1 Leaf2 …', 'Leaf3']);
  });

  const sized = catalog({
    A: software({ bytes: 400 }),
    B: software({ bytes: 600 }),
    C: software({ bytes: 1 }),
    Huge: software({ bytes: 5000 }),
    D: software({ bytes: 999 }),
    E: software({ bytes: 1 }),
  });

  test('holds at most so many bytes, fills up with what fits, and a larger fragment goes alone', () => {
    assert.deepEqual(pages(sized, { bytes: 999 }), ['A C E …', 'B …', 'Huge …', 'D']);
    assert.deepEqual(pages(sized, { bytes: 1000 }), ['A B …', 'C D …', 'Huge …', 'E']);
  });

  test('holds one update even where none fits', () => {
    assert.deepEqual(pages(sized, { bytes: 0 }), ['A …', 'B …', 'C …', 'Huge …', 'D …', 'E']);
  });

  test('obeys whichever limit comes first', () => {
    assert.deepEqual(pages(sized, { bytes: 1000, updates: 1 }).length, 6);
    assert.deepEqual(pages(sized, { bytes: 6001, updates: 3 }), ['A B C …', 'Huge D E']);
  });

  test('of nothing is empty and whole', () => {
    assert.deepEqual(firstPage(five.snapshot, [], { updates: 1, bytes: 1 }), {
      ordinals: [],
      truncated: false,
    });
  });

  test('keeps the order it is given otherwise, and leaves the list alone', () => {
    const missing = Object.freeze([4, 3, 0, 1]);
    assert.deepEqual(firstPage(five.snapshot, missing, NO_LIMITS).ordinals, [3, 1, 4, 0]);
  });
});

describe('all pages together', () => {
  test('send every update once, none twice, whatever the limits', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 60 });
    const limits = fc.record({
      updates: fc.integer({ min: 1, max: 20 }),
      bytes: fc.integer({ min: 0, max: 5000 }),
    });
    fc.assert(
      fc.property(sizes, limits, (bytes, page) => {
        const shop = catalog(
          Object.fromEntries(bytes.map((size, index) => [`U${index}`, software({ bytes: size })])),
        );
        const sent = pages(shop, page).map((line) => line.replace(' …', '').split(' '));
        const all = bytes.map((_, index) => `U${index}`);
        assert.deepEqual(sent.flat().sort(), [...all].sort());
        // Nothing waits for ever: each page begins with the first that is missing.
        const rest = new Set(all);
        for (const names of sent) {
          assert.equal(names[0], [...rest][0]);
          for (const name of names) rest.delete(name);
        }
        for (const names of sent) {
          const total = names.reduce((sum, name) => sum + bytes[Number(name.slice(1))], 0);
          assert.ok(names.length <= page.updates);
          assert.ok(total <= page.bytes || names.length === 1);
        }
      }),
      { numRuns: 50 },
    );
  });
});
