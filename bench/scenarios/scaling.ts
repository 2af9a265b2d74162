import { join } from 'node:path';
import { softwareParameters } from '../../src/agent/sync-parameters.ts';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import { wireBytes } from '../support/against-floor.ts';
import { closedLoop } from '../support/load.ts';
import { scannedComputer } from '../support/prepared-computer.ts';
import type { BenchResult } from '../support/results.ts';
import { startOakum, type BenchContext } from '../support/context.ts';

interface Measured {
  readonly revisions: number;
  readonly startSeconds: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly medianMs: number;
  readonly cpuMicroseconds: number;
}

/** Scenarios (c) and (d): the same scan, memory and start-up time, on a small and on a large catalogue. */
export async function* scaling(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const small = await measure(context, context.revisions);
  yield describe('small catalogue', small, small);
  const large = await measure(context, context.largeRevisions);
  yield describe('large catalogue', large, small);
}

function describe(name: string, one: Measured, small: Measured): Omit<BenchResult, 'scenario'> {
  return {
    name: `${name}, ${one.revisions.toLocaleString('en-US')} revisions`,
    ratio: one.cpuMicroseconds / small.cpuMicroseconds,
    unit: 'times the small one',
    details: {
      'median ms': one.medianMs,
      'cpu µs': one.cpuMicroseconds,
      'start s': one.startSeconds,
      'resident MB': one.residentBytes / 1e6,
      'peak MB': one.peakBytes / 1e6,
    },
  };
}

async function measure(context: BenchContext, revisions: number): Promise<Measured> {
  const data = join(context.folder, `scaling-${revisions}`);
  context.runOakum('bench', 'catalogue', '--revisions', String(revisions), '--seed', '1', '--data', data);
  const started = performance.now();
  await using server = await startOakum(context, data);
  const startSeconds = (performance.now() - started) / 1000;
  const computer = await scannedComputer(server.url);
  const request = wireBytes(
    computer.prepare(clientService, SyncUpdates, {
      cookie: computer.cookie(),
      parameters: softwareParameters(computer.persona, computer.lists, []),
    }),
  );
  const load = { url: server.url, requests: [request], connections: 8, count: context.quick ? 200 : 2000 };
  await closedLoop(load);
  const before = server.cpuSeconds();
  const { latency, count } = await closedLoop(load);
  const memory = server.memory();
  return {
    revisions,
    startSeconds,
    residentBytes: memory.resident,
    peakBytes: memory.peak,
    medianMs: latency.p50,
    cpuMicroseconds: ((server.cpuSeconds() - before) / count) * 1e6,
  };
}
