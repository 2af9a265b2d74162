import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram } from '../../bench/support/histogram.ts';

const latencies = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { maxLength: 50 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test('merged histograms are the histogram of all their values', () => {
  fc.assert(
    fc.property(latencies, latencies, (some, others) => {
      const merged = histogramOf(some);
      merged.merge(histogramOf(others).snapshot());
      const all = histogramOf([...some, ...others]).snapshot();
      const { counts, count, max, sum } = merged.snapshot();
      assert.deepEqual(counts, all.counts);
      assert.equal(count, all.count);
      assert.equal(max, all.max);
      assert.ok(Math.abs(sum - all.sum) <= 1e-9 * all.sum);
    }),
  );
});

test('a quantile is right within the width of a bucket', () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, index) => index + 1));
  for (const share of [0.5, 0.9, 0.99, 0.999]) {
    const error = Math.abs(histogram.quantile(share) / (share * 1000) - 1);
    assert.ok(error < 0.016, `${share}: ${error}`);
  }
});

test('a snapshot does not change with what is recorded later', () => {
  const histogram = histogramOf([5]);
  const snapshot = histogram.snapshot();
  histogram.record(5);
  assert.equal(snapshot.count, 1);
  assert.equal(
    snapshot.counts.reduce((sum, count) => sum + count, 0),
    1,
  );
});

test('histograms of other buckets are not merged', () => {
  assert.throws(() => new Histogram().merge({ counts: new Float64Array(3), count: 0, sum: 0, max: 0 }));
});
