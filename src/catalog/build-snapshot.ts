import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Approval, CatalogRows, NumberedMember, RevisionRow, UpdateRow } from './catalog-rows.ts';
import type { DriverEntry } from './driver-entry.ts';
import { isPrinterClass } from './driver-match.ts';
import { groupByKey, ListsBuilder, type Lists } from './lists.ts';
import { computeScope } from './scope.ts';
import { CategoryKind, ordinalOf, type CatalogSnapshot } from './snapshot.ts';

/** Builds the snapshot of everything that is published. Pure: no clock, no input but the rows. */
export function buildSnapshot(rows: CatalogRows): CatalogSnapshot {
  const revisions = [...rows.revisions];
  const updates = [...rows.updates];
  const updateCount = updates.reduce((most, row) => Math.max(most, row.number), 0) + 1;
  const byOrdinal = revisionArrays(revisions);
  const byUpdate = updateArrays(updates, updateCount);
  const { latest, older } = revisionsOfUpdates(revisions, updateCount);
  const partial = {
    change: rows.change,
    ...byOrdinal,
    ...byUpdate,
    latest,
    older,
    bundled: resolveBundles(revisions, latest),
    ...relationChanges(revisions, updateCount),
    groups: new Map([...rows.groups].map((group) => [group.id, group])),
    approvals: groupApprovals(rows.approvals),
  };
  const inScope = computeScope(partial);
  return Object.freeze({ ...partial, inScope, ...indexDrivers(partial, rows) });
}

function revisionsOfUpdates(revisions: readonly RevisionRow[], updateCount: number) {
  const latest = new Int32Array(updateCount).fill(-1);
  for (const [ordinal, row] of revisions.entries()) {
    const known = latest[row.update];
    if (known < 0 || revisions[known].revisionNumber < row.revisionNumber) latest[row.update] = ordinal;
  }
  const others = [...revisions.keys()].filter((ordinal) => latest[revisions[ordinal].update] !== ordinal);
  const updates = others.map((ordinal) => revisions[ordinal].update);
  return { latest, older: groupByKey(updateCount, updates, others) };
}

function revisionArrays(revisions: readonly RevisionRow[]) {
  const clauses = new ListsBuilder();
  const superseded = new ListsBuilder();
  const clauseIsCategory: number[] = [];
  const clauseStarts = new Int32Array(revisions.length + 1);
  for (const [ordinal, { relations }] of revisions.entries()) {
    for (const clause of relations.prerequisites) {
      clauses.add(clause.updates);
      clauseIsCategory.push(clause.isCategory ? 1 : 0);
    }
    clauseStarts[ordinal + 1] = clauses.count;
    superseded.add(relations.superseded);
  }
  return {
    revisionIds: Int32Array.from(revisions, (row) => row.id),
    revisionNumbers: Int32Array.from(revisions, (row) => row.revisionNumber),
    updates: Int32Array.from(revisions, (row) => row.update),
    types: Uint8Array.from(revisions, (row) => row.type),
    explicitlyDeployable: Uint8Array.from(revisions, (row) => (row.explicitlyDeployable ? 1 : 0)),
    categoryKinds: Uint8Array.from(revisions, (row) => categoryKind(row.categoryType)),
    coreBytes: Int32Array.from(revisions, (row) => row.coreBytes),
    clauseStarts,
    clauses: clauses.build(),
    clauseIsCategory: Uint8Array.from(clauseIsCategory),
    superseded: superseded.build(),
  };
}

function categoryKind(categoryType: string | null): number {
  if (categoryType === null) return CategoryKind.None;
  if (categoryType === 'Product') return CategoryKind.Product;
  return categoryType === 'UpdateClassification' ? CategoryKind.Classification : CategoryKind.Other;
}

function updateArrays(updates: readonly UpdateRow[], count: number) {
  const updateIds = new Array<UpdateId | undefined>(count);
  const updateNumbers = new Map<UpdateId, number>();
  const declined = new Uint8Array(count);
  const deploymentIds = new Int32Array(count);
  const deploymentMs = new Float64Array(count);
  const deploymentChanges = new Int32Array(count);
  for (const row of updates) {
    updateIds[row.number] = row.updateId;
    updateNumbers.set(row.updateId, row.number);
    declined[row.number] = row.declined ? 1 : 0;
    deploymentIds[row.number] = row.deploymentId;
    deploymentMs[row.number] = row.deploymentMs;
    deploymentChanges[row.number] = row.deploymentChange;
  }
  return { updateIds, updateNumbers, declined, deploymentIds, deploymentMs, deploymentChanges };
}

/** Since which change an update is a prerequisite or a bundle member: derivable, so not stored. */
function relationChanges(revisions: readonly RevisionRow[], updateCount: number) {
  const nonLeafSince = new Int32Array(updateCount);
  const memberSince = new Int32Array(updateCount);
  for (const { relations, change } of revisions) {
    for (const clause of relations.prerequisites)
      for (const update of clause.updates) first(nonLeafSince, update, change);
    for (const clause of relations.bundled)
      for (const member of clause) first(memberSince, member.update, change);
  }
  return { nonLeafSince, memberSince };
}

function first(since: Int32Array, update: number, change: number): void {
  if (since[update] === 0 || change < since[update]) since[update] = change;
}

function resolveBundles(revisions: readonly RevisionRow[], latest: Int32Array): Lists {
  // Only members need to be found by identity, so only they are put into the map.
  const wanted = new Set<number>();
  for (const { relations } of revisions)
    for (const clause of relations.bundled) for (const { update } of clause) wanted.add(update);
  const byIdentity = new Map<string, number>();
  for (const [ordinal, row] of revisions.entries()) {
    if (wanted.has(row.update)) byIdentity.set(`${row.update}/${row.revisionNumber}`, ordinal);
  }
  const resolve = ({ update, revisionNumber }: NumberedMember): number =>
    revisionNumber < 0 ? latest[update] : (byIdentity.get(`${update}/${revisionNumber}`) ?? -1);
  const bundled = new ListsBuilder();
  for (const { relations } of revisions) {
    bundled.add(relations.bundled.flatMap((clause) => clause.map(resolve)).filter((ordinal) => ordinal >= 0));
  }
  return bundled.build();
}

function groupApprovals(approvals: Iterable<Approval>): Map<number, Map<Guid, Approval>> {
  const byUpdate = new Map<number, Map<Guid, Approval>>();
  for (const approval of approvals) {
    const byGroup = byUpdate.get(approval.update);
    if (byGroup === undefined) byUpdate.set(approval.update, new Map([[approval.groupId, approval]]));
    else byGroup.set(approval.groupId, approval);
  }
  return byUpdate;
}

function indexDrivers(snapshot: Pick<CatalogSnapshot, 'revisionIds'>, rows: CatalogRows) {
  const drivers = new Map<string, DriverEntry[]>();
  const printers = new Map<number, string[]>();
  for (const row of rows.drivers) {
    const ordinal = ordinalOf(snapshot, row.revisionId);
    if (ordinal < 0) continue;
    put(drivers, row.hardwareId.toLowerCase(), { ...row, ordinal });
    if (isPrinterClass(row.driverClass)) put(printers, ordinal, row.hardwareId);
  }
  return { drivers, printers };
}

function put<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
