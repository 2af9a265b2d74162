import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { build, declaredCatalog } from '../../test/support/catalog-arbitrary.ts';
import type { NamedCatalog } from '../../test/support/catalog-builder.ts';
import { NO_LIMITS } from '../../test/support/named-scan.ts';
import type { PageLimits } from './page.ts';
import { scan } from './scan.ts';
import { isLeaf, ordinalOf } from './snapshot.ts';

const pages = fc.record({ updates: fc.integer({ min: 1, max: 50 }), bytes: fc.nat(20_000) });
/** Which revisions a machine finds installed: those whose index is in none of these classes. */
const machine = fc.record({ divisor: fc.integer({ min: 2, max: 12 }), missing: fc.nat(11) });
type Machine = typeof machine extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly cache: readonly number[];
  readonly rounds: number;
}

type End = (answer: { truncated: boolean; bringsNonLeaf: boolean; changesCache: boolean }) => boolean;

/** 2.2.2.2.4: again when truncated, or when something new is no leaf. */
const asAgentsDo: End = ({ truncated, bringsNonLeaf }) => !truncated && !bringsNonLeaf;
/** Again until nothing moves, as for a client that did not begin with nothing. */
const whenAtRest: End = ({ changesCache }) => !changesCache;

function clientLoop(
  shop: NamedCatalog,
  { divisor, missing }: Machine,
  page: PageLimits,
  begin: Iterable<number>,
  end: End,
): Outcome {
  const { snapshot, catalog } = shop;
  const cache = new Set(begin);
  const leaf = (id: number): boolean => isLeaf(snapshot, ordinalOf(snapshot, id));
  const installed = (id: number): boolean => ordinalOf(snapshot, id) % divisor !== missing && !leaf(id);
  const most = 2 * snapshot.revisionIds.length + 2;
  for (let rounds = 1; ; rounds++) {
    assert.ok(rounds <= most, 'the loop ends');
    const held = [...cache].sort((one, other) => one - other);
    const answer = scan(catalog, {
      installed: Int32Array.from(held.filter(installed)),
      cached: Int32Array.from(held.filter((id) => !installed(id))),
      filter: [],
      twoGroups: false,
      watermark: { change: 0, key: '' },
      audience: shop.audience(),
      page,
    });
    const news = answer.newUpdates.map((ordinal) => snapshot.revisionIds[ordinal]);
    for (const id of answer.outOfScopeIds) assert.ok(cache.delete(id), 'only what is held goes out');
    for (const id of news) assert.ok(!cache.has(id), 'nothing is sent twice');
    for (const id of news) cache.add(id);
    const over = end({
      truncated: answer.truncated,
      bringsNonLeaf: news.some((id) => !leaf(id)),
      changesCache: news.length > 0 || answer.outOfScopeIds.length > 0,
    });
    if (over) return { cache: [...cache].sort((one, other) => one - other), rounds };
  }
}

/** Longest chain of prerequisites among the revisions in scope; circles are cut. */
function depth({ snapshot }: NamedCatalog): number {
  const { inScope, clauseStarts, clauses } = snapshot;
  const depths = new Map<number, number>();
  const depthOf = (update: number): number => {
    const ordinal = inScope[update];
    const known = ordinal < 0 ? 0 : depths.get(update);
    if (known !== undefined) return known;
    depths.set(update, 0);
    const from = clauses.starts[clauseStarts[ordinal]];
    const to = clauses.starts[clauseStarts[ordinal + 1]];
    const below = [...clauses.values.slice(from, to)].map(depthOf);
    depths.set(update, Math.max(0, ...below) + 1);
    return depths.get(update)!;
  };
  return Math.max(0, ...[...inScope.keys()].map(depthOf));
}

describe('for any catalogue and any machine', () => {
  test('the loop of an agent with an empty cache ends in time, with the same cache for any page size', () => {
    fc.assert(
      fc.property(
        declaredCatalog({ minRevisions: 30, maxRevisions: 200 }),
        machine,
        pages,
        (declared, has, page) => {
          const shop = build(declared);
          const whole = clientLoop(shop, has, NO_LIMITS, [], asAgentsDo);
          const paged = clientLoop(shop, has, page, [], asAgentsDo);
          const single = clientLoop(shop, has, { updates: 1, bytes: 0 }, [], asAgentsDo);
          assert.deepEqual(paged.cache, whole.cache);
          assert.deepEqual(single.cache, whole.cache);
          const inScope = [...shop.snapshot.inScope].filter((ordinal) => ordinal >= 0).length;
          const limit = inScope + depth(shop) + 1;
          for (const { rounds } of [whole, paged, single])
            assert.ok(rounds <= limit, `${rounds} <= ${limit}`);
          assert.ok(whole.rounds <= inScope + 1);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a client that comes with any cache arrives at the same one, as long as nothing needs itself', () => {
    const catalogs = declaredCatalog({ minRevisions: 30, maxRevisions: 150, acyclic: true });
    const indices = fc.array(fc.nat(1000), { maxLength: 100, size: 'max' });
    fc.assert(
      fc.property(catalogs, machine, pages, indices, (declared, has, page, drawn) => {
        const shop = build(declared);
        const { revisionIds } = shop.snapshot;
        const begin = drawn.map((index) => revisionIds[index % revisionIds.length]);
        const empty = clientLoop(shop, has, NO_LIMITS, [], whenAtRest);
        assert.deepEqual(clientLoop(shop, has, NO_LIMITS, begin, whenAtRest).cache, empty.cache);
        assert.deepEqual(clientLoop(shop, has, page, begin, whenAtRest).cache, empty.cache);
      }),
      { numRuns: 40 },
    );
  });
});
