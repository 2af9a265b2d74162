import type { DbOrTx } from './schema.ts';

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The states that a job leaves again. */
const OPEN_JOB_STATES = ['queued', 'running'] as const satisfies readonly JobState[];

/** Jobs that ended are kept for so long. */
const KEPT_MS = 14 * 24 * 3_600_000;

export interface StoredJob {
  readonly id: number;
  readonly operation: string;
  readonly input: unknown;
  readonly caller: string;
  /** The least that may start it: what it works with, and who is told what came of it. */
  readonly role: string;
  readonly state: JobState;
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
  readonly what: string;
  readonly result: unknown;
  readonly errorCode: string | null;
  readonly errorDetail: string | null;
  readonly createdMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly cancelledBy: string | null;
}

/** Lets a job wait for its turn; forgets those that ended long ago. */
export async function insertJob(
  db: DbOrTx,
  job: Pick<StoredJob, 'operation' | 'input' | 'caller' | 'role'> & { readonly nowMs: number },
): Promise<number> {
  await db
    .deleteFrom('job')
    .where('ended_ms', '<', job.nowMs - KEPT_MS)
    .execute();
  const { id } = await db
    .insertInto('job')
    .values({
      operation: job.operation,
      input: JSON.stringify(job.input),
      caller: job.caller,
      role: job.role,
      state: 'queued',
      created_ms: job.nowMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export interface JobFilter {
  readonly state?: JobState;
  /** Only those behind this number. */
  readonly after?: number;
  /** The newest first. */
  readonly descending: boolean;
  readonly limit: number;
}

export async function listJobs(
  db: DbOrTx,
  { state, after, descending, limit }: JobFilter,
): Promise<StoredJob[]> {
  const rows = await db
    .selectFrom('job')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state!))
    .$if(after !== undefined, (query) => query.where('id', descending ? '<' : '>', after!))
    .orderBy('id', descending ? 'desc' : 'asc')
    .limit(limit)
    .execute();
  return rows.map(stored);
}

export async function readJob(db: DbOrTx, id: number): Promise<StoredJob | undefined> {
  const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : stored(row);
}

/** How many jobs wait or run; only those of one caller when one is given. */
export async function countOpenJobs(db: DbOrTx, caller?: string): Promise<number> {
  const { count } = await db
    .selectFrom('job')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', OPEN_JOB_STATES)
    .$if(caller !== undefined, (query) => query.where('caller', '=', caller!))
    .executeTakeFirstOrThrow();
  return count;
}

/** Takes the job that has waited longest, for whoever does it now. */
export async function takeJob(db: DbOrTx, nowMs: number): Promise<StoredJob | undefined> {
  const row = await db
    .updateTable('job')
    .set({ state: 'running', started_ms: nowMs })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('job')
        .select((inner) => inner.fn.min('id').as('id'))
        .where('state', '=', 'queued'),
    )
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : stored(row);
}

/** Notes how far a job is. */
export async function noteProgress(
  db: DbOrTx,
  id: number,
  progress: { readonly done: number; readonly total: number; readonly what: string },
): Promise<void> {
  await db.updateTable('job').set(progress).where('id', '=', id).execute();
}

/** How a job ended. */
export type JobEnd =
  | { readonly state: 'done'; readonly result: unknown }
  | {
      readonly state: 'failed' | 'cancelled' | 'interrupted';
      readonly errorCode: string;
      readonly errorDetail: string | null;
    };

export async function endJob(db: DbOrTx, id: number, end: JobEnd, nowMs: number): Promise<void> {
  const how =
    end.state === 'done'
      ? { result: JSON.stringify(end.result) }
      : { error_code: end.errorCode, error_detail: end.errorDetail };
  await db
    .updateTable('job')
    .set({ state: end.state, ended_ms: nowMs, ...how })
    .where('id', '=', id)
    .execute();
}

/** Asks for a job to stop: one that runs sees it at its next step. */
export async function cancelJob(db: DbOrTx, id: number, caller: string): Promise<void> {
  await db.updateTable('job').set({ cancelled_by: caller }).where('id', '=', id).execute();
}

/** Jobs that count as under way, and that nobody works on any more, have ended, and say why. */
export async function interruptJobs(
  db: DbOrTx,
  nowMs: number,
  workedOn: readonly number[] = [],
): Promise<void> {
  await db
    .updateTable('job')
    .set({ state: 'interrupted', ended_ms: nowMs, error_code: 'OAK_JOB_INTERRUPTED' })
    .where('state', '=', 'running')
    .where('id', 'not in', workedOn)
    .execute();
}

interface JobRow {
  readonly id: number;
  readonly operation: string;
  readonly input: string;
  readonly caller: string;
  readonly role: string;
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly what: string;
  readonly result: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly created_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly cancelled_by: string | null;
}

function stored(row: JobRow): StoredJob {
  return {
    id: row.id,
    operation: row.operation,
    input: JSON.parse(row.input) as unknown,
    caller: row.caller,
    role: row.role,
    state: row.state as JobState,
    done: row.done,
    total: row.total,
    what: row.what,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    errorCode: row.error_code,
    errorDetail: row.error_detail,
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    cancelledBy: row.cancelled_by,
  };
}
