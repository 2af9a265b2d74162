import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { ApprovalTable } from './approval-table.ts';
import type { GroupRow } from './catalog-rows.ts';
import type { DriverTable } from './driver-table.ts';
import { findGuid, guidAt, type GuidTable } from './guid-table.ts';
import type { Lists } from './lists.ts';

/** Kinds of categories that a scan tells apart; 0 is none of them. */
export const CategoryKind = Object.freeze({ None: 0, Product: 1, Classification: 2, Other: 3 });

/** Indices into UPDATE_TYPES, as the snapshot stores them. */
export const Type = Object.freeze({ Category: 0, Detectoid: 1, Software: 2, Driver: 3 });

/**
 * All updates at one change number, immutable: struct of arrays over dense ordinals (one per published
 * revision, ascending by revision id) and over update numbers. Plain data, so that the thread that
 * builds it can hand it over; every function of the catalogue takes it and changes nothing.
 */
export interface CatalogSnapshot extends RevisionPart, ScopePart, DecisionPart {}

/** What changes when revisions are published. Its arrays lie in memory that threads share. */
export interface RevisionPart {
  // --- by ordinal ---
  readonly revisionIds: Int32Array;
  readonly revisionNumbers: Int32Array;
  /** The revision's update number. */
  readonly updates: Int32Array;
  readonly types: Uint8Array;
  readonly explicitlyDeployable: Uint8Array;
  readonly categoryKinds: Uint8Array;
  /** Length of the Core fragment, before escaping. */
  readonly coreBytes: Int32Array;
  /** Clauses of ordinal o: `clauseStarts[o]` to `clauseStarts[o + 1]`, as indices into the two below. */
  readonly clauseStarts: Int32Array;
  /** Alternatives of each clause, as update numbers. */
  readonly clauses: Lists;
  readonly clauseIsCategory: Uint8Array;
  /** Members of each bundle, as ordinals; members that are not there are left out. */
  readonly bundled: Lists;
  /** Superseded update numbers. */
  readonly superseded: Lists;

  // --- by update number ---
  readonly updateIds: GuidTable;
  /** Ordinal of the highest revision, or -1. */
  readonly latest: Int32Array;
  /** Ordinals of the other published revisions. */
  readonly older: Lists;
  /** Change since which something has it as a prerequisite; 0 for a leaf. */
  readonly nonLeafSince: Int32Array;
  /** Change since which some bundle has it as a member; 0 for none. */
  readonly memberSince: Int32Array;

  /** Revision id of the first ordinal. */
  readonly firstId: number;
  /** Ordinal + 1 of the revision id `firstId + index`, or 0; empty when ids are too far apart for that. */
  readonly ordinalsById: Int32Array;

  readonly drivers: DriverTable;
}

/** What also changes when updates are declined. */
export interface ScopePart {
  /** By update number: ordinal of the one revision that may be sent, or -1, see scope.ts. */
  readonly inScope: Int32Array;
  readonly prerequisites: PrerequisiteIndex;
  /** By update number of a category: ordinals in scope that say they belong to it. */
  readonly categoryMembers: Lists;
}

/** Which revisions in scope wait for which updates, see prerequisite-index.ts. */
export interface PrerequisiteIndex {
  /** Ordinals without any prerequisite. */
  readonly roots: Int32Array;
  /** Groups of update u: `groups[u]` to `groups[u + 1]`. */
  readonly groups: Int32Array;
  /** By group: another update that all in it need, or -1. */
  readonly alsoNeeded: Int32Array;
  /** By group: ordinals that wait for the update. */
  readonly waiting: Lists;
  /** Beside each of them: a third update that it needs, or -1. */
  readonly thirdNeeded: Int32Array;
}

/** What changes with every decision. */
export interface DecisionPart {
  /** Grows with every change that a client could notice. */
  readonly change: number;

  // --- by update number ---
  readonly declined: Uint8Array;
  readonly deploymentIds: Int32Array;
  readonly deploymentMs: Float64Array;
  readonly deploymentChanges: Int32Array;

  readonly groups: ReadonlyMap<Guid, GroupRow>;
  readonly approvals: ApprovalTable;
}

/** What a generation has in place of the one before it. The first has everything. */
export interface SnapshotChange {
  readonly revisions?: RevisionPart;
  readonly scope?: ScopePart;
  readonly decisions: DecisionPart;
}

/** The next generation; the one before it stays as it is. */
export function nextSnapshot(before: CatalogSnapshot | undefined, change: SnapshotChange): CatalogSnapshot {
  const { revisions, scope, decisions } = change;
  // The same groups are the same map: whoever follows them need not look again after every approval.
  const groups =
    before !== undefined && sameGroups(before.groups, decisions.groups) ? before.groups : decisions.groups;
  return Object.freeze({ ...(before as CatalogSnapshot), ...revisions, ...scope, ...decisions, groups });
}

function sameGroups(one: ReadonlyMap<Guid, GroupRow>, other: ReadonlyMap<Guid, GroupRow>): boolean {
  if (one.size !== other.size) return false;
  for (const [id, { name, parentId }] of one) {
    const group = other.get(id);
    if (group?.name !== name || group.parentId !== parentId) return false;
  }
  return true;
}

type IdIndex = Pick<RevisionPart, 'revisionIds' | 'firstId' | 'ordinalsById'>;

/** Ordinal of a revision id, or -1 when no published revision has it. */
export function ordinalOf({ revisionIds, firstId, ordinalsById }: IdIndex, revisionId: number): number {
  if (ordinalsById.length > 0) {
    const at = revisionId - firstId;
    return at >= 0 && at < ordinalsById.length ? ordinalsById[at] - 1 : -1;
  }
  let low = 0;
  let high = revisionIds.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const id = revisionIds[middle];
    if (id === revisionId) return middle;
    if (id < revisionId) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The number of an update, or undefined when nobody ever mentioned it. */
export function updateNumberOf({ updateIds }: CatalogSnapshot, updateId: UpdateId): number | undefined {
  return findGuid(updateIds, updateId);
}

/** The UpdateID behind a number, or undefined. */
export function updateIdOf({ updateIds }: CatalogSnapshot, number: number): UpdateId | undefined {
  return guidAt(updateIds, number) as UpdateId | undefined;
}

/** Ordinal of a revision by its identity, or -1. */
export function ordinalOfIdentity(
  snapshot: CatalogSnapshot,
  updateId: UpdateId,
  revisionNumber: number,
): number {
  const update = updateNumberOf(snapshot, updateId);
  if (update === undefined) return -1;
  const { latest, older, revisionNumbers } = snapshot;
  if (latest[update] < 0 || revisionNumbers[latest[update]] === revisionNumber) return latest[update];
  // Their own list: RefreshCache asks for as many identities as a client likes to invent.
  for (let at = older.starts[update]; at < older.starts[update + 1]; at++) {
    if (revisionNumbers[older.values[at]] === revisionNumber) return older.values[at];
  }
  return -1;
}

/**
 * Ordinal of a revision by its identity if it is the one of its update that is sent, else -1. Unlike
 * {@link ordinalOfIdentity} it costs the same for revisions nobody has: clients ask for thousands at once.
 */
export function deployedOrdinal(
  snapshot: CatalogSnapshot,
  updateId: UpdateId,
  revisionNumber: number,
): number {
  const update = updateNumberOf(snapshot, updateId);
  const ordinal = update === undefined ? -1 : snapshot.inScope[update];
  return ordinal >= 0 && snapshot.revisionNumbers[ordinal] === revisionNumber ? ordinal : -1;
}

/** Whether nothing has this revision's update as a prerequisite ([MS-WUSP] 3.1.5.7, IsLeaf). */
export function isLeaf(snapshot: CatalogSnapshot, ordinal: number): boolean {
  return snapshot.nonLeafSince[snapshot.updates[ordinal]] === 0;
}
