import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importDocuments } from '../../src/import/importer.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import { listApprovals } from '../../src/store/approvals.ts';
import { firstForgedAudit, listAudit } from '../../src/store/audit.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { listRollouts } from '../../src/store/rings.ts';
import { listUpdates } from '../../src/store/update-list.ts';
import { temporaryFolder } from '../support/oakum-process.ts';
import { updateDocument } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';

const UPDATES = 25;
const PROGRAM = fileURLToPath(new URL('../support/decide-forever.ts', import.meta.url));

async function prepared(t: TestContext): Promise<string> {
  const dataFolder = temporaryFolder(t);
  const store = await openStore({ dataFolder, now: Date.now });
  const documents = Array.from({ length: UPDATES }, (_, index) =>
    updateDocument({
      id: `0a000000-0000-4000-8000-${String(1000 + index).padStart(12, '0')}` as UpdateId,
      type: 'Software',
      deployable: true,
    }),
  );
  await importDocuments(store.db, sourcesOf(documents), { source: 'test', now: Date.now });
  await store.close();
  return dataFolder;
}

/** Kills the process as soon as it has said so many lines: somewhere in what it does next. */
async function killedAfter(t: TestContext, dataFolder: string, lines: number): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, dataFolder], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const exited = once(child, 'exit');
  let said = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++said >= lines) child.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, NodeJS.Signals | null];
  assert.equal(signal, 'SIGKILL', complaint);
}

/** Everything that was decided is written down, and the other way round; nothing is there in part. */
async function checkWhole({ db }: Store): Promise<void> {
  assert.equal(await firstForgedAudit(db), undefined);
  for (const update of await listUpdates(db, {})) {
    const [last] = (await listAudit(db, { subject: update.updateId, action: 'update' })).slice(0, 1);
    const { approvals } = (last?.after ?? { approvals: [] }) as { readonly approvals: readonly unknown[] };
    const now = (await listApprovals(db, update.number)).map((one) => ({
      groupId: one.groupId,
      group: one.groupName,
      action: one.action,
      deadlineMs: one.deadlineMs,
      source: one.source,
    }));
    assert.deepEqual(now, approvals);
  }
  for (const rule of await db.selectFrom('rule').select('id').execute()) {
    const approved = await db
      .selectFrom('approval')
      .select('update_number')
      .where('source', '=', `rule:${rule.id}`)
      .execute();
    assert.ok(approved.length === 0 || approved.length === UPDATES, `${approved.length} of rule ${rule.id}`);
  }
  const rollouts = await listRollouts(db, {});
  const steps = (await listAudit(db, { action: 'rollout.step' })).length;
  assert.equal(
    steps,
    rollouts.reduce((sum, one) => sum + one.step, 0),
  );
  for (const rollout of rollouts) {
    const approved = await listApprovals(db, rollout.updateNumber);
    const own = approved.filter((one) => one.source === `rollout:${rollout.id}`).length;
    assert.equal(own, rollout.state === 'rolled-back' ? 0 : rollout.step);
  }
  const created = (await listAudit(db, { action: 'group.create' })).length;
  const groups = await db.selectFrom('target_group').select('id').execute();
  assert.equal(groups.length, created + 2);
}

test('a process that is killed while it decides leaves every decision whole', async (t) => {
  const dataFolder = await prepared(t);
  for (const lines of [1, 2, 3, 5, 8]) {
    await killedAfter(t, dataFolder, lines);
    const store = await openStore({ dataFolder, now: Date.now });
    try {
      await checkWhole(store);
    } finally {
      await store.close();
    }
  }
});
