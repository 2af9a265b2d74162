import { setTimeout as delay } from 'node:timers/promises';
import { finished, Readable } from 'node:stream';
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
/** Each looks into the store again and again; whoever is refused asks for the job now and then instead. */
const MOST_FOLLOWERS = 100;

/** Lets callers follow a job as server-sent events. */
export function addJobEvents(
  app: FastifyInstance,
  { db }: { readonly db: Db },
  authenticate: Authenticate,
): void {
  const following = new Set<AbortController>();
  // Whoever follows a job of an hour would hold the end of the server up for so long.
  app.addHook('preClose', async () => {
    for (const follower of following) follower.abort();
  });
  addPlainRoute(app, PLAIN.jobEvents, authenticate, async ({ input, principal, request, reply }) => {
    const id = Number(input['job']);
    const look = async (): Promise<JobView | undefined> => {
      const found = await readJob(db, id);
      return found === undefined ? undefined : viewOf(found, principal!);
    };
    const first = await look();
    if (first === undefined) throw new OakumError('OAK_JOB_UNKNOWN', { detail: `Number ${id}.` });
    reply.type('text/event-stream; charset=utf-8').header('X-Accel-Buffering', 'no');
    // Nothing follows the header fields.
    if (request.method === 'HEAD') return reply.send();
    if (following.size >= MOST_FOLLOWERS) throw new OakumError('OAK_SERVER_BUSY');
    const follower = new AbortController();
    following.add(follower);
    finished(reply.raw, () => {
      following.delete(follower);
      follower.abort();
    });
    return reply.send(Readable.from(eventsOf(first, look, follower.signal)));
  });
}

async function* eventsOf(
  first: JobView,
  look: () => Promise<JobView | undefined>,
  gone: AbortSignal,
): AsyncGenerator<string> {
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
    job = await look();
  }
}
