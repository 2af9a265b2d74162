import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { storeUpload } from '../api/uploads.ts';
import { pino } from 'pino';
import { TempStore } from '../../test/support/temp-store.ts';
import { until } from '../../test/support/until.ts';
import { appendAudits } from '../store/audit.ts';
import { holdImportLock } from '../store/import-lock.ts';
import { cancelJob, insertJob, readJob, takeJob, type StoredJob } from '../store/jobs.ts';
import { holdProcessLock } from '../store/process-lock.ts';
import { JobRunner } from './job-runner.ts';
import { resolveSettings } from './resolve-settings.ts';

interface Line {
  readonly msg: string;
  readonly job?: number;
}

function startRunner(temp: TempStore): { readonly runner: JobRunner; readonly lines: Line[] } {
  const lines: Line[] = [];
  const runner = new JobRunner({
    ...resolveSettings([{ key: 'log.level', value: 'error', source: 'flag' }]),
    dataFolder: temp.dataFolder,
    db: temp.db,
    log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) }),
    now: temp.now,
  });
  return { runner, lines };
}

/** Lets a short job wait. */
function enqueue({ db, nowMs }: TempStore): Promise<number> {
  const input = { only: ['runtime'] };
  return insertJob(db, { operation: 'doctor.examine', input, caller: 'kim', role: 'reader', nowMs });
}

/** Makes an audit log that takes seconds to verify. */
async function growAuditLog({ db, nowMs }: TempStore): Promise<void> {
  const entries = Array.from({ length: 10_000 }, (_, index) => ({
    timeMs: nowMs,
    caller: 'test',
    action: 'group.create',
    subject: String(index),
  }));
  await db.transaction().execute(async (tx) => {
    for (let times = 0; times < 30; times++) await appendAudits(tx, entries);
  });
}

async function ended({ db }: TempStore, id: number): Promise<StoredJob> {
  await until('a job ends', async () => (await readJob(db, id))!.endedMs !== null);
  return (await readJob(db, id))!;
}

describe('a runner of jobs', () => {
  test('does all that wait', async () => {
    await using temp = await TempStore.open();
    const jobs = [await enqueue(temp), await enqueue(temp), await enqueue(temp)];
    const { runner } = startRunner(temp);
    for (const job of jobs) assert.equal((await ended(temp, job)).state, 'done');
    await runner.close();
  });

  test('interrupts what was under way when the server stopped last', async () => {
    await using temp = await TempStore.open();
    await enqueue(temp);
    const { id } = (await takeJob(temp.db, temp.nowMs))!;
    const { runner } = startRunner(temp);
    const { state, errorCode } = await ended(temp, id);
    assert.deepEqual([state, errorCode], ['interrupted', 'OAK_JOB_INTERRUPTED']);
    await runner.close();
  });

  test('interrupts a job whose thread breaks off, and does the next one', async () => {
    await using temp = await TempStore.open();
    const broken = await enqueue(temp);
    const next = await enqueue(temp);
    await sql`CREATE TRIGGER refuse BEFORE UPDATE ON job WHEN NEW.id = ${sql.lit(broken)} AND NEW.state = 'done'
      BEGIN SELECT RAISE(ABORT, 'refused'); END`.execute(temp.db);
    const { runner, lines } = startRunner(temp);
    assert.equal((await ended(temp, broken)).state, 'interrupted');
    assert.equal((await ended(temp, next)).state, 'done');
    await runner.close();
    assert.deepEqual(
      lines.map(({ msg, job }) => [msg, job]),
      [['a job has broken off', broken]],
    );
  });

  test('stops a job that is cancelled, whether it computes or waits', async () => {
    await using temp = await TempStore.open();
    const { db, nowMs } = temp;
    await growAuditLog(temp);
    using importing = holdImportLock(temp.dataFolder);
    assert.ok(importing);
    const long = { input: {}, caller: 'kim', role: 'operator', nowMs };
    const computing = await insertJob(db, { ...long, operation: 'audit.verify' });
    const upload = await storeUpload(temp.dataFolder, {
      name: 'update.xml',
      stream: Readable.from([Buffer.from('<a/>')]),
      maxBytes: 100,
    });
    const input = { uploads: [upload.upload] };
    const waiting = await insertJob(db, { ...long, operation: 'imports.start', input });
    const { runner } = startRunner(temp);
    for (const job of [computing, waiting]) {
      await until('a job is at work', async () => {
        const { state, done, what } = (await readJob(db, job))!;
        return state === 'running' && (done > 0 || what !== '');
      });
      await cancelJob(db, job, 'kim');
      const { state, errorCode } = await ended(temp, job);
      assert.deepEqual([state, errorCode], ['cancelled', 'OAK_JOB_CANCELLED']);
    }
    await runner.close();
  });

  test('leaves nothing under way when it is closed', async () => {
    await using temp = await TempStore.open();
    const jobs = [await enqueue(temp), await enqueue(temp)];
    const { runner } = startRunner(temp);
    await until('a job begins', async () => (await readJob(temp.db, jobs[0]))!.state !== 'queued');
    await runner.close();
    for (const job of jobs) assert.notEqual((await readJob(temp.db, job))!.state, 'running');
  });

  test('leaves everything to the runner of another process while there is one', async () => {
    await using temp = await TempStore.open();
    const queued = [await enqueue(temp), await enqueue(temp)];
    const taken = (await takeJob(temp.db, temp.nowMs))!.id;
    const states = (): Promise<string[]> =>
      Promise.all(queued.map(async (id) => (await readJob(temp.db, id))!.state));
    {
      using _other = holdProcessLock(temp.dataFolder, 'jobs.lock');
      await startRunner(temp).runner.close();
      assert.deepEqual(await states(), ['running', 'queued']);
    }
    const { runner } = startRunner(temp);
    assert.equal((await ended(temp, taken)).state, 'interrupted');
    assert.equal((await ended(temp, queued[1])).state, 'done');
    await runner.close();
  });
});
