import { buildApprovals } from './approval-table.ts';
import type { CatalogRows, DriverRow, RevisionRow, UpdateRow } from './catalog-rows.ts';
import { buildCategoryMembers } from './category-scan.ts';
import { DriverTableBuilder } from './driver-table.ts';
import { GrowingArray } from './growing-array.ts';
import { buildGuidTable, parseGuidWords, type GuidTable } from './guid-table.ts';
import { ListsBuilder } from './lists.ts';
import { buildPrerequisiteIndex } from './prerequisite-index.ts';
import { indexIds, relationChanges, resolveBundles, revisionsOfUpdates } from './revision-indices.ts';
import { computeScope } from './scope.ts';
import {
  CategoryKind,
  ordinalOf,
  type DecisionPart,
  type RevisionPart,
  type SnapshotChange,
} from './snapshot.ts';

/** A revision's own facts; its relations follow, see {@link SnapshotBuilder.addRevision}. */
export type RevisionFacts = Omit<RevisionRow, 'relations'>;

/** Takes a revision's relations one number at a time, so that a million of them need no objects. */
export interface RelationsSink {
  readonly alternative: (update: number) => void;
  /** Ends a clause of prerequisites. */
  readonly endClause: (isCategory: boolean) => void;
  /** @param revisionNumber -1: the highest */
  readonly member: (update: number, revisionNumber: number) => void;
  /** Ends a clause of members. */
  readonly endMembers: () => void;
  readonly superseded: (update: number) => void;
}

/** How much is to be expected; a guess costs nothing but copying. */
export interface Expected {
  readonly revisions: number;
  readonly updates: number;
}

export type Decisions = Pick<CatalogRows, 'change' | 'groups' | 'approvals'>;

/**
 * Builds generations of the catalogue from rows, the first from all of them and every further one from
 * those that are new. Pure: no clock, no input but the rows. Revisions come ascending by id; updates may
 * come again with other decisions. What was built stays valid.
 */
export class SnapshotBuilder {
  readonly #revisionIds = new GrowingArray(Int32Array);
  readonly #revisionNumbers = new GrowingArray(Int32Array);
  readonly #updates = new GrowingArray(Int32Array);
  readonly #types = new GrowingArray(Uint8Array);
  readonly #explicitlyDeployable = new GrowingArray(Uint8Array);
  readonly #categoryKinds = new GrowingArray(Uint8Array);
  readonly #coreBytes = new GrowingArray(Int32Array);
  readonly #changes = new GrowingArray(Int32Array);
  readonly #clauseStarts = new GrowingArray(Int32Array);
  readonly #clauses = new ListsBuilder();
  readonly #clauseIsCategory = new GrowingArray(Uint8Array);
  /** Pairs of update number and revision number. */
  readonly #members = new ListsBuilder();
  readonly #superseded = new ListsBuilder();
  readonly #drivers = new DriverTableBuilder();

  readonly #guidWords = new GrowingArray(Int32Array);
  readonly #hasGuid = new GrowingArray(Uint8Array);
  readonly #declined = new GrowingArray(Uint8Array);
  readonly #deploymentIds = new GrowingArray(Int32Array);
  readonly #deploymentMs = new GrowingArray(Float64Array);
  readonly #deploymentChanges = new GrowingArray(Int32Array);

  #guids: GuidTable | undefined;
  #revisions: RevisionPart | undefined;
  #scopeIsDue = true;

  constructor() {
    this.#clauseStarts.push(0);
    this.#growUpdates(1);
  }

  /** Makes room for rows to come. */
  expect({ revisions, updates }: Expected): void {
    for (const array of [
      this.#revisionIds,
      this.#revisionNumbers,
      this.#updates,
      this.#types,
      this.#explicitlyDeployable,
      this.#categoryKinds,
      this.#coreBytes,
      this.#changes,
      this.#clauseStarts,
    ])
      array.reserve(revisions);
    for (const array of this.#byUpdate) array.reserve(updates);
    this.#guidWords.reserve(updates * 4);
  }

  /** A new update, or a known one about which something else was decided. */
  putUpdate(row: UpdateRow): void {
    const { number } = row;
    this.#growUpdates(number + 1);
    if (
      this.#hasGuid.array[number] === 0 &&
      parseGuidWords(row.updateId, this.#guidWords.array, number * 4)
    ) {
      this.#hasGuid.array[number] = 1;
      this.#guids = undefined;
    }
    const declined = row.declined ? 1 : 0;
    if (this.#declined.array[number] !== declined) {
      this.#declined.array[number] = declined;
      this.#scopeIsDue = true;
    }
    this.#deploymentIds.array[number] = row.deploymentId;
    this.#deploymentMs.array[number] = row.deploymentMs;
    this.#deploymentChanges.array[number] = row.deploymentChange;
  }

  /** A new revision; its id is higher than that of any other so far. */
  addRevision(row: RevisionFacts, tellRelations: (sink: RelationsSink) => void): void {
    this.#revisions = undefined;
    this.#revisionIds.push(row.id);
    this.#revisionNumbers.push(row.revisionNumber);
    this.#updates.push(row.update);
    this.#types.push(row.type);
    this.#explicitlyDeployable.push(row.explicitlyDeployable ? 1 : 0);
    this.#categoryKinds.push(categoryKind(row.categoryType));
    this.#coreBytes.push(row.coreBytes);
    this.#changes.push(row.change);
    tellRelations(this.#sink);
    this.#clauseStarts.push(this.#clauses.count);
    this.#members.end();
    this.#superseded.end();
  }

  readonly #sink: RelationsSink = {
    alternative: (update) => this.#clauses.push(update),
    endClause: (isCategory) => {
      this.#clauses.end();
      this.#clauseIsCategory.push(isCategory ? 1 : 0);
    },
    member: (update, revisionNumber) => {
      this.#members.push(update);
      this.#members.push(revisionNumber);
    },
    // Which member belongs to which clause makes no difference to what a client is sent.
    endMembers: () => undefined,
    superseded: (update) => this.#superseded.push(update),
  };

  /** A driver of a revision that was added; those of others count for nothing. Ascending by revision id. */
  addDriver(row: DriverRow): void {
    const revisionIds = this.#revisionIds.view();
    const ordinal = ordinalOf({ revisionIds, firstId: 0, ordinalsById: NO_INDEX }, row.revisionId);
    if (ordinal >= 0) this.#drivers.add(ordinal, row);
  }

  /**
   * What is new since the last call.
   *
   * @param rows all groups and all decisions, these ascending by update number
   */
  build(rows: Decisions): SnapshotChange {
    const decisions = this.#decisionPart(rows);
    const revisionsAreDue = this.#revisions === undefined || this.#guids === undefined;
    if (!revisionsAreDue && !this.#scopeIsDue) return { decisions };
    const revisions = revisionsAreDue ? this.#revisionPart() : this.#revisions!;
    this.#revisions = revisions;
    this.#scopeIsDue = false;
    const inScope = computeScope({ ...revisions, ...decisions });
    const scoped = { ...revisions, inScope };
    const scope = {
      inScope,
      prerequisites: buildPrerequisiteIndex(scoped),
      categoryMembers: buildCategoryMembers(scoped),
    };
    return { ...(revisionsAreDue ? { revisions } : {}), scope, decisions };
  }

  #revisionPart(): RevisionPart {
    this.#guids ??= buildGuidTable(this.#guidWords.view(), this.#hasGuid.view());
    const updateCount = this.#declined.length;
    const revisionIds = this.#revisionIds.view();
    const own = {
      revisionIds,
      revisionNumbers: this.#revisionNumbers.view(),
      updates: this.#updates.view(),
      types: this.#types.view(),
      explicitlyDeployable: this.#explicitlyDeployable.view(),
      categoryKinds: this.#categoryKinds.view(),
      coreBytes: this.#coreBytes.view(),
      clauseStarts: this.#clauseStarts.view(),
      clauses: this.#clauses.build(),
      clauseIsCategory: this.#clauseIsCategory.view(),
      superseded: this.#superseded.build(),
      updateIds: this.#guids,
      drivers: this.#drivers.build(),
    };
    const members = this.#members.build();
    const byUpdate = revisionsOfUpdates(own, updateCount);
    return {
      ...own,
      ...byUpdate,
      ...indexIds(revisionIds),
      ...relationChanges({ ...own, members, changes: this.#changes.view() }, updateCount),
      bundled: resolveBundles({ ...own, ...byUpdate }, members),
    };
  }

  /** Copies, not in shared memory: they change in place with every decision, and can be handed over. */
  #decisionPart({ change, groups, approvals }: Decisions): DecisionPart {
    return {
      change,
      declined: new Uint8Array(this.#declined.view()),
      deploymentIds: new Int32Array(this.#deploymentIds.view()),
      deploymentMs: new Float64Array(this.#deploymentMs.view()),
      deploymentChanges: new Int32Array(this.#deploymentChanges.view()),
      groups: new Map([...groups].map((group) => [group.id, group])),
      approvals: buildApprovals(approvals),
    };
  }

  get #byUpdate() {
    return [
      this.#hasGuid,
      this.#declined,
      this.#deploymentIds,
      this.#deploymentMs,
      this.#deploymentChanges,
    ] as const;
  }

  #growUpdates(count: number): void {
    const more = count - this.#declined.length;
    if (more <= 0) return;
    this.#guids = undefined;
    this.#guidWords.reserve(more * 4);
    this.#guidWords.length += more * 4;
    for (const array of this.#byUpdate) {
      array.reserve(more);
      array.length += more;
    }
  }
}

const NO_INDEX = new Int32Array(0);

function categoryKind(categoryType: string | null): number {
  if (categoryType === null) return CategoryKind.None;
  if (categoryType === 'Product') return CategoryKind.Product;
  return categoryType === 'UpdateClassification' ? CategoryKind.Classification : CategoryKind.Other;
}
