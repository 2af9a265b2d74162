import { Type, type Static } from 'typebox';
import { mayCall, type Principal, type Role } from '../admin/identity/roles.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { JOB_STATES, type StoredJob } from '../store/jobs.ts';
import { isErrorCode, PROBLEM, problemOf } from './problem.ts';
import { count, time, timeOrNever } from './schemas.ts';

/** A job as callers see it. */
export const JOB = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  operation: Type.String({ description: 'What it does: the operation that started it.' }),
  state: Type.Enum([...JOB_STATES]),
  done: count('How much of it is done.'),
  total: count('Of how much; 0 while nobody knows.'),
  what: Type.String({ description: 'What it is at.' }),
  caller: Type.String(),
  createdMs: time(),
  startedMs: timeOrNever(),
  endedMs: timeOrNever(),
  cancelledBy: Type.Union([Type.String(), Type.Null()]),
  result: Type.Unknown({
    description:
      'What the operation answers with, as soon as it is done, for whoever may ask for it; else null.',
  }),
  problem: Type.Union([PROBLEM, Type.Null()], { description: 'Why it ended without a result.' }),
});
export type JobView = Static<typeof JOB>;

/**
 * A job as somebody may see it: that it is there, and how far, everybody; what came of it, who may ask for the same.
 * Otherwise the list of jobs would tell readers, and tokens for other things, what they are refused elsewhere.
 */
export function viewOf(job: StoredJob, viewer: Principal): JobView {
  const { errorCode, errorDetail, input: _input, role, ...shown } = job;
  const isTold = mayCall(viewer, { id: job.operation, role: role as Role });
  const problem = errorCode === null ? null : problemOf(errorOf(errorCode, isTold ? errorDetail : undefined));
  return isTold ? { ...shown, problem } : { ...shown, what: '', result: null, problem };
}

/** An error that was written down. */
export function errorOf(code: string, detail: string | null | undefined): OakumError {
  const known = isErrorCode(code) ? code : 'OAK_INTERNAL';
  return new OakumError(known, detail === null || detail === undefined ? {} : { detail });
}
