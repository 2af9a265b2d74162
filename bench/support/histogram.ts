/**
 * Latencies with a bounded relative error: 64 buckets per power of two of microseconds, so any quantile is
 * right within 1.6 % from a microsecond to an hour, in 16 KB.
 */
export class Histogram {
  readonly #counts = new Float64Array(64 * 33);
  #count = 0;
  #sum = 0;
  #max = 0;

  record(milliseconds: number): void {
    const microseconds = Math.max(1, milliseconds * 1000);
    const power = Math.floor(Math.log2(microseconds));
    const within = Math.floor((microseconds / 2 ** power - 1) * 64);
    this.#counts[Math.min(power * 64 + within, this.#counts.length - 1)] += 1;
    this.#count++;
    this.#sum += milliseconds;
    this.#max = Math.max(this.#max, milliseconds);
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds below which this share of the recordings lies. */
  quantile(share: number): number {
    let left = Math.ceil(share * this.#count);
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket];
      if (left <= 0 && this.#counts[bucket] > 0) {
        const power = Math.floor(bucket / 64);
        return (2 ** power * (1 + ((bucket % 64) + 0.5) / 64)) / 1000;
      }
    }
    return this.#max;
  }

  /** Takes over what another histogram recorded: of another process, for example. */
  merge(other: HistogramSnapshot): void {
    if (other.counts.length !== this.#counts.length) throw new Error('the histograms have other buckets');
    for (let bucket = 0; bucket < this.#counts.length; bucket++) this.#counts[bucket] += other.counts[bucket];
    this.#count += other.count;
    this.#sum += other.sum;
    this.#max = Math.max(this.#max, other.max);
  }

  /** A copy that can be sent to another process. */
  snapshot(): HistogramSnapshot {
    return { counts: this.#counts.slice(), count: this.#count, sum: this.#sum, max: this.#max };
  }

  summary(): LatencySummary {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return {
      mean,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      max: this.#max,
    };
  }
}

/** All of a histogram, in plain values. */
export interface HistogramSnapshot {
  readonly counts: Float64Array;
  readonly count: number;
  /** Milliseconds. */
  readonly sum: number;
  readonly max: number;
}

/** Milliseconds. */
export interface LatencySummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}
