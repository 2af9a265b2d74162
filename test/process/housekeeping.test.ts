import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { importDocuments } from '../../src/import/importer.ts';
import { holdHousekeepingLock } from '../../src/store/housekeeping-lock.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import {
  MEMBER_FILES,
  SAMPLE,
  sampleDocuments,
  sha1Of,
  updateDocument,
} from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';
import { until } from '../support/until.ts';

/** Housekeeping as processes: what it prints, that one at a time does it, and what is left when it is killed. */

const COMPUTERS = 1_500;
const YEAR_MS = 365 * 86_400_000;

const run = (t: TestContext, ...args: string[]): Promise<ExitedProcess> => new OakumProcess(t, args).exited();

/** A store of a year ago: stale computers, a replaced revision, files that nothing needs. */
async function oldStore(t: TestContext, computers: number): Promise<{ dataFolder: string; store: Store }> {
  const dataFolder = temporaryFolder(t);
  const past = Date.now() - YEAR_MS;
  const store = await openStore({ dataFolder, now: () => past });
  t.after(() => store.close());
  const newer = updateDocument({
    id: SAMPLE.standalone,
    revisionNumber: 102,
    type: 'Software',
    deployable: true,
  });
  for (const documents of [sampleDocuments(), [newer]])
    await importDocuments(store.db, sourcesOf(documents), { source: 'test', now: () => past });
  await sql`
    INSERT INTO computer (client_id, dns_name, address, requested_groups, first_seen_ms, last_contact_ms)
    SELECT 'client-' || value, 'pc-' || value, '', '', ${past}, ${past}
    FROM json_each(${JSON.stringify(Array.from({ length: computers }, (_, index) => index))})`.execute(
    store.db,
  );
  const content = await openFolderContentStore(join(dataFolder, 'content'));
  for (const file of MEMBER_FILES) {
    const writer = content.writer({ sha1: sha1Of(file.content), size: file.content.length });
    await writer.write(file.content);
    await writer.commit();
  }
  return { dataFolder, store };
}

async function count(store: Store, table: 'computer' | 'housekeeping_action'): Promise<number> {
  const counted = store.db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count'));
  return (await counted.executeTakeFirstOrThrow()).count;
}

async function logged(store: Store, task: string): Promise<string[]> {
  const rows = await store.db
    .selectFrom('housekeeping_action')
    .innerJoin('housekeeping_run', 'housekeeping_run.id', 'run_id')
    .select('subject')
    .where('task', '=', task)
    .execute();
  return rows.map((row) => row.subject).toSorted();
}

test('killed in the middle, it has done what it lists and the next run does the rest', async (t) => {
  const { dataFolder, store } = await oldStore(t, COMPUTERS);
  const args = ['housekeeping', '--task', 'computers', '--data', dataFolder, '--json'];
  const killed = new OakumProcess(t, args);
  await until('it is in the middle', async () => (await count(store, 'computer')) < COMPUTERS - 50);
  killed.signal('SIGKILL');
  await killed.exited();
  const left = await count(store, 'computer');
  assert.ok(left > 0, 'killed in the middle');
  assert.equal((await logged(store, 'computers')).length, COMPUTERS - left);
  const audited = await store.db
    .selectFrom('audit')
    .select('subject')
    .where('action', '=', 'computer.delete')
    .execute();
  assert.equal(audited.length, COMPUTERS - left);

  const again = await run(t, ...args);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.equal(await count(store, 'computer'), 0);
  const all = Array.from({ length: COMPUTERS }, (_, index) => `client-${index}`).toSorted();
  assert.deepEqual(await logged(store, 'computers'), all);
  const history = await run(t, 'housekeeping', 'history', '--runs', '--data', dataFolder);
  assert.match(history.stdout, /interrupted/);
});

test('a second one at the same time is told so, and a dry run is in nobody’s way', async (t) => {
  const { dataFolder } = await oldStore(t, 1);
  using _lock = holdHousekeepingLock(dataFolder);
  const second = await run(t, 'housekeeping', '--data', dataFolder);
  assert.deepEqual([second.code, second.stdout], [1, '']);
  assert.match(second.stderr, /^oakum: [^\n]*\(OAK_HOUSEKEEPING_BUSY\)\n$/);
  assert.equal((await run(t, 'housekeeping', '--dry-run', '--data', dataFolder)).code, 0);
});

test('a dry run prints exactly what the run then does', async (t) => {
  const { dataFolder } = await oldStore(t, 3);
  const args = ['--set', 'housekeeping.fileDays=30', '--data', dataFolder, '--json'];
  await run(t, 'housekeeping', '--task', 'files', ...args);
  const dry = JSON.parse((await run(t, 'housekeeping', '--dry-run', ...args)).stdout) as { tasks: unknown };
  const done = JSON.parse((await run(t, 'housekeeping', ...args)).stdout) as { tasks: unknown };
  assert.deepEqual(done.tasks, dry.tasks);
  const nothing = await run(t, 'housekeeping', '--data', dataFolder);
  assert.equal(nothing.stdout, 'nothing to do\n');
});

test('an unknown task is one sentence with the nearest name', async (t) => {
  const { code, stderr } = await run(t, 'housekeeping', '--task', 'file');
  assert.equal(code, 1);
  assert.match(stderr, /Did you mean "files"\?/);
});
