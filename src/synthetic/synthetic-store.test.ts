import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { child, documentTree } from '../../test/support/document-tree.ts';
import { holds, windows11, type Facts } from '../../test/support/rule-facts.ts';
import { readCatalogRows } from '../../test/support/stored-rows.ts';
import { TempStore } from '../../test/support/temp-store.ts';
import { buildSnapshot } from '../catalog/build-snapshot.ts';
import { Catalog } from '../catalog/catalog.ts';
import { deploymentOf } from '../catalog/deployment.ts';
import { scan } from '../catalog/scan.ts';
import { isLeaf } from '../catalog/snapshot.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import { readDocument } from '../store/imports.ts';
import { MEASURED } from './catalogue-shape.ts';
import { fillSyntheticStore, type SyntheticStoreOptions } from './synthetic-store.ts';

const OPTIONS = {
  seed: 1,
  tail: 'none',
  shares: { approved: 0.7, declined: 0 },
  stopwatch: () => 0,
} as const satisfies Partial<SyntheticStoreOptions>;

describe('a synthetic catalogue in a store', () => {
  test('gives a Windows 11 client what the measured one got', async () => {
    await using temp = await TempStore.open();
    const options = { ...OPTIONS, revisions: MEASURED.revisions, now: temp.now };
    const report = await fillSyntheticStore(temp.db, options);
    assert.equal(report.imported, MEASURED.revisions);
    assert.deepEqual(report.rejected, []);

    const catalog = new Catalog(buildSnapshot(await readCatalogRows(temp.db)));
    const { snapshot } = catalog;
    assert.equal(snapshot.inScope.filter((ordinal) => ordinal >= 0).length, MEASURED.revisions);

    const { installed, held, calls, actions } = await freshScan(temp, catalog);
    // Measured: 1,950 of 5,253 delivered in 66 calls of at most 30, of which 87 to 94 installed non-leaf ones.
    assert.ok(held > 1800 && held < 2100, `${held} delivered`);
    assert.ok(installed >= 80 && installed <= 105, `${installed} installed`);
    assert.ok(calls < 20, `${calls} calls`);
    // Measured: 92 to 94 updates approved, 561 members of bundles.
    assert.ok(report.approved > 70 && report.approved < 120, `${report.approved} approved`);
    const approved = actions.get('Install') ?? 0;
    assert.ok(approved > 40 && approved <= report.approved, `${approved} of them sent`);
  });

  test('is decided about as asked, and imported once', async () => {
    await using temp = await TempStore.open();
    const options = { ...OPTIONS, revisions: 1000, now: temp.now, shares: { approved: 1, declined: 0.5 } };
    const first = await fillSyntheticStore(temp.db, options);
    assert.equal(first.documents, 1000);
    assert.ok(first.approved > 0 && first.declined > 0);
    const snapshot = buildSnapshot(await readCatalogRows(temp.db));
    assert.equal(snapshot.approvals.size, first.approved);
    assert.equal(snapshot.declined.filter((declined) => declined !== 0).length, first.declined);

    const again = await fillSyntheticStore(temp.db, options);
    assert.equal(again.imported, 0);
    assert.equal(again.known, 1000);
    assert.equal(again.approved, first.approved);
  });
});

interface FreshScan {
  readonly calls: number;
  /** Updates the client was sent. */
  readonly held: number;
  /** Non-leaf ones of them that it has installed. */
  readonly installed: number;
  readonly actions: ReadonlyMap<string, number>;
}

/** The loop of an agent that knows nothing yet, with rules evaluated on a plain Windows 11. */
async function freshScan(temp: TempStore, catalog: Catalog): Promise<FreshScan> {
  const { snapshot } = catalog;
  const facts = windows11();
  const audience = catalog.audience([UNASSIGNED_COMPUTERS]);
  const installed: number[] = [];
  const cached: number[] = [];
  const actions = new Map<string, number>();
  for (let calls = 1; ; calls++) {
    const answer = scan(catalog, {
      installed: Int32Array.from(installed).sort(),
      cached: Int32Array.from(cached).sort(),
      filter: [],
      twoGroups: false,
      watermark: { change: 0, key: '' },
      audience,
      page: { updates: 200, bytes: 5_242_880 },
    });
    let grown = false;
    for (const ordinal of answer.newUpdates) {
      const id = snapshot.revisionIds[ordinal];
      const { action } = deploymentOf(snapshot, audience, ordinal);
      actions.set(action, (actions.get(action) ?? 0) + 1);
      const has = !isLeaf(snapshot, ordinal) && isInstalled((await readDocument(temp.db, id))!, facts);
      (has ? installed : cached).push(id);
      grown ||= has;
    }
    if (!answer.truncated && !grown)
      return { calls, held: installed.length + cached.length, installed: installed.length, actions };
  }
}

function isInstalled(document: Uint8Array, facts: Facts): boolean {
  const tree = documentTree(document);
  const rule = child(child(tree, 'ApplicabilityRules'), 'IsInstalled')?.children[0];
  return rule !== undefined && holds(rule, facts, tree);
}
