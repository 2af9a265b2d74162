import type { RelationsSink } from '../catalog/snapshot-builder.ts';
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

/**
 * Tells what {@link encodeRelations} wrote number by number, for a million rows without an object each.
 *
 * @throws RangeError when a row ends too early
 */
export function tellRelations(bytes: Uint8Array, sink: RelationsSink): void {
  let at = 0;
  const next = (): number => {
    if (at + 4 > bytes.length) throw new RangeError('the relations of a revision are damaged');
    const value = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    at += 4;
    return value;
  };
  for (let clauses = next(); clauses > 0; clauses--) {
    const header = next();
    for (let count = header >> 1; count > 0; count--) sink.alternative(next());
    sink.endClause((header & 1) === 1);
  }
  for (let clauses = next(); clauses > 0; clauses--) {
    for (let count = next(); count > 0; count--) sink.member(next(), next());
    sink.endMembers();
  }
  while (at < bytes.length) sink.superseded(next());
}
