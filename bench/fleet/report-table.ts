import type { FleetReport, OperationReport } from './fleet-report.ts';

const COLUMNS = ['CALL OR SCAN', 'COUNT', 'P50', 'P90', 'P99', 'P99.9', 'MAX', 'KB OUT', 'KB IN', 'ERRORS'];
/** A driver whose own loop was held up this long measured itself. */
const HELD_UP_MS = 50;

/** A report for people; latencies in milliseconds from when a call should have begun. */
export function reportTable(report: FleetReport): string {
  const { options, scans, roundTripsPerScan: trips, survey, driver } = report;
  const errors = report.operations.flatMap(({ operation, errors: kinds }) =>
    Object.entries(kinds).map(([kind, count]) => `  ${operation}: ${kind} ${count}`),
  );
  const heldUp = driver.some((one) => one.role === 'scripted' && Number(one.loopDelayP99Ms) > HELD_UP_MS);
  return [
    `${options.scenario}: ${options.computers} computers, ${options.durationSeconds} s at ${options.speedup}x, seed ${options.seed}`,
    `surveyed ${survey.revisions} revisions with ${survey.calls} calls in ${survey.seconds.toFixed(1)} s`,
    '',
    `scans intended   ${scans.intended} (${rate(scans.intendedPerSecond)})`,
    `scans achieved   ${rate(scans.achievedPerSecond)}, ${(100 * scans.achievedShare).toFixed(1)} % within the run`,
    `calls achieved   ${rate(scans.callsPerSecond)}`,
    `round trips      ${trips.mean.toFixed(2)} per scan, half of them ${trips.p50} or fewer, at the most ${trips.max}`,
    '',
    ...columns([COLUMNS, ...report.operations.map(row)]),
    '',
    ...(errors.length > 0 ? ['errors', ...errors, ''] : []),
    'counted',
    ...Object.entries(report.counters).map(([name, count]) => `  ${name} ${count}`),
    '',
    'driver',
    ...driver.map(
      (one) =>
        `  ${one.role}: ${Number(one.cpuSeconds).toFixed(1)} s of CPU, loop held up ${Number(one.loopDelayP99Ms).toFixed(1)} ms (p99), ${(Number(one.residentBytes) / 1e6).toFixed(0)} MB`,
    ),
    ...(heldUp ? ['  The driver itself was late: take more --processes, or more cores.'] : []),
    '',
  ].join('\n');
}

function row(one: OperationReport): string[] {
  const milliseconds = [one.p50, one.p90, one.p99, one.p999, one.max].map((value) => value.toFixed(1));
  const kilobytes = [one.bytesOut, one.bytesIn].map((bytes) => (bytes / 1000).toFixed(0));
  const errors = Object.values(one.errors).reduce((sum, count) => sum + count, 0);
  return [one.operation, String(one.count), ...milliseconds, ...kilobytes, String(errors)];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  );
}

function rate(perSecond: number): string {
  return `${perSecond.toFixed(perSecond < 10 ? 2 : 1)}/s`;
}
