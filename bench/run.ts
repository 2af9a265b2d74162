/**
 * The benchmarks. Each prints a ratio measured within this run against a stated reference; see README.md.
 *
 *   npm run bench -- [--quick] [--only NAME] [--revisions N] [--out FILE] [--compare FILE]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printComparison, printResult, type BenchFile, type BenchResult } from './support/results.ts';
import { SCENARIOS } from './scenarios/index.ts';
import type { BenchContext } from './support/context.ts';

const OAKUM = fileURLToPath(new URL('../bin/oakum.js', import.meta.url));

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    revisions: { type: 'string', default: '15000' },
    large: { type: 'string', default: '1000000' },
    out: { type: 'string' },
    compare: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'oakum-bench-'));
try {
  const context: BenchContext = {
    folder,
    oakum: OAKUM,
    quick: values.quick,
    revisions: values.quick ? Math.min(2000, Number(values.revisions)) : Number(values.revisions),
    largeRevisions: values.quick ? 20_000 : Number(values.large),
    runOakum: (...args) =>
      execFileSync(process.execPath, [OAKUM, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 }),
  };
  const results: BenchResult[] = [];
  for (const scenario of SCENARIOS) {
    if (values.only !== undefined && !scenario.name.includes(values.only)) continue;
    process.stdout.write(`\n${scenario.name}: ${scenario.reference}\n`);
    for await (const result of scenario.run(context)) {
      const named = { scenario: scenario.name, ...result };
      results.push(named);
      printResult(named);
    }
  }
  const file: BenchFile = { machine: describeMachine(), results };
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(file, undefined, 2)}\n`);
  if (values.compare !== undefined) {
    printComparison(JSON.parse(readFileSync(values.compare, 'utf8')) as BenchFile, file);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function describeMachine(): BenchFile['machine'] {
  const [first] = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    revision: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  };
}
