import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fleetReport } from '../fleet/fleet-report.ts';
import { parseFleetOptions, type FleetOptions } from '../fleet/fleet-options.ts';
import { runFleet } from '../fleet/fleet-run.ts';
import { startOakum, type BenchContext } from '../support/context.ts';
import type { BenchResult } from '../support/results.ts';

/** What the field's reference of a good server has to bear on two cores, the generator included. */
const SCANS_PER_SECOND = 200;
const BOOT_SHARE = 0.6;
const BOOT_SECONDS = 3600;

/**
 * Scenario (f): Monday morning. A fleet of known computers boots while an administrator imports updates and
 * approves some. The first run makes the computers known.
 */
export async function* bootStorm(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const data = join(context.folder, 'storm');
  const documents = join(context.folder, 'storm-documents');
  const [revisions, more, seconds] = context.quick ? [2000, 300, 5] : [context.revisions, 2000, 30];
  const catalogue = ['bench', 'catalogue', '--tail', 'none', '--revisions'];
  context.runOakum(...catalogue, String(revisions), '--seed', '1', '--data', data);
  const unused = join(context.folder, 'storm-unused');
  context.runOakum(...catalogue, String(more), '--seed', '9', '--documents', documents, '--data', unused);
  await using server = await startOakum(context, data);
  for (const name of ['computers never seen before', 'known computers']) {
    const options = stormOptions(server.url, seconds);
    const [outcome] = await Promise.all([
      runFleet(options, new URL(server.url)),
      administration(context, data, documents, seconds),
    ]);
    const report = fleetReport(options, outcome);
    const calls = report.operations.filter(({ operation }) => !operation.startsWith('scan,'));
    yield {
      name,
      ratio: report.scans.achievedPerSecond / SCANS_PER_SECOND,
      unit: `of ${SCANS_PER_SECOND} scans per second`,
      details: {
        'scans/s': report.scans.achievedPerSecond,
        'intended/s': report.scans.intendedPerSecond,
        'calls/s': report.scans.callsPerSecond,
        'p99 ms': Math.max(...calls.map((call) => call.p99)),
        errors: calls.reduce(
          (sum, { errors }) => sum + Object.values(errors).reduce((all, one) => all + one, 0),
          0,
        ),
        'resident MB': server.memory().resident / 1e6,
      },
    };
  }
}

function stormOptions(server: string, seconds: number): FleetOptions {
  const computers = 18_000;
  // A tenth more than what has to be achieved.
  const speedup = (1.1 * SCANS_PER_SECOND * BOOT_SECONDS) / (computers * BOOT_SHARE);
  const options = parseFleetOptions([
    ...['--server', server, '--computers', String(computers), '--scenario', 'monday-boot-storm'],
    ...['--duration', String(seconds), '--speedup', String(speedup), '--seed', '3'],
  ]);
  if (options === 'help') throw new Error('the options of the storm are wrong');
  return options;
}

/** What an administrator does meanwhile. */
async function administration(
  context: BenchContext,
  data: string,
  documents: string,
  seconds: number,
): Promise<void> {
  await setTimeout(seconds * 250);
  await run(context, ['import', documents, '--data', data]);
  const listed = context.runOakum('updates', '--deployable', '--limit', '50', '--json', '--data', data);
  const updates = JSON.parse(listed) as { readonly updateId: string; readonly expired: boolean }[];
  const ids = updates.filter((update) => !update.expired).map((update) => update.updateId);
  await run(context, ['approve', '--accept-licence', '--data', data, ...ids]);
}

async function run(context: BenchContext, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [context.oakum, ...args], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`oakum ${args[0]} ended with ${code}`);
}
