import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../support/results.ts';
import type { BenchContext } from '../support/context.ts';

const FLOOR = fileURLToPath(new URL('../support/import-floor.ts', import.meta.url));

/** Scenario (e): documents per second into an empty store, and again into one that knows them all. */
export async function* importRate(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const documents = join(context.folder, 'documents');
  const revisions = Math.min(context.revisions, 10_000);
  context.runOakum(
    ...['bench', 'catalogue', '--revisions', String(revisions), '--seed', '2', '--tail', 'none'],
    ...['--documents', documents, '--data', join(context.folder, 'unused')],
  );
  const floor = await timed([FLOOR, documents, join(context.folder, 'import-floor.db')]);
  for (const name of ['new documents', 'known documents']) {
    const data = join(context.folder, 'import');
    const { seconds, peakBytes } = await timed([context.oakum, 'import', documents, '--data', data]);
    yield {
      name,
      ratio: floor.seconds / seconds,
      unit: 'of the floor',
      details: {
        'documents/s': revisions / seconds,
        'floor documents/s': revisions / floor.seconds,
        seconds,
        'peak MB': peakBytes / 1e6,
      },
    };
  }
}

/** Runs a script and watches its memory from outside. */
async function timed(
  script: readonly string[],
): Promise<{ readonly seconds: number; readonly peakBytes: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [...script], { stdio: 'ignore' });
  let peakBytes = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
      peakBytes = Math.max(peakBytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has just ended.
    }
  }, 20);
  const [code] = (await once(child, 'exit')) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`${script.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1000, peakBytes };
}
