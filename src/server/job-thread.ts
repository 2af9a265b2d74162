import { parentPort, workerData } from 'node:worker_threads';
import type { Principal, Role } from '../admin/identity/roles.ts';
import type { AnyJobOperation, OperationContext } from '../api/operation.ts';
import { parseInput, type Input } from '../api/input.ts';
import { OPERATIONS } from '../api/operations/index.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { asOakumError } from '../soap/endpoint.ts';
import { endJob, noteProgress, readJob, type JobEnd, type StoredJob } from '../store/jobs.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { openHouse } from './house.ts';
import { JobOrders } from './job-orders.ts';
import { createLogger } from './logger.ts';
import type { ResolvedSettings } from './resolve-settings.ts';

/** What the thread is given. */
export interface JobThreadData extends ResolvedSettings {
  readonly dataFolder: string;
  /** Number of the job, which was taken for this thread. */
  readonly job: number;
}

/** Progress is written this often, and orders are looked for as often. */
const NOTE_EVERY_MS = 250;

const { dataFolder, settings, sources, job: number } = workerData as JobThreadData;
const log = createLogger(settings['log.level']);
const store = await openStore({ dataFolder, now: Date.now });
try {
  const job = await readJob(store.db, number);
  if (job !== undefined) {
    log.info({ job: job.id, operation: job.operation, caller: job.caller }, 'a job has begun');
    const end = await endOf(store, job);
    await endJob(store.db, job.id, end, Date.now());
    log.info({ job: job.id, state: end.state }, 'a job has ended');
  }
} finally {
  await store.close();
}

async function endOf(opened: Store, job: StoredJob): Promise<JobEnd> {
  using orders = new JobOrders({
    reader: opened.reader,
    job: job.id,
    port: parentPort!,
    everyMs: NOTE_EVERY_MS,
  });
  try {
    orders.look();
    // Whoever cancels too late gets what was done.
    return { state: 'done', result: await work(opened, job, orders) };
  } catch (caught) {
    const error = asOakumError(caught);
    if (orders.reason === 'stopped')
      return { state: 'interrupted', errorCode: 'OAK_JOB_INTERRUPTED', errorDetail: null };
    if (orders.reason === 'cancelled')
      return { state: 'cancelled', errorCode: 'OAK_JOB_CANCELLED', errorDetail: null };
    if (error.code === 'OAK_INTERNAL') log.error({ job: job.id, err: error.cause }, error.message);
    return { state: 'failed', errorCode: error.code, errorDetail: error.detail ?? null };
  }
}

async function work(opened: Store, job: StoredJob, orders: JobOrders): Promise<unknown> {
  orders.signal.throwIfAborted();
  const operation = OPERATIONS.find(
    (one): one is AnyJobOperation => one.id === job.operation && one.kind === 'job',
  );
  if (operation === undefined) throw new OakumError('OAK_INTERNAL', { detail: `No job "${job.operation}".` });
  const principal: Principal = { name: job.caller, role: job.role as Role, kind: 'token' };
  const context: OperationContext = {
    db: opened.db,
    principal,
    nowMs: Date.now(),
    house: openHouse({ dataFolder, store: opened, settings: () => ({ settings, sources }) }),
  };
  let notedMs = 0;
  return operation.run(context, parseInput(operation, job.input as Input), {
    signal: orders.signal,
    report: (done, total, what = '') => {
      const nowMs = Date.now();
      // The last step is written, too: a job that is done shows all of it.
      if (nowMs - notedMs < NOTE_EVERY_MS && done !== total) return;
      notedMs = nowMs;
      orders.look();
      orders.signal.throwIfAborted();
      void noteProgress(opened.db, job.id, { done, total, what: what.slice(0, 500) }).catch(() => undefined);
    },
  });
}
