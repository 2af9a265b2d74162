import { OakumError } from '../errors/oakum-error.ts';
import { countOpenJobs, insertJob, readJob } from '../store/jobs.ts';
import { executeChange, type ChangeRequest } from './execute.ts';
import type { Input } from './input.ts';
import { JOB, viewOf, type JobView } from './job-view.ts';
import type { AnyChangeOperation, AnyJobOperation, OperationContext } from './operation.ts';

/** Whoever starts more than this at once has a mistake in a script, */
const MOST_OPEN_JOBS = 100;
/** and one of them leaves room for others. */
const MOST_OPEN_JOBS_OF_ONE = 50;

/** A job that waits now, or one that was asked for before with the same Idempotency-Key. */
export interface EnqueuedJob {
  readonly job: JobView;
  readonly replayed: boolean;
}

/**
 * Lets a job wait for its turn. Nothing of it is done before this is on disk.
 *
 * @throws OakumError OAK_FORBIDDEN, OAK_INPUT_INVALID, OAK_JOBS_BUSY and those of {@link executeChange}
 */
export async function enqueueJob(
  context: OperationContext,
  operation: AnyJobOperation,
  given: Input,
  request: ChangeRequest = {},
): Promise<EnqueuedJob> {
  const { result, replayed } = await executeChange(context, enqueuing(operation), given, request);
  context.house.onJobWaiting();
  return { job: result as JobView, replayed };
}

/** To enqueue is a change like any other, with the input and the role of the job. */
function enqueuing({ id, path, role, summary, input, example }: AnyJobOperation): AnyChangeOperation {
  return {
    kind: 'change',
    method: 'POST',
    result: JOB,
    example,
    ...{ id, path, role, summary, input },
    async run({ db, principal, nowMs }, checked) {
      const isBusy =
        (await countOpenJobs(db)) >= MOST_OPEN_JOBS ||
        (await countOpenJobs(db, principal.name)) >= MOST_OPEN_JOBS_OF_ONE;
      if (isBusy) throw new OakumError('OAK_JOBS_BUSY');
      const number = await insertJob(db, {
        operation: id,
        input: checked,
        caller: principal.name,
        // Not the caller's: a job works with no more than it needs, and whoever may start it may see what came of it.
        role,
        nowMs,
      });
      return viewOf((await readJob(db, number))!, principal);
    },
  };
}
