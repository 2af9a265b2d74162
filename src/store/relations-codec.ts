import type { NumberedRelations } from '../catalog/catalog-rows.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Relations } from '../metadata/relations.ts';

/** Every UpdateID that relations mention. */
export function* mentionedIds(relations: Relations): Generator<UpdateId> {
  for (const clause of relations.prerequisites) yield* clause.updateIds;
  for (const clause of relations.bundled) for (const member of clause) yield member.updateId;
  yield* relations.superseded;
}

/**
 * A revision's relations over update numbers, as one row of integers: what the snapshot is built from
 * without parsing a document again.
 *
 * Layout (int32, little-endian): number of prerequisite clauses; per clause `count * 2 + isCategory` and
 * the update numbers; number of bundle clauses; per clause its count and pairs of update number and
 * revision number (-1: the highest); then the superseded update numbers to the end.
 */
export function encodeRelations(relations: Relations, numberOf: (updateId: UpdateId) => number): Uint8Array {
  const row: number[] = [relations.prerequisites.length];
  for (const clause of relations.prerequisites) {
    row.push(clause.updateIds.length * 2 + (clause.isCategory ? 1 : 0));
    for (const updateId of clause.updateIds) row.push(numberOf(updateId));
  }
  row.push(relations.bundled.length);
  for (const clause of relations.bundled) {
    row.push(clause.length);
    for (const member of clause) row.push(numberOf(member.updateId), member.revisionNumber ?? -1);
  }
  for (const updateId of relations.superseded) row.push(numberOf(updateId));
  const bytes = new DataView(new ArrayBuffer(row.length * 4));
  for (const [index, value] of row.entries()) bytes.setInt32(index * 4, value, true);
  return new Uint8Array(bytes.buffer);
}

/** The inverse of {@link encodeRelations}. */
export function decodeRelations(bytes: Uint8Array): NumberedRelations {
  const row = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (): number => {
    const value = row.getInt32(at, true);
    at += 4;
    return value;
  };
  const times = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);
  const prerequisites = times(next(), () => {
    const header = next();
    return { isCategory: (header & 1) === 1, updates: times(header >> 1, next) };
  });
  const bundled = times(next(), () => times(next(), () => ({ update: next(), revisionNumber: next() })));
  return { prerequisites, bundled, superseded: times((row.byteLength - at) / 4, next) };
}
