import * as fc from 'fast-check';
import { APPROVAL_ACTIONS } from '../../src/catalog/catalog-rows.ts';
import type { UpdateType } from '../../src/metadata/update-document.ts';
import {
  NamedCatalog,
  type CatalogOptions,
  type Decision,
  type Declarations,
  type RevisionDeclaration,
} from './catalog-builder.ts';

/** A catalogue before it is built: short to print, and a test can change it and build it again. */
export interface DeclaredCatalog {
  readonly declarations: Declarations;
  readonly options: CatalogOptions;
}

export function build({ declarations, options }: DeclaredCatalog): NamedCatalog {
  return new NamedCatalog(declarations, options);
}

export interface CatalogShape {
  readonly minRevisions: number;
  readonly maxRevisions: number;
  /** Prerequisites only name updates declared before, so that they cannot form circles. */
  readonly acyclic?: boolean;
}

const TYPES: readonly UpdateType[] = [
  'Category',
  'Detectoid',
  'Detectoid',
  'Software',
  'Software',
  'Software',
  'Driver',
];
const CATEGORY_TYPES = ['Product', 'UpdateClassification', 'Company'];
/** Names of updates that are mentioned and never declared. */
const STRANGERS = 3;

/** A reference to an update: how far back it lies, or, rarely, any update, or one that nobody has. */
const reference = fc.oneof(
  { weight: 12, arbitrary: fc.record({ back: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ any: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ stranger: fc.nat(STRANGERS - 1) }) },
);
type Reference = { readonly back: number } | { readonly any: number } | { readonly stranger: number };

const clauses = (most: number) =>
  fc.array(fc.array(reference, { minLength: 0, maxLength: 3, size: 'max' }), {
    maxLength: most,
    size: 'max',
  });

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const revision = fc.record({
  /** Whether this is another revision of an earlier update rather than a new one. */
  of: sometimes(fc.nat(1000)),
  number: fc.nat(4),
  type: fc.constantFrom(...TYPES),
  categoryType: fc.constantFrom(...CATEGORY_TYPES),
  needs: clauses(2),
  in: clauses(1),
  holds: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: clauses(2) }),
  exact: sometimes(fc.nat(3)),
  deployable: fc.boolean(),
  bytes: fc.nat(4000),
  change: fc.integer({ min: 1, max: 4 }),
});

const nat = fc.nat(1000);
const decision = fc.record({
  update: nat,
  group: nat,
  action: fc.constantFrom(...APPROVAL_ACTIONS),
  deadline: sometimes(fc.constantFrom('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z')),
});
type DrawnDecision = typeof decision extends fc.Arbitrary<infer T> ? T : never;

/** Random catalogues with everything that scans care about, all of it more frequent than in real ones. */
export function declaredCatalog(shape: CatalogShape): fc.Arbitrary<DeclaredCatalog> {
  const { minRevisions: minLength, maxRevisions: maxLength } = shape;
  return fc
    .record({
      revisions: fc.array(revision, { minLength, maxLength, size: 'max' }),
      parents: fc.array(fc.option(fc.nat(4)), { minLength: 1, maxLength: 5 }),
      decisions: decisions(60),
      declined: fc.array(nat, { maxLength: Math.ceil(maxLength / 6), size: 'max' }),
      deploymentChanges: fc.array(fc.tuple(nat, fc.integer({ min: 1, max: 5 })), { maxLength: 20 }),
    })
    .map((drawn) => {
      const declarations = declare(drawn.revisions, shape.acyclic ?? false);
      const names = [...new Set(declarations.map(([name]) => name))];
      const pick = (index: number): string => names[index % names.length];
      const groups = Object.fromEntries(
        drawn.parents.map((parent, index) => [
          `G${index}`,
          parent === null || parent >= index ? null : `G${parent}`,
        ]),
      );
      return {
        declarations,
        options: {
          groups,
          declined: drawn.declined.map(pick),
          approvals: approvalsOf(drawn.decisions, names, Object.keys(groups)),
          deploymentChanges: Object.fromEntries(
            drawn.deploymentChanges.map(([index, change]) => [pick(index), change]),
          ),
        },
      };
    });
}

/** Decisions about any updates for any groups, to be made out by {@link approvalsOf}. */
export function decisions(maxLength: number): fc.Arbitrary<DrawnDecision[]> {
  return fc.array(decision, { maxLength, size: 'max' });
}

export function approvalsOf(
  drawn: readonly DrawnDecision[],
  updates: readonly string[],
  groups: readonly string[],
): Record<string, Record<string, Decision>> {
  const approvals: Record<string, Record<string, Decision>> = {};
  for (const { update, group, action, deadline } of drawn) {
    const byGroup = (approvals[updates[update % updates.length]] ??= {});
    byGroup[groups[group % groups.length]] = deadline === null ? action : { action, deadline };
  }
  return approvals;
}

/** Further revisions, as a later import would bring them. */
export function laterImport(
  maxRevisions: number,
): fc.Arbitrary<(known: Declarations, change: number) => Declarations> {
  return fc.array(revision, { maxLength: maxRevisions, size: 'max' }).map((drawn) => (known, change) => {
    const later = declare(drawn, false, known).slice(known.length);
    return [...known, ...later.map(([name, one]) => [name, { ...one, change }] as const)];
  });
}

type DrawnRevision = typeof revision extends fc.Arbitrary<infer T> ? T : never;

function declare(drawn: readonly DrawnRevision[], acyclic: boolean, known: Declarations = []): Declarations {
  const declarations = [...known];
  const revisions = Map.groupBy(declarations, ([name]) => name);
  const taken = new Map(
    [...revisions].map(([name, all]) => [name, new Set(all.map(([, one]) => one.revision ?? 0))]),
  );
  for (const one of drawn) {
    const names = [...taken.keys()];
    const fresh = one.of === null || names.length === 0;
    const name = fresh ? `U${names.length}` : names[one.of! % names.length];
    const numbers = taken.get(name) ?? new Set();
    let number = one.number;
    while (numbers.has(number)) number++;
    taken.set(name, numbers.add(number));
    const before = acyclic
      ? names.slice(0, names.indexOf(name) < 0 ? undefined : names.indexOf(name))
      : names;
    declarations.push([name, declaration({ ...one, number }, before, acyclic, drawn.length)]);
  }
  return declarations;
}

function declaration(
  drawn: DrawnRevision,
  before: readonly string[],
  acyclic: boolean,
  horizon: number,
): RevisionDeclaration {
  const nameOf = (to: Reference): string[] => {
    if ('stranger' in to) return [`Stranger${to.stranger}`];
    // Updates that are declared later may be meant, or nobody.
    if ('any' in to && !acyclic) return [`U${to.any % horizon}`];
    const back = 'back' in to ? to.back : to.any;
    const name = before.at(-1 - (back % Math.max(1, before.length)));
    return name === undefined ? [] : [name];
  };
  const names = (all: readonly (readonly Reference[])[]): string[][] =>
    all
      .map((clause) => clause.flatMap(nameOf))
      .filter((clause, index) => clause.length > 0 || index % 5 === 4);
  const exactly = (name: string): string => (drawn.exact === null ? name : `${name} r${drawn.exact}`);
  return {
    type: drawn.type,
    ...(drawn.type === 'Category' ? { categoryType: drawn.categoryType } : {}),
    needs: names(drawn.needs),
    in: names(drawn.in),
    holds: names(drawn.holds).map((clause) => clause.map(exactly)),
    deployable: drawn.deployable,
    revision: drawn.number,
    bytes: drawn.bytes,
    change: drawn.change,
  };
}
