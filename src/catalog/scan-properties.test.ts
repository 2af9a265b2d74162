import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { build, declaredCatalog } from '../../test/support/catalog-arbitrary.ts';
import type { NamedCatalog } from '../../test/support/catalog-builder.ts';
import { NO_LIMITS } from '../../test/support/named-scan.ts';
import { ScanReference } from '../../test/support/scan-reference.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import { deploymentOf } from './deployment.ts';
import { scan, watermarkKey, type ScanAnswer, type ScanQuestion } from './scan.ts';
import { isLeaf, updateIdOf } from './snapshot.ts';

const anyCatalog = declaredCatalog({ minRevisions: 30, maxRevisions: 200 });
const indices = fc.array(fc.nat(1000), { maxLength: 150, size: 'max' });
const few = fc.array(fc.nat(1000), { maxLength: 3 });
/** Indices into what a catalogue has; some lie outside it. */
const anyQuestion = fc.record({
  installed: indices,
  cached: indices,
  filter: fc.oneof({ weight: 1, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: few }),
  twoGroups: fc.boolean(),
  groups: few,
  change: fc.nat(5),
  toldElsewhere: fc.boolean(),
});
type DrawnQuestion = typeof anyQuestion extends fc.Arbitrary<infer T> ? T : never;

interface Asked {
  readonly question: ScanQuestion;
  readonly groups: readonly Guid[];
  readonly key: string;
}

function made(shop: NamedCatalog, drawn: DrawnQuestion): Asked {
  const { snapshot } = shop;
  const count = snapshot.revisionIds.length;
  // Every 20th is nobody's.
  const ids = (all: readonly number[]): Int32Array =>
    Int32Array.from(all, (index) => (index % 20 === 0 ? index : snapshot.revisionIds[index % count]));
  const allGroups = [...snapshot.groups.keys()];
  const groups = drawn.groups.map((index) => allGroups[index % allGroups.length]);
  const filter = drawn.filter.map((index) => someUpdate(shop, index));
  const audience = shop.catalog.audience(groups);
  const key = watermarkKey(audience, filter);
  const watermark = { change: drawn.change, key: drawn.toldElsewhere ? 'elsewhere' : key };
  const question: ScanQuestion = {
    installed: ids(drawn.installed),
    cached: ids(drawn.cached),
    filter,
    twoGroups: drawn.twoGroups,
    watermark,
    audience,
    page: NO_LIMITS,
  };
  return { question, groups, key };
}

/** An update that many belong to, if there are such. */
function someUpdate({ snapshot, rows }: NamedCatalog, index: number): UpdateId {
  const categories = [...rows.revisions].flatMap((row) =>
    row.relations.prerequisites.filter((clause) => clause.isCategory).flatMap((clause) => clause.updates),
  );
  const known = [...rows.updates];
  const number =
    index % 5 === 0 || categories.length === 0
      ? known[index % known.length].number
      : categories[index % categories.length];
  return updateIdOf(snapshot, number)!;
}

function sorted(ids: Iterable<number>): number[] {
  return [...ids].sort((one, other) => one - other);
}

function idsOf(shop: NamedCatalog, ordinals: readonly number[]): number[] {
  return sorted(ordinals.map((ordinal) => shop.snapshot.revisionIds[ordinal]));
}

describe('for any catalogue', () => {
  test('what may be sent, leaves, and deployments are as the specification has them', () => {
    fc.assert(
      fc.property(anyCatalog, few, (declared, drawnGroups) => {
        const shop = build(declared);
        const { snapshot } = shop;
        const reference = new ScanReference(shop.rows);
        const inScope = [...snapshot.inScope].filter((ordinal) => ordinal >= 0);
        assert.deepEqual(idsOf(shop, inScope), sorted(reference.deployed));
        const allGroups = [...snapshot.groups.keys()];
        const groups = drawnGroups.map((index) => allGroups[index % allGroups.length]);
        const audience = shop.catalog.audience(groups);
        for (const [ordinal, id] of snapshot.revisionIds.entries()) {
          assert.equal(isLeaf(snapshot, ordinal), reference.isLeaf(id));
          const { action, isAssigned, deadlineMs } = deploymentOf(snapshot, audience, ordinal);
          assert.deepEqual({ action, isAssigned, deadlineMs }, reference.deployment(id, groups));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a scan answers any question as the specification has it', () => {
    fc.assert(
      fc.property(anyCatalog, fc.array(anyQuestion, { minLength: 1, maxLength: 4 }), (declared, drawn) => {
        const shop = build(declared);
        const reference = new ScanReference(shop.rows);
        for (const one of drawn) {
          const { question, groups, key } = made(shop, one);
          const expected = reference.answer({ ...question, groups, key });
          const answer = scan(shop.catalog, question);
          assert.deepEqual(idsOf(shop, answer.newUpdates), sorted(expected.newUpdates));
          assert.deepEqual(idsOf(shop, answer.changedUpdates), sorted(expected.changedUpdates));
          assert.deepEqual(sorted(answer.outOfScopeIds), sorted(expected.outOfScope));
          assert.deepEqual(sorted(answer.deployedOutOfScopeIds), sorted(expected.deployedOutOfScope));
        }
      }),
      { numRuns: 120 },
    );
  });

  test('all pages together bring what one page would, each update once', () => {
    const limits = fc.record({ updates: fc.integer({ min: 1, max: 40 }), bytes: fc.nat(20_000) });
    fc.assert(
      fc.property(anyCatalog, anyQuestion, limits, (declared, drawn, page) => {
        const shop = build(declared);
        const { question } = made(shop, drawn);
        const whole = scan(shop.catalog, question);
        const sent: number[] = [];
        let answer: ScanAnswer;
        do {
          const cached = Int32Array.from([...question.cached, ...idsOf(shop, sent)]);
          answer = scan(shop.catalog, { ...question, cached, page });
          assert.deepEqual(answer.outOfScopeIds, whole.outOfScopeIds);
          assert.deepEqual(answer.deployedOutOfScopeIds, whole.deployedOutOfScopeIds);
          assert.ok(answer.newUpdates.length > 0 || !answer.truncated, 'an empty page is the last one');
          sent.push(...answer.newUpdates);
        } while (answer.truncated);
        assert.deepEqual(idsOf(shop, sent), idsOf(shop, whole.newUpdates));
      }),
      { numRuns: 60 },
    );
  });
});
