import assert from 'node:assert/strict';
import fc, { type Arbitrary } from 'fast-check';
import { describe, it } from 'node:test';
import { decodeRelations } from '../../test/support/stored-rows.ts';
import type { Relations } from '../metadata/relations.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { encodeRelations, mentionedIds } from './relations-codec.ts';

const updateIds = fc.uuid().map((id) => id as UpdateId);
const relationsOf: Arbitrary<Relations> = fc.record({
  prerequisites: fc.array(fc.record({ isCategory: fc.boolean(), updateIds: fc.array(updateIds) })),
  bundled: fc.array(
    fc.array(fc.record({ updateId: updateIds, revisionNumber: fc.option(fc.nat(), { nil: undefined }) })),
  ),
  superseded: fc.array(updateIds),
});

/** Numbers in the order in which ids are mentioned, from a big one on. */
function numbering(relations: Relations): Map<UpdateId, number> {
  const ids = [...new Set(mentionedIds(relations))];
  return new Map(ids.map((id, index) => [id, 0x7fff_ffff - index]));
}

describe('the relations of a revision', () => {
  it('come back as they were, over numbers', () => {
    fc.assert(
      fc.property(relationsOf, (relations) => {
        const numbers = numbering(relations);
        const number = (id: UpdateId): number => numbers.get(id) ?? Number.NaN;
        assert.deepEqual(decodeRelations(encodeRelations(relations, number)), {
          prerequisites: relations.prerequisites.map((clause) => ({
            isCategory: clause.isCategory,
            updates: clause.updateIds.map(number),
          })),
          bundled: relations.bundled.map((clause) =>
            clause.map((member) => ({
              update: number(member.updateId),
              revisionNumber: member.revisionNumber ?? -1,
            })),
          ),
          superseded: relations.superseded.map(number),
        });
      }),
    );
  });

  it('are read from the middle of a larger buffer', () => {
    const encoded = encodeRelations(
      { prerequisites: [], bundled: [], superseded: ['a' as UpdateId] },
      () => 7,
    );
    const larger = Buffer.concat([Buffer.alloc(3, 0xff), encoded, Buffer.alloc(5, 0xff)]);
    const { superseded } = decodeRelations(larger.subarray(3, 3 + encoded.length));
    assert.deepEqual(superseded, [7]);
  });

  it('may be more than an argument list can hold', () => {
    const many = Array.from({ length: 200_000 }, () => 'a' as UpdateId);
    const relations = {
      prerequisites: [{ isCategory: true, updateIds: many }],
      bundled: [],
      superseded: many,
    };
    const decoded = decodeRelations(encodeRelations(relations, () => 1));
    assert.equal(decoded.prerequisites[0].updates.length, many.length);
    assert.equal(decoded.superseded.length, many.length);
  });

  it('take no more than their numbers', () => {
    const none = encodeRelations({ prerequisites: [], bundled: [], superseded: [] }, () => 0);
    assert.equal(none.length, 8);
  });
});
