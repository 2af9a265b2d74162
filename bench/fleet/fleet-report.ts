import { availableParallelism } from 'node:os';
import { Histogram, type HistogramSnapshot } from '../support/histogram.ts';
import type { FleetOptions } from './fleet-options.ts';
import type { FleetOutcome } from './fleet-run.ts';

export interface OperationReport {
  readonly operation: string;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface FleetReport {
  readonly options: FleetOptions;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly scans: {
    /** By the schedule. */
    readonly intended: number;
    readonly intendedPerSecond: number;
    /** Completed before the run's end. */
    readonly achievedPerSecond: number;
    readonly achievedShare: number;
    readonly callsPerSecond: number;
  };
  readonly roundTripsPerScan: { readonly mean: number; readonly p50: number; readonly max: number };
  /** Everything else that was counted: begun, failed, waited for a place, never begun, recovered from... */
  readonly counters: Readonly<Record<string, number>>;
  readonly operations: readonly OperationReport[];
  readonly survey: FleetOutcome['survey'];
  readonly driver: readonly Readonly<Record<string, number | string>>[];
}

/** Sums a run up. */
export function fleetReport(options: FleetOptions, outcome: FleetOutcome): FleetReport {
  const counters = Object.fromEntries(
    [...outcome.tally.counters].sort(([one], [next]) => (one < next ? -1 : 1)),
  );
  const intended = counters['scans intended'] ?? 0;
  const inTime = counters['scans completed in time'] ?? 0;
  return {
    options,
    machine: { node: process.version, platform: process.platform, cores: availableParallelism() },
    scans: {
      intended,
      intendedPerSecond: intended / options.durationSeconds,
      achievedPerSecond: inTime / options.durationSeconds,
      achievedShare: intended === 0 ? 1 : inTime / intended,
      callsPerSecond: (counters['calls in time'] ?? 0) / options.durationSeconds,
    },
    roundTripsPerScan: roundTrips(outcome.tally.trips),
    counters,
    operations: [...outcome.tally.operations]
      .map(([operation, tally]) => ({
        operation,
        ...quantiles(tally.latency),
        bytesOut: tally.bytesOut,
        bytesIn: tally.bytesIn,
        errors: Object.fromEntries(tally.errors),
      }))
      .sort((one, next) => (one.operation < next.operation ? -1 : 1)),
    survey: outcome.survey,
    driver: outcome.processes.map((one) => ({
      role: one.role,
      cpuSeconds: one.cpuSeconds,
      loopDelayP99Ms: one.loopDelayP99Ms,
      loopDelayMaxMs: one.loopDelayMaxMs,
      residentBytes: one.residentBytes,
    })),
  };
}

function quantiles(snapshot: HistogramSnapshot) {
  const histogram = new Histogram();
  histogram.merge(snapshot);
  // The middle of a bucket can lie above the largest value in it.
  const at = (share: number): number => Math.min(histogram.quantile(share), snapshot.max);
  return {
    count: snapshot.count,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: snapshot.max,
  };
}

function roundTrips(trips: ReadonlyMap<number, number>): FleetReport['roundTripsPerScan'] {
  const ascending = [...trips].sort(([one], [next]) => one - next);
  const scans = ascending.reduce((sum, [, count]) => sum + count, 0);
  const calls = ascending.reduce((sum, [many, count]) => sum + many * count, 0);
  let left = scans / 2;
  const middle = ascending.find(([, count]) => (left -= count) <= 0);
  return {
    mean: scans === 0 ? 0 : calls / scans,
    p50: middle?.[0] ?? 0,
    max: ascending.at(-1)?.[0] ?? 0,
  };
}
