import type { CatalogRows, NumberedRelations } from './catalog-rows.ts';
import { SnapshotBuilder, type RelationsSink } from './snapshot-builder.ts';
import { nextSnapshot, type CatalogSnapshot, type SnapshotChange } from './snapshot.ts';

/** Builds the snapshot of everything that is published. Pure: no clock, no input but the rows. */
export function buildSnapshot(rows: CatalogRows): CatalogSnapshot {
  return nextSnapshot(undefined, buildFrom(new SnapshotBuilder(), rows));
}

/** What a builder makes of what it has and of these rows: new revisions, new and changed updates, all decisions. */
export function buildFrom(builder: SnapshotBuilder, rows: CatalogRows): SnapshotChange {
  for (const row of rows.updates) builder.putUpdate(row);
  for (const row of rows.revisions) builder.addRevision(row, (sink) => tellRelations(row.relations, sink));
  const drivers = [...rows.drivers].sort((one, other) => one.revisionId - other.revisionId);
  for (const row of drivers) builder.addDriver(row);
  const approvals = [...rows.approvals].sort((one, other) => one.update - other.update);
  return builder.build({ ...rows, approvals });
}

function tellRelations(relations: NumberedRelations, sink: RelationsSink): void {
  for (const clause of relations.prerequisites) {
    for (const update of clause.updates) sink.alternative(update);
    sink.endClause(clause.isCategory);
  }
  for (const clause of relations.bundled) {
    for (const { update, revisionNumber } of clause) sink.member(update, revisionNumber);
    sink.endMembers();
  }
  for (const update of relations.superseded) sink.superseded(update);
}
