import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FleetOptions } from './fleet-options.ts';
import type { FleetOrder, FleetProcessResult, FleetStart } from './fleet-process.ts';
import { FleetTally, type FleetTallySnapshot } from './fleet-tally.ts';
import { surveyImages } from './image-survey.ts';

const PROCESS = fileURLToPath(new URL('fleet-process.ts', import.meta.url));
/** Time for the start to reach every process. */
const START_MS = 200;

export interface FleetOutcome {
  readonly processes: readonly FleetProcessResult[];
  readonly tally: FleetTallySnapshot;
  /** Of the scans that showed which ids the server has. */
  readonly survey: { readonly calls: number; readonly seconds: number; readonly revisions: number };
}

/**
 * Surveys the server, starts the processes, lets them all begin at the same instant and collects what they
 * counted. None of them outlives this call.
 *
 * @throws CallFailure when the survey fails; Error when a process ends early
 */
export async function runFleet(options: FleetOptions, url: URL): Promise<FleetOutcome> {
  const surveyTally = new FleetTally();
  const started = performance.now();
  const knowledge = await surveyImages({
    url,
    timeoutMs: options.timeoutSeconds * 1000,
    images: options.images,
    seed: options.seed,
    tally: surveyTally,
  });
  const seconds = (performance.now() - started) / 1000;
  const orders: FleetOrder[] = Array.from({ length: options.processes }, (_, index) => ({
    options,
    url: url.href,
    scripted: { share: { index, of: options.processes }, knowledge },
  }));
  if (options.agents > 0) orders.push({ options, url: url.href });
  const children = orders.map(() => fork(PROCESS, { serialization: 'advanced' }));
  try {
    await Promise.all(children.map((child, at) => tell(child, orders[at])));
    const start: FleetStart = { startEpochMs: Date.now() + START_MS };
    const processes = (await Promise.all(
      children.map((child) => tell(child, start)),
    )) as FleetProcessResult[];
    const tally = new FleetTally();
    for (const one of processes) tally.merge(one.tally);
    const calls = [...surveyTally.snapshot().operations.values()].reduce(
      (sum, operation) => sum + operation.latency.count,
      0,
    );
    return {
      processes,
      tally: tally.snapshot(),
      survey: { calls, seconds, revisions: knowledge.identities.size },
    };
  } finally {
    for (const child of children) child.kill();
  }
}

/** Sends a message and waits for the answer. */
async function tell(child: ChildProcess, message: FleetOrder | FleetStart): Promise<unknown> {
  const stop = new AbortController();
  const ended = once(child, 'exit', { signal: stop.signal }).then(() => {
    throw new Error('a process of the fleet ended early');
  });
  const answered = once(child, 'message', { signal: stop.signal });
  child.send(message);
  try {
    const [answer] = (await Promise.race([answered, ended])) as unknown[];
    return answer;
  } finally {
    stop.abort();
    // Whichever lost has been called off.
    await Promise.allSettled([answered, ended]);
  }
}
