import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syntheticDocuments } from '../../src/synthetic/synthetic-catalogue.ts';
import type { BenchContext } from '../support/context.ts';
import type { BenchResult } from '../support/results.ts';

const FLOOR = fileURLToPath(new URL('../support/import-floor.ts', import.meta.url));

/** What one document of 47 MB may take more than a small one. */
const EXTRA_BYTES = 400e6;

/**
 * Scenario (e): documents per second into an empty store, and again into one that knows them all; and the memory that
 * the largest document of real catalogues takes.
 */
export async function* importRate(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const documents = join(context.folder, 'documents');
  const revisions = Math.min(context.revisions, 10_000);
  // One file each: the floor counts files, and folders are what administrators import.
  mkdirSync(documents);
  let count = 0;
  for (const { bytes } of syntheticDocuments({ revisions, seed: 2, tail: 'none' }))
    writeFileSync(join(documents, `${count++}.xml`), bytes);
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
  yield await largestDocument(context);
}

async function largestDocument(context: BenchContext): Promise<Omit<BenchResult, 'scenario'>> {
  const [small, large] = [join(context.folder, 'small.xml'), join(context.folder, 'large.xml')];
  for (const { bytes } of syntheticDocuments({ revisions: 1500, seed: 1, tail: 'measured' })) {
    if (bytes.length < 10_000) writeFileSync(small, bytes);
    if (bytes.length < 40_000_000) continue;
    writeFileSync(large, bytes);
    break;
  }
  const data = join(context.folder, 'import-large');
  const before = await timed([context.oakum, 'import', small, '--data', data]);
  const { seconds, peakBytes } = await timed([context.oakum, 'import', large, '--data', data]);
  const extra = peakBytes - before.peakBytes;
  return {
    name: 'one document of 47 MB',
    ratio: extra / EXTRA_BYTES,
    unit: 'of 400 MB extra memory',
    details: { 'extra MB': extra / 1e6, 'peak MB': peakBytes / 1e6, seconds },
  };
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
