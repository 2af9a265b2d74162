import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divide, Share } from './share.ts';

test('a share says yes as often as it should, and evenly', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 500 }),
      (share, times) => {
        const asked = new Share(share);
        let said = 0;
        for (let count = 1; count <= times; count++) {
          if (asked.next()) said++;
          assert.ok(Math.abs(said - share * count) <= 0.5 + 1e-6);
        }
      },
    ),
  );
});

test('what is divided adds up', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(fc.nat(1000), { minLength: 1 }), (total, weights) => {
      const parts = divide(total, weights);
      const sum = parts.reduce((all, part) => all + part, 0);
      assert.equal(sum, weights.some((weight) => weight > 0) ? total : 0);
      assert.ok(parts.every((part) => Number.isInteger(part) && part >= 0));
    }),
  );
});
