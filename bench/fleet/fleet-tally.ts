import { Histogram, type HistogramSnapshot } from '../support/histogram.ts';

/** What became of one kind of call. */
export interface OperationTally {
  readonly latency: HistogramSnapshot;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly errors: ReadonlyMap<string, number>;
}

/** Everything a process has counted, in plain values. */
export interface FleetTallySnapshot {
  readonly operations: ReadonlyMap<string, OperationTally>;
  readonly counters: ReadonlyMap<string, number>;
  /** Scans by their number of round trips. */
  readonly trips: ReadonlyMap<number, number>;
}

export interface CallRecord {
  readonly operation: string;
  /** From when the call should have begun to its end, whether it succeeded or not. */
  readonly milliseconds: number;
  readonly bytesOut?: number;
  readonly bytesIn?: number;
  /** The kind of its failure. */
  readonly error?: string | undefined;
}

interface Counted {
  readonly latency: Histogram;
  bytesOut: number;
  bytesIn: number;
  readonly errors: Map<string, number>;
}

/** Counts calls and scans; some 16 KB per operation, however many there are. */
export class FleetTally {
  readonly #operations = new Map<string, Counted>();
  readonly #counters = new Map<string, number>();
  readonly #trips = new Map<number, number>();

  record({ operation, milliseconds, bytesOut = 0, bytesIn = 0, error }: CallRecord): void {
    const counted = this.#counted(operation);
    counted.latency.record(milliseconds);
    counted.bytesOut += bytesOut;
    counted.bytesIn += bytesIn;
    if (error !== undefined) add(counted.errors, error, 1);
  }

  count(counter: string, by = 1): void {
    add(this.#counters, counter, by);
  }

  countTrips(trips: number): void {
    add(this.#trips, trips, 1);
  }

  merge(other: FleetTallySnapshot): void {
    for (const [operation, tally] of other.operations) {
      const counted = this.#counted(operation);
      counted.latency.merge(tally.latency);
      counted.bytesOut += tally.bytesOut;
      counted.bytesIn += tally.bytesIn;
      for (const [error, count] of tally.errors) add(counted.errors, error, count);
    }
    for (const [counter, count] of other.counters) add(this.#counters, counter, count);
    for (const [trips, count] of other.trips) add(this.#trips, trips, count);
  }

  snapshot(): FleetTallySnapshot {
    const operations = [...this.#operations].map(([operation, counted]): [string, OperationTally] => [
      operation,
      { ...counted, latency: counted.latency.snapshot() },
    ]);
    return { operations: new Map(operations), counters: this.#counters, trips: this.#trips };
  }

  #counted(operation: string): Counted {
    let counted = this.#operations.get(operation);
    if (counted === undefined) {
      counted = { latency: new Histogram(), bytesOut: 0, bytesIn: 0, errors: new Map() };
      this.#operations.set(operation, counted);
    }
    return counted;
  }
}

function add<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
