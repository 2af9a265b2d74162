import { join } from 'node:path';
import { startOakum, type BenchContext } from '../support/context.ts';
import type { BenchResult } from '../support/results.ts';
import { bootStorm } from './boot-storm.ts';
import { contentRanges } from './content-ranges.ts';
import { fleetScale } from './fleet-scale.ts';
import { freshScan } from './fresh-scan.ts';
import { hotOperations } from './hot-operations.ts';
import { importRate } from './import-rate.ts';
import { scaling } from './scaling.ts';

export interface Scenario {
  readonly name: string;
  readonly reference: string;
  readonly run: (context: BenchContext) => AsyncGenerator<Omit<BenchResult, 'scenario'>>;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'hot operations',
    reference: 'CPU time of a bare node:http server with the same bytes, divided by Oakum’s',
    run: runHotOperations,
  },
  {
    name: 'content ranges',
    reference: 'CPU time of nginx for the same ranges, divided by Oakum’s',
    run: contentRanges,
  },
  { name: 'scaling', reference: 'the large catalogue against the small one', run: scaling },
  { name: 'fresh scan', reference: 'the calls a real server needs for it', run: freshScan },
  { name: 'fleet', reference: 'a fleet of 1,000 computers; 50 ms for what is asked', run: fleetScale },
  { name: 'boot storm', reference: 'what a good server has to bear', run: bootStorm },
  {
    name: 'import',
    reference: 'reading, compressing and storing the same files, divided by the import',
    run: importRate,
  },
];

async function* runHotOperations(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const data = join(context.folder, 'hot');
  context.runOakum(
    'bench',
    'catalogue',
    '--revisions',
    String(context.revisions),
    '--seed',
    '1',
    '--data',
    data,
  );
  await using server = await startOakum(context, data);
  const effort = context.quick ? { count: 400, repeats: 1 } : { count: 10_000, repeats: 3 };
  for await (const [name, comparison] of hotOperations(server, effort)) {
    yield {
      name,
      ratio: comparison.ofFloor,
      unit: 'of the floor',
      details: {
        'cpu µs': comparison.cpuMicroseconds.oakum,
        'floor µs': comparison.cpuMicroseconds.floor,
        'req/s': comparison.oakum.perSecond,
        'req/s at most': comparison.fastestPerSecond,
        'p50 ms': comparison.oakum.latency.p50,
        'p99 ms': comparison.oakum.latency.p99,
        'request B': comparison.requestBytes,
        'answer B': comparison.answerBytes,
        errors: Object.values(comparison.oakum.errors).reduce((sum, count) => sum + count, 0),
      },
    };
  }
}
