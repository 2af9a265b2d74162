import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { groupByKey, ListsBuilder, type Lists } from './lists.ts';

const unpacked = ({ starts, values }: Lists): number[][] =>
  Array.from({ length: starts.length - 1 }, (_, list) => [...values.slice(starts[list], starts[list + 1])]);

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('lists of integers', () => {
  test('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.array(int, { maxLength: 30 }), { maxLength: 100 }), (lists) => {
        const builder = new ListsBuilder();
        for (const list of lists) builder.add(list);
        assert.equal(builder.count, lists.length);
        assert.deepEqual(unpacked(builder.build()), lists);
      }),
      { numRuns: 50 },
    );
  });

  test('may be many, and long', () => {
    const builder = new ListsBuilder();
    const lists = Array.from({ length: 5000 }, (_, index) => Array.from({ length: index % 7 }, () => index));
    const long = Array.from({ length: 9000 }, (_, index) => index);
    for (const list of [...lists, long]) builder.add(list);
    assert.deepEqual(unpacked(builder.build()), [...lists, long]);
  });

  test('may be none', () => {
    assert.deepEqual(unpacked(new ListsBuilder().build()), []);
  });
});

describe('pairs of key and value', () => {
  test('become one list per key, values in the order given', () => {
    const pairs = fc.array(fc.tuple(fc.nat(9), int), { maxLength: 60 });
    fc.assert(
      fc.property(pairs, (all) => {
        const grouped = groupByKey(
          10,
          all.map(([key]) => key),
          all.map(([, value]) => value),
        );
        const expected = Array.from({ length: 10 }, (_, key) =>
          all.filter((pair) => pair[0] === key).map(([, value]) => value),
        );
        assert.deepEqual(unpacked(grouped), expected);
      }),
      { numRuns: 50 },
    );
  });
});
