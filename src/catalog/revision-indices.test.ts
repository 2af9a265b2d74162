import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { indexIds } from './revision-indices.ts';
import { ordinalOf } from './snapshot.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const near = fc.integer({ min: 1, max: 300 });
const ids = fc
  .oneof(fc.uniqueArray(near), fc.uniqueArray(int32), fc.uniqueArray(fc.oneof(near, int32)))
  .map((list) => Int32Array.from(list).sort());

describe('the ordinal of a revision id', () => {
  test('is its position, however far apart ids are', () => {
    fc.assert(
      fc.property(ids, fc.array(fc.oneof(near, int32)), (revisionIds, asked) => {
        const index = { revisionIds, ...indexIds(revisionIds) };
        for (const id of [...revisionIds, ...asked])
          assert.equal(ordinalOf(index, id), revisionIds.indexOf(id));
      }),
    );
  });

  test('takes no memory for ids that are not there', () => {
    const { ordinalsById } = indexIds(Int32Array.of(1, 2 ** 31 - 1));
    assert.equal(ordinalsById.length, 0);
  });
});
