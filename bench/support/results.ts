/** One line of a benchmark: a ratio against the scenario's reference, and what stands behind it. */
export interface BenchResult {
  readonly scenario: string;
  readonly name: string;
  readonly ratio?: number;
  /** What the ratio is of, for people: "of the floor", "times the small catalogue"... */
  readonly unit: string;
  readonly details: Readonly<Record<string, number | string>>;
}

export interface BenchFile {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly results: readonly BenchResult[];
}

export function printResult(result: BenchResult): void {
  const ratio = result.ratio === undefined ? '' : `${result.ratio.toFixed(2)} ${result.unit}`;
  const details = Object.entries(result.details).map(([name, value]) => `${name} ${formatValue(value)}`);
  process.stdout.write(`  ${result.name.padEnd(42)} ${ratio.padEnd(24)} ${details.join('  ')}\n`);
}

function formatValue(value: number | string): string {
  if (typeof value === 'string') return value;
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** What has changed since an earlier result, ratio by ratio. */
export function printComparison(before: BenchFile, after: BenchFile): void {
  process.stdout.write('\nChange since the earlier result\n');
  for (const result of after.results) {
    const earlier = before.results.find(
      (one) => one.scenario === result.scenario && one.name === result.name,
    );
    if (earlier?.ratio === undefined || result.ratio === undefined) continue;
    const change = ((result.ratio / earlier.ratio - 1) * 100).toFixed(0);
    process.stdout.write(
      `  ${result.name.padEnd(42)} ${earlier.ratio.toFixed(2)} -> ${result.ratio.toFixed(2)} ${result.unit} (${change} %)\n`,
    );
  }
}
