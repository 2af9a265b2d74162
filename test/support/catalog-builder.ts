import { buildSnapshot } from '../../src/catalog/build-snapshot.ts';
import type { Audience } from '../../src/catalog/audience.ts';
import { Catalog } from '../../src/catalog/catalog.ts';
import {
  APPROVAL_ACTIONS,
  type Approval,
  type ApprovalAction,
  type CatalogRows,
  type DriverRow,
  type NumberedMember,
  type RevisionRow,
} from '../../src/catalog/catalog-rows.ts';
import { ordinalOf, ordinalOfIdentity, type CatalogSnapshot } from '../../src/catalog/snapshot.ts';
import { UPDATE_TYPES, type UpdateType } from '../../src/metadata/update-document.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { driverMetadata, type DriverDeclaration } from './driver-builder.ts';

/** One name, or several of which any will do. */
export type OneOf = string | readonly string[];

/** One revision of an update. Other updates are named; a name nobody declares is an update nobody has. */
export interface RevisionDeclaration {
  /** Software unless said otherwise. */
  readonly type?: UpdateType;
  readonly categoryType?: string;
  /** Clauses of prerequisites: all of them, of each any one. */
  readonly needs?: readonly OneOf[];
  /** Clauses of prerequisites that are categories the update belongs to. */
  readonly in?: readonly OneOf[];
  /** Members of a bundle: `Part` is the highest revision, `Part r3` exactly that one. */
  readonly holds?: readonly OneOf[];
  readonly supersedes?: readonly string[];
  /** Default: software and drivers. */
  readonly deployable?: boolean;
  /** Default: 1 for the first declared, then counting up. */
  readonly revision?: number;
  /** Length of the Core fragment. */
  readonly bytes?: number;
  /** Change number it was published with; 1 by default. */
  readonly change?: number;
  readonly drivers?: readonly DriverDeclaration[];
}

export const product = (rest: RevisionDeclaration = {}): RevisionDeclaration => ({
  type: 'Category',
  categoryType: 'Product',
  ...rest,
});
export const classification = (): RevisionDeclaration => ({
  type: 'Category',
  categoryType: 'UpdateClassification',
});
export const detectoid = (rest: RevisionDeclaration = {}): RevisionDeclaration => ({
  type: 'Detectoid',
  ...rest,
});
export const software = (rest: RevisionDeclaration = {}): RevisionDeclaration => rest;
/** What comes along with a bundle and cannot be approved by itself. */
export const part = (rest: RevisionDeclaration = {}): RevisionDeclaration => ({ deployable: false, ...rest });
export const driver = (
  drivers: DriverDeclaration | readonly DriverDeclaration[],
  rest: RevisionDeclaration = {},
): RevisionDeclaration => ({ type: 'Driver', drivers: [drivers].flat(), ...rest });

export type Decision = ApprovalAction | { readonly action: ApprovalAction; readonly deadline: string };

export interface CatalogOptions {
  /** Of the whole catalogue; the highest of all others by default. */
  readonly change?: number;
  readonly declined?: readonly string[];
  /** Parents by name. There is a group Everyone, the parent of nobody, if nothing is said. */
  readonly groups?: Readonly<Record<string, string | null>>;
  /** By update, then by group. */
  readonly approvals?: Readonly<Record<string, Readonly<Record<string, Decision>>>>;
  /** Change numbers of deployments, where they are not that of the first revision. */
  readonly deploymentChanges?: Readonly<Record<string, number>>;
}

/** Revisions in the order they were imported, with the names of their updates. */
export type Declarations = readonly (readonly [name: string, declaration: RevisionDeclaration])[];

/**
 * Declares a catalogue: an update by its name, with one revision or several in the order of their import.
 *
 *     const shop = catalog({
 *       Windows: product(),
 *       Fix: [software({ in: ['Windows'] }), software({ in: ['Windows'], needs: ['Desktop'] })],
 *     });
 *     shop.name(shop.snapshot.inScope[…]); // 'Fix r2'
 */
export function catalog(
  updates: Readonly<Record<string, RevisionDeclaration | readonly RevisionDeclaration[]>>,
  options: CatalogOptions = {},
): NamedCatalog {
  const declarations = Object.entries(updates).flatMap(([name, revisions]) =>
    [revisions].flat().map((revision) => [name, revision] as const),
  );
  return new NamedCatalog(declarations, options);
}

// Far apart, so that nothing passes a test with one kind of number in the place of another.
const revisionIdAt = (index: number): number => 100_000 + 7 * index;
const updateNumberAt = (index: number): number => 10 + 3 * index;
const guidAt = (kind: number, index: number): Guid =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}` as Guid;

/** A catalogue whose numbers, ids and ordinals can be turned back into the names it was declared with. */
export class NamedCatalog {
  readonly rows: CatalogRows;
  readonly snapshot: CatalogSnapshot;
  readonly catalog: Catalog;
  /** By name, in the order of the first mention. */
  readonly #updates: ReadonlyMap<string, number>;
  readonly #groups: ReadonlyMap<string, number>;
  readonly #revisionNames: readonly string[];

  constructor(declarations: Declarations, options: CatalogOptions = {}) {
    const groups = options.groups ?? { Everyone: null };
    const updates = [...new Set(declarations.flatMap(([name, one]) => [name, ...mentioned(one)]))];
    this.#updates = new Map(updates.map((name, index) => [name, index]));
    this.#groups = new Map(Object.keys(groups).map((name, index) => [name, index]));
    const count = Map.groupBy(declarations, ([name]) => name);
    const revisions = this.#revisionRows(declarations);
    this.#revisionNames = declarations.map(([name], index) =>
      count.get(name)?.length === 1 ? name : `${name} r${revisions[index].revisionNumber}`,
    );
    const firstChange = new Map(revisions.map((row) => [row.update, row.change] as const).reverse());
    const changes = updates.map(
      (name) => options.deploymentChanges?.[name] ?? firstChange.get(this.updateNumber(name)) ?? 0,
    );
    this.rows = {
      change:
        options.change ??
        [...changes, ...revisions.map((row) => row.change)].reduce((most, one) => Math.max(most, one), 1),
      updates: updates.map((name, index) => ({
        number: updateNumberAt(index),
        updateId: guidAt(1, index) as UpdateId,
        declined: options.declined?.includes(name) ?? false,
        deploymentId: 500_000 + 100 * index + changes[index],
        deploymentMs: Date.UTC(2026, 0, changes[index]),
        deploymentChange: changes[index],
      })),
      revisions,
      drivers: declarations.flatMap(([, one], index) =>
        (one.drivers ?? []).map((driverOf): DriverRow => ({
          ...driverMetadata(driverOf),
          revisionId: revisionIdAt(index),
        })),
      ),
      groups: Object.entries(groups).map(([name, parent]) => ({
        id: this.groupId(name),
        name,
        parentId: parent === null ? null : this.groupId(parent),
      })),
      approvals: Object.entries(options.approvals ?? {}).flatMap(([update, byGroup]) =>
        Object.entries(byGroup).map(([group, decision]) => this.#approval(update, group, decision)),
      ),
    };
    this.snapshot = buildSnapshot(this.rows);
    this.catalog = new Catalog(this.snapshot);
  }

  updateNumber(name: string): number {
    return updateNumberAt(known(this.#updates, name));
  }

  updateId(name: string): UpdateId {
    return guidAt(1, known(this.#updates, name)) as UpdateId;
  }

  nameOfUpdate(updateId: UpdateId): string {
    const names = [...this.#updates.keys()];
    return names.find((name) => this.updateId(name) === updateId) ?? updateId;
  }

  groupId(name: string): Guid {
    return guidAt(2, known(this.#groups, name));
  }

  audience(...groups: readonly string[]): Audience {
    return this.catalog.audience(groups.map((name) => this.groupId(name)));
  }

  /** Of `Fix`, the highest revision, or of `Fix r2`. */
  ordinal(name: string): number {
    const [update, revision] = splitRevision(name);
    const number = this.updateNumber(update);
    return revision < 0
      ? this.snapshot.latest[number]
      : ordinalOfIdentity(this.snapshot, this.updateId(update), revision);
  }

  revisionId(name: string): number {
    return this.snapshot.revisionIds[this.ordinal(name)];
  }

  /** Revision ids of names; numbers stay as they are. */
  ids(names: readonly (string | number)[]): Int32Array {
    return Int32Array.from(names, (name) => (typeof name === 'string' ? this.revisionId(name) : name));
  }

  name(ordinal: number): string {
    return this.#revisionNames[ordinal] ?? `ordinal ${ordinal}`;
  }

  /** A revision id that nobody has is named `#id`. */
  nameOfId(id: number): string {
    const ordinal = ordinalOf(this.snapshot, id);
    return ordinal < 0 ? `#${id}` : this.name(ordinal);
  }

  #revisionRows(declarations: Declarations): RevisionRow[] {
    const counts = new Map<string, number>();
    return declarations.map(([name, one], index) => {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const type = one.type ?? 'Software';
      const clause = (isCategory: boolean) => (names: OneOf) => ({
        isCategory,
        updates: [names].flat().map((other) => this.updateNumber(other)),
      });
      return {
        id: revisionIdAt(index),
        update: this.updateNumber(name),
        revisionNumber: one.revision ?? count,
        type: UPDATE_TYPES.indexOf(type),
        explicitlyDeployable: one.deployable ?? (type === 'Software' || type === 'Driver'),
        categoryType: one.categoryType ?? null,
        coreBytes: one.bytes ?? 500,
        change: one.change ?? 1,
        relations: {
          prerequisites: [...(one.in ?? []).map(clause(true)), ...(one.needs ?? []).map(clause(false))],
          bundled: (one.holds ?? []).map((names) => [names].flat().map((member) => this.#member(member))),
          superseded: (one.supersedes ?? []).map((other) => this.updateNumber(other)),
        },
      };
    });
  }

  #member(name: string): NumberedMember {
    const [update, revisionNumber] = splitRevision(name);
    return { update: this.updateNumber(update), revisionNumber };
  }

  #approval(update: string, group: string, decision: Decision): Approval {
    const { action, deadline } =
      typeof decision === 'string' ? { action: decision, deadline: null } : decision;
    const number = known(this.#updates, update);
    const variant = 10 * known(this.#groups, group) + APPROVAL_ACTIONS.indexOf(action);
    return {
      update: updateNumberAt(number),
      groupId: this.groupId(group),
      action,
      deadlineMs: deadline === null ? null : Date.parse(deadline),
      deploymentId: 700_000 + 1000 * number + variant,
      approvedMs: Date.UTC(2026, 5, 1),
    };
  }
}

function mentioned(one: RevisionDeclaration): string[] {
  return [...(one.in ?? []), ...(one.needs ?? []), ...(one.holds ?? []), ...(one.supersedes ?? [])]
    .flat()
    .map((name) => splitRevision(name)[0]);
}

function splitRevision(name: string): [update: string, revision: number] {
  const exact = /^(.*) r(\d+)$/.exec(name);
  return exact === null ? [name, -1] : [exact[1], Number(exact[2])];
}

function known(names: ReadonlyMap<string, number>, name: string): number {
  const index = names.get(name);
  if (index === undefined) throw new Error(`the test declares no ${name}`);
  return index;
}
