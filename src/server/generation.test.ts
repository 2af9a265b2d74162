import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { sampleDocuments, SAMPLE } from '../../test/support/sample-catalogue.ts';
import { approve, changeIdentity } from '../../test/support/store-changes.ts';
import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import { importDocuments } from '../import/importer.ts';
import type { SourceDocument } from '../import/source-document.ts';
import { assignComputer } from '../store/computers.ts';
import { databasePath } from '../store/connect.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { ThreadSnapshotSource } from '../store/snapshot-source.ts';
import { Generation } from './generation.ts';

async function* sources(): AsyncGenerator<SourceDocument> {
  for (const bytes of sampleDocuments()) yield { name: 'sample', bytes, progress: 1 };
}

interface Observed {
  readonly generation: Generation;
  /** The store this process reads, and the same store as another process has it. */
  readonly store: Store;
  readonly elsewhere: Store;
  readonly seen: string[];
}

async function observe(t: TestContext): Promise<Observed> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  const store = await openStore({ dataFolder, now: () => 1 });
  const elsewhere = await openStore({ dataFolder, now: () => 1 });
  t.after(async () => {
    await store.close();
    await elsewhere.close();
    rmSync(dataFolder, { recursive: true });
  });
  const seen: string[] = [];
  const snapshots = new ThreadSnapshotSource(databasePath(dataFolder));
  t.after(() => snapshots.close());
  const generation = await Generation.load(store, snapshots, {
    onFleetChange: () => seen.push('fleet'),
    onCatalog: ({ snapshot }) => seen.push(`catalogue of ${snapshot.revisionIds.length}`),
  });
  return { generation, store, elsewhere, seen };
}

describe('a generation', () => {
  test('begins with what the store holds, and tells nothing while nothing changes', async (t) => {
    const { generation, seen } = await observe(t);
    assert.deepEqual(seen.splice(0), ['fleet', 'catalogue of 0']);
    assert.equal(generation.server.configurationChangedMs, 1);
    await generation.refresh();
    assert.deepEqual(seen, []);
  });

  for (const where of ['store', 'elsewhere'] as const) {
    test(`notices an import and an approval made in ${where === 'store' ? 'this process' : 'another process'}`, async (t) => {
      const observed = await observe(t);
      const { generation, seen } = observed;
      const before = generation.catalog;
      seen.splice(0);
      await importDocuments(observed[where].db, sources(), { source: 'x', now: () => 2 });
      await generation.refresh();
      assert.deepEqual(seen.splice(0), [`catalogue of ${sampleDocuments().length}`]);
      assert.notEqual(generation.catalog, before);
      // Requests that hold the old one go on with it.
      assert.equal(before.snapshot.revisionIds.length, 0);
      await approve(observed[where], { updateId: SAMPLE.bundle, action: 'Install', nowMs: 3 });
      await generation.refresh();
      assert.equal(seen.length, 1);
      assert.equal(generation.catalog.audience([ALL_COMPUTERS]).approvals.size, 1);
    });
  }

  test('notices a new identity without building the catalogue again', async (t) => {
    const { generation, elsewhere, seen } = await observe(t);
    const { catalog, server } = generation;
    seen.splice(0);
    await changeIdentity(elsewhere);
    await generation.refresh();
    assert.notEqual(generation.server.identity, server.identity);
    assert.equal(generation.catalog, catalog);
    assert.deepEqual(seen, []);
  });

  test('tells when a computer was moved, and not when one only said hello', async (t) => {
    const { generation, elsewhere, seen } = await observe(t);
    seen.splice(0);
    await sql`INSERT INTO computer
      (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms)
      VALUES ('pc-1', 'pc-1', '192.0.2.1', '', 1, 1)`.execute(elsewhere.db);
    await generation.refresh();
    assert.deepEqual(seen, []);
    await elsewhere.db.transaction().execute((tx) => assignComputer(tx, 'pc-1', [ALL_COMPUTERS]));
    await generation.refresh();
    assert.deepEqual(seen, ['fleet']);
  });
});
