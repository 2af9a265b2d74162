import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { Guid } from '../soap/simple-type.ts';
import { buildGuidTable, findGuid, guidAt, parseGuidWords } from './guid-table.ts';

function tableOf(guids: readonly (string | undefined)[]) {
  const words = new Int32Array(guids.length * 4);
  const known = Uint8Array.from(guids, (guid, number) =>
    guid !== undefined && parseGuidWords(guid, words, number * 4) ? 1 : 0,
  );
  return buildGuidTable(words, known);
}

const find = (table: ReturnType<typeof tableOf>, guid: string) => findGuid(table, guid as Guid);

// Few values of each part, so that much of two GUIDs is alike; and GUIDs as they come.
const similar = fc
  .tuple(fc.nat(2), fc.nat(2), fc.nat(2))
  .map(([a, b, c]) => `0000000${a}-0000-${b}000-0000-00000000000${c}`);
const guid = fc.oneof(similar, fc.uuid());

describe('a table of GUIDs', () => {
  test('finds what a map finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(guid, { maxLength: 200 }), fc.array(guid), fc.nat(3), (held, asked, gap) => {
        const guids = held.flatMap((one) => [...new Array<undefined>(gap), one]);
        const table = tableOf(guids);
        const map = new Map(guids.flatMap((one, number) => (one === undefined ? [] : [[one, number]])));
        for (const one of [...held, ...asked]) assert.equal(find(table, one), map.get(one));
        for (const [number, one] of guids.entries()) assert.equal(guidAt(table, number), one);
      }),
    );
  });

  test('finds one in any letter case', () => {
    const table = tableOf(['abcdef01-2345-6789-abcd-ef0123456789']);
    assert.equal(find(table, 'ABCDEF01-2345-6789-ABCD-EF0123456789'), 0);
  });

  test('holds the GUID of zeros like any other', () => {
    const zeros = '00000000-0000-0000-0000-000000000000';
    assert.equal(find(tableOf([undefined, zeros]), zeros), 1);
    assert.equal(find(tableOf([undefined]), zeros), undefined);
    assert.equal(guidAt(tableOf([undefined, zeros]), 1), zeros);
  });

  for (const text of ['', 'x', 'g0000000-0000-0000-0000-000000000000', `${'0'.repeat(35)}\u0130`]) {
    test(`finds nothing for "${text}"`, () => {
      assert.equal(find(tableOf(['00000000-0000-0000-0000-000000000000']), text), undefined);
    });
  }

  test('has no GUID for numbers it does not hold', () => {
    const table = tableOf(['abcdef01-2345-6789-abcd-ef0123456789']);
    assert.deepEqual([guidAt(table, -1), guidAt(table, 1)], [undefined, undefined]);
  });
});
