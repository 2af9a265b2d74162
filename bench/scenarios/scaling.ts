import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { softwareParameters } from '../../src/agent/sync-parameters.ts';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import { wireBytes } from '../support/against-floor.ts';
import { startOakum, type BenchContext } from '../support/context.ts';
import { growStore } from '../support/grown-store.ts';
import { closedLoop, type LoadOptions } from '../support/load.ts';
import { scannedComputer } from '../support/prepared-computer.ts';
import type { BenchResult } from '../support/results.ts';

interface Measured {
  readonly revisions: number;
  readonly listedIds: number;
  /** From the start of the process to the answer to its first scan. */
  readonly startSeconds: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly medianMs: number;
  readonly cpuMicroseconds: number;
  /** The longest delay of any request, as a rule and while decisions are made and loaded. */
  readonly longestMs: { readonly before: number; readonly approving: number };
}

const APPROVED = 1000;
/** The server notices changes within half a second, and loads them. */
const NOTICED_MS = 3000;

/**
 * Scenarios (c) and (d): the same scan of the same computer, memory, start-up time and approvals, on a small
 * catalogue and on a large one that holds the small one.
 */
export async function* scaling(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const smallFolder = join(context.folder, 'scaling-small');
  const revisions = String(context.revisions);
  context.runOakum('bench', 'catalogue', '--revisions', revisions, '--seed', '1', '--data', smallFolder);
  const small = await measure(context, smallFolder, context.revisions);
  yield describe('small catalogue', small, small);
  const largeFolder = join(context.folder, 'scaling-large');
  growStore(smallFolder, largeFolder, context.largeRevisions);
  const large = await measure(context, largeFolder, context.largeRevisions);
  yield describe('large catalogue', large, small);
}

function describe(name: string, one: Measured, small: Measured): Omit<BenchResult, 'scenario'> {
  return {
    name: `${name}, ${one.revisions.toLocaleString('en-US')} revisions`,
    ratio: one.medianMs / small.medianMs,
    unit: 'times the small one',
    details: {
      'median ms': one.medianMs,
      'cpu µs': one.cpuMicroseconds,
      'listed ids': one.listedIds,
      'start s': one.startSeconds,
      'resident MB': one.residentBytes / 1e6,
      'peak MB': one.peakBytes / 1e6,
      'longest ms': one.longestMs.before,
      [`longest ms, approving ${APPROVED}`]: one.longestMs.approving,
    },
  };
}

async function measure(context: BenchContext, data: string, revisions: number): Promise<Measured> {
  const { request, listedIds } = await steadyRequest(context, data);
  const started = performance.now();
  await using server = await startOakum(context, data);
  const load = { url: server.url, requests: [request], connections: 8, count: context.quick ? 200 : 2000 };
  await closedLoop({ ...load, connections: 1, count: 1 });
  const startSeconds = (performance.now() - started) / 1000;
  await closedLoop(load);
  const before = server.cpuSeconds();
  const { latency, count } = await closedLoop(load);
  const cpuMicroseconds = ((server.cpuSeconds() - before) / count) * 1e6;
  const { resident } = server.memory();
  const longestMs = await whileApproving(context, data, { ...load, connections: 2 });
  return {
    revisions,
    listedIds,
    startSeconds,
    residentBytes: resident,
    peakBytes: server.memory().peak,
    medianMs: latency.p50,
    cpuMicroseconds,
    longestMs,
  };
}

/** A scan that brings nothing new, of a computer that this store knows. */
async function steadyRequest(context: BenchContext, data: string) {
  await using server = await startOakum(context, data);
  const computer = await scannedComputer(server.url);
  const { lists } = computer;
  const request = wireBytes(
    computer.prepare(clientService, SyncUpdates, {
      cookie: computer.cookie(),
      parameters: softwareParameters(computer.persona, lists, []),
    }),
  );
  return { request, listedIds: lists.installed.length + lists.other.length };
}

/** The longest delay of a request before and while another process approves updates for all computers. */
async function whileApproving(context: BenchContext, data: string, load: LoadOptions) {
  const longest = async (until: Promise<unknown>): Promise<number> => {
    const state = { running: true };
    const end = until.finally(() => (state.running = false));
    let most = 0;
    while (state.running) most = Math.max(most, (await closedLoop({ ...load, count: 200 })).latency.max);
    await end;
    return most;
  };
  const before = await longest(noticed());
  const command = [context.oakum, 'approve', '--accept-licence', '--data', data, ...approvable(data)];
  const approved = promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 30 });
  return { before, approving: await longest(approved.then(noticed)) };
}

function noticed(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, NOTICED_MS);
  return promise;
}

/** UpdateIDs of software that may be approved. */
function approvable(data: string): string[] {
  using database = new DatabaseSync(join(data, 'oakum.db'), { readOnly: true });
  const rows = database
    .prepare(
      `SELECT DISTINCT update_id FROM revision JOIN update_entry ON number = update_number
       WHERE type = 2 AND flags & 3 = 1 AND declined = 0 AND change IS NOT NULL LIMIT ?`,
    )
    .all(APPROVED);
  return rows.map((row) => String(row.update_id));
}
