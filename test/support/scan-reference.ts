import type { Approval, CatalogRows, NumberedMember, RevisionRow } from '../../src/catalog/catalog-rows.ts';
import type { Watermark } from '../../src/catalog/scan.ts';
import { UPDATE_TYPES, type UpdateType } from '../../src/metadata/update-document.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';

/** What a client asks, in ids. */
export interface ReferenceQuestion {
  readonly installed: Iterable<number>;
  readonly cached: Iterable<number>;
  readonly filter: readonly UpdateId[];
  readonly twoGroups: boolean;
  readonly groups: readonly Guid[];
  readonly watermark: Watermark;
  /** What the watermark's key is compared with. */
  readonly key: string;
}

/** Sets of revision ids. */
export interface ReferenceAnswer {
  readonly newUpdates: ReadonlySet<number>;
  readonly changedUpdates: ReadonlySet<number>;
  readonly outOfScope: ReadonlySet<number>;
  readonly deployedOutOfScope: ReadonlySet<number>;
}

export interface ReferenceDeployment {
  readonly action: string;
  readonly isAssigned: boolean;
  readonly deadlineMs: number | null;
}

const STRONGEST_FIRST = [['Install'], ['Uninstall'], ['OptionalInstall'], ['NotApproved', 'Block']];

/**
 * A model of the software pass, as slow and as close to the words of [MS-WUSP] 3.1.5.7 as can be: every
 * question goes through the whole catalogue. Where real servers were seen to differ from the text, it
 * does what they do, and says so.
 */
export class ScanReference {
  readonly #rows: CatalogRows;
  readonly #revisions: ReadonlyMap<number, RevisionRow>;
  readonly #deployed: ReadonlySet<RevisionRow>;

  constructor(rows: CatalogRows) {
    this.#rows = rows;
    this.#revisions = new Map([...rows.revisions].map((row) => [row.id, row]));
    this.#deployed = this.#deployedRevisions();
  }

  /** Revision ids that may be sent to somebody. */
  get deployed(): ReadonlySet<number> {
    return idsOf(this.#deployed);
  }

  answer(question: ReferenceQuestion): ReferenceAnswer {
    const installed = new Set(question.installed);
    // "take the union of revisions in InstalledNonLeafUpdateIDs and OtherCachedUpdateIDs"
    const cached = new Set([...installed, ...question.cached]);
    const needed = idsOf(this.#needed(installed, question.filter));
    // "no longer deployed by the server" (2.2.2.2.4), in scans of categories that ask for it.
    const apart = question.twoGroups && question.filter.length > 0;
    const elsewhere = apart ? idsOf(this.#deployed) : new Set<number>();
    const gone = [...cached].filter((id) => !needed.has(id));
    return {
      newUpdates: new Set([...needed].filter((id) => !cached.has(id))),
      outOfScope: new Set(gone.filter((id) => !elsewhere.has(id))),
      deployedOutOfScope: new Set(gone.filter((id) => elsewhere.has(id))),
      changedUpdates: new Set(
        [...needed].filter((id) => cached.has(id)).filter((id) => this.#changed(id, question)),
      ),
    };
  }

  /** "no entries in the Prerequisite table that have this revision's UpdateID as a PrerequisiteUpdateID" */
  isLeaf(id: number): boolean {
    return this.#dependents(this.#revision(id)).length === 0;
  }

  deployment(id: number, groups: readonly Guid[]): ReferenceDeployment {
    const row = this.#revision(id);
    const approval = this.#mayBeApproved(row) ? this.#strongest(row.update, groups) : undefined;
    const action = this.#action(row, approval);
    const hasDeadline = action === 'Install' || action === 'Uninstall';
    return {
      action,
      isAssigned: action !== 'OptionalInstall',
      deadlineMs: hasDeadline && approval !== undefined ? approval.deadlineMs : null,
    };
  }

  #action(row: RevisionRow, approval: Approval | undefined): string {
    // Observed: categories and detectoids, approved or not.
    if (typeOf(row) === 'Category' || typeOf(row) === 'Detectoid') return 'Evaluate';
    if (approval !== undefined) {
      return approval.action === 'NotApproved' || approval.action === 'Block'
        ? 'PreDeploymentCheck'
        : approval.action;
    }
    // Observed: members of any bundle, even if bundles themselves.
    if (this.#bundlesOf(row).length > 0) return 'Bundle';
    return this.#mayBeApproved(row) ? 'PreDeploymentCheck' : 'Evaluate';
  }

  #mayBeApproved(row: RevisionRow): boolean {
    const decidable = typeOf(row) === 'Software' || typeOf(row) === 'Driver';
    return decidable && row.explicitlyDeployable && !this.#isDeclined(row.update);
  }

  #strongest(update: number, groups: readonly Guid[]): Approval | undefined {
    const decisions = groups.map((group) => this.#decision(update, group)).filter((one) => one !== undefined);
    for (const actions of STRONGEST_FIRST) {
      const [first, ...others] = decisions.filter((one) => actions.includes(one.action));
      if (first !== undefined) {
        return others.reduce((best, one) => (deadline(one) < deadline(best) ? one : best), first);
      }
    }
    return undefined;
  }

  /** A group's own decision, else its parent's. */
  #decision(update: number, group: Guid): Approval | undefined {
    const own = [...this.#rows.approvals].find((one) => one.update === update && one.groupId === group);
    if (own !== undefined) return own;
    const parent = [...this.#rows.groups].find((one) => one.id === group)?.parentId;
    return parent ? this.#decision(update, parent) : undefined;
  }

  /** "deployed to the client computer's target group, combined with any dependencies of such updates" */
  #deployedRevisions(): Set<RevisionRow> {
    // Observed: not what is approved but what is not declined counts as deployed.
    const roots = [...this.#rows.updates]
      .filter((update) => !update.declined)
      .map((update) => this.#highest(update.number))
      .filter((row) => row !== undefined)
      .filter((row) => !this.#comesWithBundlesOnly(row));
    return onePerUpdate(this.#withDependencies(roots));
  }

  #comesWithBundlesOnly(row: RevisionRow): boolean {
    return typeOf(row) === 'Software' && !row.explicitlyDeployable && this.#bundlesOf(row).length > 0;
  }

  #withDependencies(roots: Iterable<RevisionRow>): Set<RevisionRow> {
    const all = new Set(roots);
    // A set grows under its own iteration, so this visits what it adds.
    for (const row of all) for (const other of this.#dependencies(row)) all.add(other);
    return all;
  }

  /** A prerequisite "implicitly refers to the revision with the highest RevisionNumber"; a member is exact. */
  #dependencies(row: RevisionRow): RevisionRow[] {
    const prerequisites = row.relations.prerequisites.flatMap((clause) =>
      clause.updates.map((update) => this.#highest(update)),
    );
    const members = row.relations.bundled.flat().map((member) => this.#member(member));
    return [...prerequisites, ...members].filter((one) => one !== undefined);
  }

  #member({ update, revisionNumber }: NumberedMember): RevisionRow | undefined {
    if (revisionNumber < 0) return this.#highest(update);
    return this.#revisionsOf(update).find((row) => row.revisionNumber === revisionNumber);
  }

  #needed(installed: ReadonlySet<number>, filter: readonly UpdateId[]): Set<RevisionRow> {
    const subject = filter.length > 0 ? this.#relatedTo(filter) : this.#deployed;
    const updates = new Set([...installed].map((id) => this.#revisions.get(id)?.update));
    return new Set(
      [...this.#deployed]
        .filter((row) => subject.has(row))
        .filter((row) =>
          row.relations.prerequisites.every((clause) => clause.updates.some((update) => updates.has(update))),
        )
        // The text says "UpdateType = Software"; without categories and detectoids no scan gets anywhere.
        .filter((row) => typeOf(row) !== 'Driver'),
    );
  }

  /** "only updates that are related to these categories": they, their members, and what those depend on. */
  #relatedTo(filter: readonly UpdateId[]): Set<RevisionRow> {
    const updates = [...this.#rows.updates].filter((one) => filter.includes(one.updateId));
    const categories = new Set(updates.map((one) => one.number));
    const belongs = (row: RevisionRow): boolean =>
      categories.has(row.update) ||
      row.relations.prerequisites.some(
        (clause) => clause.isCategory && clause.updates.some((update) => categories.has(update)),
      );
    const related = new Set([...this.#deployed].filter(belongs));
    for (const row of related) {
      for (const other of this.#dependencies(row)) {
        const sent = [...this.#deployed].find((one) => one.update === other.update);
        if (sent !== undefined) related.add(sent);
      }
    }
    return related;
  }

  /** Deployment or IsLeaf "has changed since the last time the client synchronized", or may have. */
  #changed(id: number, { watermark, key, filter }: ReferenceQuestion): boolean {
    const row = this.#revision(id);
    const update = [...this.#rows.updates].find((one) => one.number === row.update);
    const changes = [
      update?.deploymentChange ?? 0,
      firstChange(this.#dependents(row)),
      firstChange(this.#bundlesOf(row)),
    ];
    if (changes.some((change) => change > watermark.change)) return true;
    if (watermark.key === key) return false;
    return filter.length > 0 || this.#mayBeApproved(row);
  }

  #dependents(row: RevisionRow): RevisionRow[] {
    return [...this.#rows.revisions].filter((other) =>
      other.relations.prerequisites.some((clause) => clause.updates.includes(row.update)),
    );
  }

  #bundlesOf(row: RevisionRow): RevisionRow[] {
    return [...this.#rows.revisions].filter((other) =>
      other.relations.bundled.flat().some((member) => member.update === row.update),
    );
  }

  #highest(update: number): RevisionRow | undefined {
    const [first, ...others] = this.#revisionsOf(update);
    return others.reduce((best, row) => (row.revisionNumber > best.revisionNumber ? row : best), first);
  }

  #revisionsOf(update: number): RevisionRow[] {
    return [...this.#rows.revisions].filter((row) => row.update === update);
  }

  #isDeclined(update: number): boolean {
    return [...this.#rows.updates].some((one) => one.number === update && one.declined);
  }

  #revision(id: number): RevisionRow {
    const row = this.#revisions.get(id);
    if (row === undefined) throw new Error(`the reference has no revision ${id}`);
    return row;
  }
}

/** "no more than one revision for a given Update ... the one with the highest revision number" */
function onePerUpdate(rows: Iterable<RevisionRow>): Set<RevisionRow> {
  const best = new Map<number, RevisionRow>();
  for (const row of rows) {
    const rival = best.get(row.update);
    if (rival === undefined || rival.revisionNumber < row.revisionNumber) best.set(row.update, row);
  }
  return new Set(best.values());
}

function firstChange(rows: readonly RevisionRow[]): number {
  return rows.length === 0 ? 0 : Math.min(...rows.map((row) => row.change));
}

function deadline(approval: Approval): number {
  return approval.deadlineMs ?? Number.POSITIVE_INFINITY;
}

function typeOf(row: RevisionRow): UpdateType {
  return UPDATE_TYPES[row.type];
}

function idsOf(rows: Iterable<RevisionRow>): Set<number> {
  return new Set(Array.from(rows, (row) => row.id));
}
