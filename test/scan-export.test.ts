import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSnapshot } from '../src/catalog/build-snapshot.ts';
import { Catalog } from '../src/catalog/catalog.ts';
import { deploymentOf } from '../src/catalog/deployment.ts';
import type { PageLimits } from '../src/catalog/page.ts';
import { scan } from '../src/catalog/scan.ts';
import { isLeaf, Type, type CatalogSnapshot } from '../src/catalog/snapshot.ts';
import { importDocuments, type ImportReport } from '../src/import/importer.ts';
import { importFiles, readSourceDocuments } from '../src/import/source-document.ts';
import { readCatalogRows } from './support/stored-rows.ts';
import { fixture, skipWithoutFixtures } from './support/fixtures.ts';
import { NO_LIMITS } from './support/named-scan.ts';
import { ScanReference } from './support/scan-reference.ts';
import { TempStore } from './support/temp-store.ts';

/** How many revisions of the export have how long a chain of prerequisites; the roots first. */
const LEVELS = [108, 200, 399, 2844, 362, 157, 15, 2];

describe('every category and detectoid of an exported catalogue', { skip: skipWithoutFixtures }, () => {
  let temp: TempStore;
  let report: ImportReport;
  let catalog: Catalog;
  let snapshot: CatalogSnapshot;

  before(async () => {
    temp = await TempStore.open();
    const files = importFiles([fixture('wsus-export/WSUS-2024-06-19.cab')]);
    report = await importDocuments(temp.db, readSourceDocuments(files), { source: 'export', now: temp.now });
    snapshot = buildSnapshot(await readCatalogRows(temp.db));
    catalog = new Catalog(snapshot);
  });
  after(() => temp[Symbol.asyncDispose]());

  interface Received {
    readonly rounds: readonly (readonly number[])[];
    readonly sent: readonly number[];
  }

  /** What a client receives on whose machine every rule holds. */
  function receive(page: PageLimits): Received {
    const rounds: (readonly number[])[] = [];
    const sent: number[] = [];
    const ids = (leaf: boolean): Int32Array =>
      Int32Array.from(
        sent.filter((ordinal) => isLeaf(snapshot, ordinal) === leaf),
        (ordinal) => snapshot.revisionIds[ordinal],
      );
    for (;;) {
      const answer = scan(catalog, {
        installed: ids(false),
        cached: ids(true),
        filter: [],
        twoGroups: false,
        watermark: { change: snapshot.change, key: '' },
        audience: catalog.audience([]),
        page,
      });
      rounds.push(answer.newUpdates);
      sent.push(...answer.newUpdates);
      assert.deepEqual(answer.outOfScopeIds, []);
      const grown = answer.newUpdates.some((ordinal) => !isLeaf(snapshot, ordinal));
      if (!answer.truncated && !grown) return { rounds, sent };
    }
  }

  /**
   * How many updates lie how deep: one level below the deepest of their clauses, each of which lies as
   * deep as the nearest or the farthest of its alternatives.
   */
  function levels(ofAlternatives: (...levels: number[]) => number): number[] {
    const { clauseStarts, clauses, inScope: sent } = snapshot;
    const known = new Map<number, number>();
    const levelOf = (update: number): number => {
      const level = known.get(update) ?? levelFromClauses(sent[update]);
      known.set(update, level);
      return level;
    };
    const levelFromClauses = (ordinal: number): number => {
      let level = 0;
      for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
        const alternatives = clauses.values.slice(clauses.starts[clause], clauses.starts[clause + 1]);
        level = Math.max(level, ofAlternatives(...[...alternatives].map(levelOf)) + 1);
      }
      return level;
    };
    const counts: number[] = [];
    for (const ordinal of inScope()) {
      const level = levelOf(snapshot.updates[ordinal]);
      counts[level] = (counts[level] ?? 0) + 1;
    }
    return counts;
  }

  const inScope = (): number[] => [...snapshot.inScope].filter((ordinal) => ordinal >= 0);

  test('are imported: 4,125 revisions of 4,087 updates', () => {
    assert.deepEqual(
      { ...report, rejected: report.rejected.length },
      {
        documents: 4125,
        imported: 4125,
        known: 0,
        rejected: 0,
      },
    );
    assert.equal(snapshot.revisionIds.length, 4125);
    assert.equal(inScope().length, 4087);
  });

  test('refer to nothing that is missing', () => {
    for (const update of snapshot.clauses.values) assert.ok(snapshot.latest[update] >= 0);
  });

  test('have prerequisites on eight levels, 458 of them non-leaves', () => {
    assert.deepEqual(levels(Math.max), LEVELS);
    assert.equal(inScope().filter((ordinal) => !isLeaf(snapshot, ordinal)).length, 458);
  });

  test('are to be evaluated, never reported', () => {
    const audience = catalog.audience([]);
    for (const ordinal of inScope()) {
      assert.ok(snapshot.types[ordinal] === Type.Category || snapshot.types[ordinal] === Type.Detectoid);
      assert.equal(deploymentOf(snapshot, audience, ordinal).action, 'Evaluate');
    }
  });

  test('arrive in one round per level, 108 in the first', () => {
    const { rounds, sent } = receive(NO_LIMITS);
    assert.equal(rounds[0].length, LEVELS[0]);
    // The nearest alternative of a clause is enough.
    assert.deepEqual(
      rounds.map((round) => round.length),
      levels(Math.min),
    );
    assert.deepEqual(
      sent.toSorted((one, other) => one - other),
      inScope().toSorted((one, other) => one - other),
    );
  });

  test('arrive exactly once each in pages of 200 and of 30, what others need first', () => {
    for (const updates of [200, 30]) {
      const { rounds, sent } = receive({ updates, bytes: 5_242_880 });
      assert.equal(new Set(sent).size, sent.length);
      assert.equal(sent.length, 4087);
      for (const round of rounds) {
        assert.ok(round.length <= updates);
        const leaves = round.map((ordinal) => isLeaf(snapshot, ordinal));
        assert.deepEqual(
          leaves,
          leaves.toSorted((one, other) => Number(one) - Number(other)),
        );
        assert.ok(round.reduce((sum, ordinal) => sum + snapshot.coreBytes[ordinal], 0) <= 5_242_880);
      }
    }
  });

  test('arrive in no more calls than an agent makes, with pages of 30', () => {
    assert.ok(receive({ updates: 30, bytes: 5_242_880 }).rounds.length <= 200);
  });

  test('are in scope as the specification has it', async () => {
    const reference = new ScanReference(await readCatalogRows(temp.db));
    assert.deepEqual(
      inScope()
        .map((ordinal) => snapshot.revisionIds[ordinal])
        .sort((one, other) => one - other),
      [...reference.deployed].sort((one, other) => one - other),
    );
  });
});
