import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Part, PutParts } from '../../test/support/sample-service.ts';
import type { Decoded, Encodable } from './message-type.ts';

type PartValue = Encodable<typeof Part>;
type Request = Decoded<typeof PutParts.request>;

// The assertions that matter here are the compiler's.
test('a declaration gives its messages their types', () => {
  const parts: readonly PartValue[] = [
    { Rank: 1, Id: 2, Key: null, Tags: ['a', 'b'] },
    // @ts-expect-error a required element is missing
    { Rank: 1 },
    // @ts-expect-error a required attribute is missing
    { Id: 2 },
    // @ts-expect-error there is no such element
    { Rank: 1, Id: 2, Size: 3 },
    // @ts-expect-error a string is no int
    { Rank: 1, Id: '2' },
  ];
  assert.equal(parts.length, 5);

  const request: Request = { parts: [{ Rank: 1, Id: null }] };
  const rank: number | undefined = request.parts?.[0].Rank;
  const id: number | null | undefined = request.parts?.[0].Id;
  const ids: Int32Array | null | undefined = request.ids;
  // @ts-expect-error what the sender left out is undefined
  const colour: 'Red' | 'Green' | null = request.colour;
  assert.deepEqual([rank, id, ids, colour], [1, null, undefined, undefined]);
});
