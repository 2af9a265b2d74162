import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { approveUpdates } from '../admin/approvals.ts';
import { verifyContent, viewContent } from '../admin/content.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { openStore } from '../store/open-store.ts';
import { installSample } from './install-sample.ts';

test('the sample is imported with its files once, and is sound', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'oakum-sample-'));
  const now = (): number => Date.UTC(2026, 9, 4);
  const store = await openStore({ dataFolder, now });
  try {
    const content = await openFolderContentStore(join(dataFolder, 'content'));
    const first = await installSample(store.db, content, { now });
    assert.deepEqual(first.rejected, []);
    assert.equal(first.imported, first.documents);
    assert.equal(first.files.known, 0);

    const files = await viewContent(store.db, content);
    assert.equal(files.length, first.files.stored);
    assert.ok(files.every((file) => file.stored));
    for await (const { problem } of verifyContent(store.db, content)) assert.equal(problem, undefined);

    const again = await installSample(store.db, content, { now });
    assert.equal(again.imported, 0);
    assert.equal(again.known, first.documents);
    assert.equal(again.files.stored, 0);

    // What the command proposes to approve is there and unambiguous.
    const approved = await approveUpdates(
      store.db,
      { name: 'test' },
      {
        updates: ['Sample Agent 1.3', 'Sample Scanner 5.0', 'Sample Fonts'],
        groups: ['All Computers'],
        action: 'Install',
        nowMs: now(),
      },
    );
    assert.equal(approved.updates.length, 3);
  } finally {
    await store.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
});
