import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetTally } from '../../bench/fleet/fleet-tally.ts';

test('what several processes counted adds up', () => {
  const whole = new FleetTally();
  for (const milliseconds of [1, 100]) {
    const one = new FleetTally();
    one.record({ operation: 'SyncUpdates', milliseconds, bytesOut: 10, bytesIn: 20, error: 'timeout' });
    one.count('scans begun', 3);
    one.countTrips(4);
    whole.merge(one.snapshot());
  }
  const { operations, counters, trips } = whole.snapshot();
  const sync = operations.get('SyncUpdates');
  assert.deepEqual([sync?.latency.count, sync?.latency.max, sync?.bytesOut, sync?.bytesIn], [2, 100, 20, 40]);
  assert.deepEqual([...(sync?.errors ?? [])], [['timeout', 2]]);
  assert.deepEqual([...counters], [['scans begun', 6]]);
  assert.deepEqual([...trips], [[4, 2]]);
});
