import type { Guid } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Approval, GroupRow } from './catalog-rows.ts';
import type { DriverEntry } from './driver-entry.ts';
import type { Lists } from './lists.ts';

/** Kinds of categories that a scan tells apart; 0 is none of them. */
export const CategoryKind = Object.freeze({ None: 0, Product: 1, Classification: 2, Other: 3 });

/** Indices into UPDATE_TYPES, as the snapshot stores them. */
export const Type = Object.freeze({ Category: 0, Detectoid: 1, Software: 2, Driver: 3 });

/**
 * All updates at one change number, immutable: struct of arrays over dense ordinals (one per published
 * revision, ascending by revision id) and over update numbers. Built by buildSnapshot; every function
 * of the catalogue takes it and changes nothing.
 */
export interface CatalogSnapshot {
  readonly change: number;

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
  readonly updateIds: readonly (UpdateId | undefined)[];
  readonly declined: Uint8Array;
  /** Ordinal of the highest revision, or -1. */
  readonly latest: Int32Array;
  /** Ordinals of the other published revisions. */
  readonly older: Lists;
  /** Ordinal of the one revision that may be sent, or -1: see scope.ts. */
  readonly inScope: Int32Array;
  /** Change since which something has it as a prerequisite; 0 for a leaf. */
  readonly nonLeafSince: Int32Array;
  /** Change since which some bundle has it as a member; 0 for none. */
  readonly memberSince: Int32Array;
  readonly deploymentIds: Int32Array;
  readonly deploymentMs: Float64Array;
  readonly deploymentChanges: Int32Array;

  readonly updateNumbers: ReadonlyMap<UpdateId, number>;
  readonly groups: ReadonlyMap<Guid, GroupRow>;
  /** By update number, then by group. */
  readonly approvals: ReadonlyMap<number, ReadonlyMap<Guid, Approval>>;
  /** Drivers by lower-case hardware id. */
  readonly drivers: ReadonlyMap<string, readonly DriverEntry[]>;
  /** Hardware ids of printer drivers, by ordinal. */
  readonly printers: ReadonlyMap<number, readonly string[]>;
}

/** Ordinal of a revision id, or -1 when no published revision has it. */
export function ordinalOf({ revisionIds }: Pick<CatalogSnapshot, 'revisionIds'>, revisionId: number): number {
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

/** Ordinal of a revision by its identity, or -1. */
export function ordinalOfIdentity(
  snapshot: CatalogSnapshot,
  updateId: UpdateId,
  revisionNumber: number,
): number {
  const update = snapshot.updateNumbers.get(updateId);
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
  const update = snapshot.updateNumbers.get(updateId);
  const ordinal = update === undefined ? -1 : snapshot.inScope[update];
  return ordinal >= 0 && snapshot.revisionNumbers[ordinal] === revisionNumber ? ordinal : -1;
}

/** Whether nothing has this revision's update as a prerequisite ([MS-WUSP] 3.1.5.7, IsLeaf). */
export function isLeaf(snapshot: CatalogSnapshot, ordinal: number): boolean {
  return snapshot.nonLeafSince[snapshot.updates[ordinal]] === 0;
}
