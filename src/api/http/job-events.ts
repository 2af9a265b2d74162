import { setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { OakumError } from '../../errors/oakum-error.ts';
import { readJob } from '../../store/jobs.ts';
import type { Db } from '../../store/schema.ts';
import { viewOf, type JobView } from '../job-view.ts';
import { jsonLine } from '../json-text.ts';
import { PLAIN } from '../plain-routes.ts';
import type { Authenticate } from './authenticator.ts';
import { addPlainRoute } from './plain-route.ts';

/** Nobody sees more often that something moves. */
const LOOK_EVERY_MS = 250;
/** A line now and then keeps proxies from taking the connection for dead. */
const SIGN_OF_LIFE_LOOKS = 60;

/** Lets callers follow a job as server-sent events. */
export function addJobEvents(
  app: FastifyInstance,
  { db }: { readonly db: Db },
  authenticate: Authenticate,
): void {
  addPlainRoute(app, PLAIN.jobEvents, authenticate, async ({ input, request, reply }) => {
    const id = Number(input['job']);
    const first = await readJob(db, id);
    if (first === undefined) throw new OakumError('OAK_JOB_UNKNOWN', { detail: `Number ${id}.` });
    const gone = new AbortController();
    request.raw.once('close', () => gone.abort());
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('X-Accel-Buffering', 'no')
      .send(Readable.from(eventsOf(db, viewOf(first), gone.signal)));
  });
}

async function* eventsOf(db: Db, first: JobView, gone: AbortSignal): AsyncGenerator<string> {
  let told = '';
  let quiet = 0;
  for (let job: JobView | undefined = first; job !== undefined && !gone.aborted;) {
    const now = jsonLine(job);
    if (now !== told) yield `event: job\ndata: ${now}\n\n`;
    else if ((quiet += 1) % SIGN_OF_LIFE_LOOKS === 0) yield ': still there\n\n';
    told = now;
    if (job.endedMs !== null) return;
    try {
      await delay(LOOK_EVERY_MS, undefined, { signal: gone });
    } catch {
      return;
    }
    const found = await readJob(db, job.id);
    job = found === undefined ? undefined : viewOf(found);
  }
}
