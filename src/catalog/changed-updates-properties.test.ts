import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  approvalsOf,
  build,
  decisions,
  declaredCatalog,
  laterImport,
  type DeclaredCatalog,
} from '../../test/support/catalog-arbitrary.ts';
import type { CatalogOptions, Declarations, NamedCatalog } from '../../test/support/catalog-builder.ts';
import { deploymentOf, type Deployment } from './deployment.ts';
import { scan, watermarkKey, type Watermark } from './scan.ts';
import { isLeaf, ordinalOf, updateIdOf } from './snapshot.ts';

/** When everything happened that happens to the first generation of a catalogue. */
const LATER = 6;

const generations = fc
  .record({
    first: declaredCatalog({ minRevisions: 30, maxRevisions: 120 }),
    imported: laterImport(20),
    decided: decisions(20),
    declined: fc.array(fc.nat(1000), { maxLength: 5 }),
    undeclined: fc.boolean(),
    parents: fc.array(fc.option(fc.nat(4)), { maxLength: 5 }),
  })
  .map(({ first, imported, ...events }) => {
    const declarations = imported(first.declarations, LATER);
    return [
      { ...first, options: { ...first.options, change: LATER - 1 } },
      { declarations, options: laterOptions(first, declarations, events) },
    ] as const;
  });

interface Events {
  readonly decided: Parameters<typeof approvalsOf>[0];
  readonly declined: readonly number[];
  readonly undeclined: boolean;
  readonly parents: readonly (number | null)[];
}

/** The same with other decisions; deployments of the updates they are about change, as a store has it. */
function laterOptions(first: DeclaredCatalog, declarations: Declarations, events: Events): CatalogOptions {
  const { options } = first;
  const names = [...new Set(declarations.map(([name]) => name))];
  const groups = Object.keys(options.groups ?? {});
  const decided = approvalsOf(events.decided, names, groups);
  const approvals = { ...options.approvals };
  for (const [name, byGroup] of Object.entries(decided)) approvals[name] = { ...approvals[name], ...byGroup };
  const before = new Set(options.declined);
  const declined = new Set(events.declined.map((index) => names[index % names.length]));
  if (!events.undeclined) for (const name of before) declined.add(name);
  const touched = [
    ...Object.keys(decided),
    ...[...before].filter((name) => !declined.has(name)),
    ...[...declined].filter((name) => !before.has(name)),
    ...declarations.slice(first.declarations.length).map(([name]) => name),
  ];
  return {
    change: LATER,
    groups: Object.fromEntries(
      groups.map((name, index) => {
        const parent = events.parents[index] ?? null;
        return [name, parent === null || parent >= index ? null : groups[parent]];
      }),
    ),
    approvals,
    declined: [...declined],
    deploymentChanges: {
      ...options.deploymentChanges,
      ...Object.fromEntries(touched.map((name) => [name, LATER])),
    },
  };
}

interface View extends Deployment {
  readonly isLeaf: boolean;
}

/** A client that believes what it was told, and what it was told about before. */
class BelievingClient {
  readonly beliefs = new Map<number, View>();
  #watermark: Watermark = { change: 0, key: '' };

  /** Scans until nothing moves, or for long: what already holds updates that need each other never rests. */
  scan(shop: NamedCatalog, groups: readonly string[], filter: readonly string[]): void {
    const { snapshot, catalog } = shop;
    const audience = shop.audience(...groups);
    const filterIds = filter.map((name) => shop.updateId(name));
    for (let rounds = 0; rounds < 200; rounds++) {
      const held = [...this.beliefs];
      const answer = scan(catalog, {
        installed: Int32Array.from(held.filter(([, view]) => !view.isLeaf).map(([id]) => id)),
        cached: Int32Array.from(held.filter(([, view]) => view.isLeaf).map(([id]) => id)),
        filter: filterIds,
        twoGroups: false,
        watermark: this.#watermark,
        audience,
        page: { updates: 30, bytes: 1_000_000 },
      });
      this.#watermark = { change: snapshot.change, key: watermarkKey(audience, filterIds) };
      for (const id of answer.outOfScopeIds) this.beliefs.delete(id);
      for (const ordinal of [...answer.changedUpdates, ...answer.newUpdates]) {
        this.beliefs.set(snapshot.revisionIds[ordinal], truth(shop, groups, ordinal));
      }
      if (answer.newUpdates.length === 0 && answer.outOfScopeIds.length === 0) return;
    }
  }
}

function truth(shop: NamedCatalog, groups: readonly string[], ordinal: number): View {
  const { snapshot } = shop;
  return { ...deploymentOf(snapshot, shop.audience(...groups), ordinal), isLeaf: isLeaf(snapshot, ordinal) };
}

const step = fc.record({
  later: fc.boolean(),
  groups: fc.array(fc.nat(4), { maxLength: 2 }),
  filter: fc.array(fc.nat(1000), { minLength: 1, maxLength: 2 }),
});

describe('whatever happens to a catalogue, and to the groups a client is in', () => {
  for (const limited of [false, true]) {
    test(`after every scan${limited ? ' of categories' : ''} the client believes what is true`, () => {
      fc.assert(
        fc.property(generations, fc.array(step, { minLength: 2, maxLength: 5 }), (declared, steps) => {
          const [first, second] = declared.map(build);
          const client = new BelievingClient();
          const order = steps.toSorted((one, other) => Number(one.later) - Number(other.later));
          for (const { later, groups: drawn, filter } of order) {
            const shop = later ? second : first;
            const all = [...shop.rows.groups].map((group) => group.name);
            const groups = drawn.map((index) => all[index % all.length]);
            client.scan(shop, groups, limited ? filter.map((index) => categoryOf(first, index)) : []);
            for (const [id, view] of client.beliefs) {
              const ordinal = ordinalOf(shop.snapshot, id);
              assert.deepEqual(view, truth(shop, groups, ordinal), shop.name(ordinal));
            }
          }
        }),
        { numRuns: 100 },
      );
    });
  }
});

/** Something that updates belong to. */
function categoryOf(shop: NamedCatalog, index: number): string {
  const categories = [...shop.rows.revisions].flatMap((row) =>
    row.relations.prerequisites.filter((clause) => clause.isCategory).flatMap((clause) => clause.updates),
  );
  const number =
    categories.length === 0 ? [...shop.rows.updates][0].number : categories[index % categories.length];
  return shop.nameOfUpdate(updateIdOf(shop.snapshot, number)!);
}
