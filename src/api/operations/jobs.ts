import { Type } from 'typebox';
import { atLeast, type Role } from '../../admin/identity/roles.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { cancelJob, endJob, JOB_STATES, listJobs, readJob, type StoredJob } from '../../store/jobs.ts';
import type { DbOrTx, Tx } from '../../store/schema.ts';
import { appendAudit } from '../../store/audit.ts';
import { JOB, viewOf } from '../job-view.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOf } from '../page.ts';

const job = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Its number.' });

const example = {
  id: 7,
  operation: 'content.verify',
  state: 'running' as const,
  done: 120,
  total: 1650,
  what: '',
  caller: 'kim',
  createdMs: 1_794_996_000_000,
  startedMs: 1_794_996_000_250,
  endedMs: null,
  cancelledBy: null,
  result: null,
  problem: null,
};

const list = defineList({
  id: 'jobs.list',
  path: '/jobs',
  role: 'reader',
  summary: 'Lists jobs, the newest first',
  input: Type.Object({ state: Type.Optional(Type.Enum([...JOB_STATES])) }),
  item: JOB,
  sorts: ['id'],
  usualSort: '-id',
  example: { input: { state: 'running' }, result: example },
  async read({ db, principal }, { state }, page) {
    const [after] = page.after ?? [];
    const found = await listJobs(db, {
      descending: page.descending,
      limit: page.limit + 1,
      ...(state === undefined ? {} : { state }),
      ...(typeof after === 'number' ? { after } : {}),
    });
    return pageOf(
      found.map((one) => viewOf(one, principal)),
      page,
      (one) => [one.id],
    );
  },
});

const show = defineRead({
  id: 'jobs.show',
  method: 'GET',
  path: '/jobs/{job}',
  role: 'reader',
  summary: 'Shows how far a job is, or how it ended',
  input: Type.Object({ job }),
  result: JOB,
  errors: ['OAK_JOB_UNKNOWN'],
  example: { input: { job: 7 }, result: example },
  run: async ({ db, principal }, input) => viewOf(await requireJob(db, input.job), principal),
});

const cancel = defineChange({
  id: 'jobs.cancel',
  method: 'POST',
  path: '/jobs/{job}/cancel',
  role: 'operator',
  summary: 'Lets a job stop at its next step',
  description: 'What it has done until then stays. It takes the role that starting the job takes.',
  input: Type.Object({ job }),
  result: JOB,
  errors: ['OAK_JOB_UNKNOWN', 'OAK_JOB_ENDED'],
  example: { input: { job: 7 }, result: { ...example, cancelledBy: 'kim' } },
  async run({ db, principal, nowMs }, input) {
    const { state, operation, role } = await requireJob(db, input.job);
    if (!atLeast(principal.role, role as Role))
      throw new OakumError('OAK_FORBIDDEN', { detail: `${operation} needs the role ${role}.` });
    if (state !== 'queued' && state !== 'running') throw new OakumError('OAK_JOB_ENDED');
    await cancelJob(db, input.job, principal.name);
    if (state === 'queued')
      await endJob(
        db,
        input.job,
        { state: 'cancelled', errorCode: 'OAK_JOB_CANCELLED', errorDetail: null },
        nowMs,
      );
    await appendAudit(db as Tx, {
      timeMs: nowMs,
      caller: principal.name,
      action: 'job.cancel',
      subject: String(input.job),
      before: { operation, state },
    });
    return viewOf(await requireJob(db, input.job), principal);
  },
});

async function requireJob(db: DbOrTx, id: number): Promise<StoredJob> {
  const found = await readJob(db, id);
  if (found === undefined) throw new OakumError('OAK_JOB_UNKNOWN', { detail: `Number ${id}.` });
  return found;
}

export const jobs = { list, show, cancel };
