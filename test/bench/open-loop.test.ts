import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetTally } from '../../bench/fleet/fleet-tally.ts';
import { OpenLoop } from '../../bench/fleet/open-loop.ts';

const DUE_AT_ONCE = Float64Array.from({ length: 5 }, () => 0);

/** A loop of 30 ms whose arrivals end when they are told to. */
function loopOf(maxInFlight: number, begin: (place: number) => Promise<void>) {
  const tally = new FleetTally();
  const loop = new OpenLoop({
    // Stands still, so that what is due does not depend on how busy the machine is.
    clock: () => 0,
    endMs: 30,
    maxInFlight,
    drainMs: 10,
    tally,
    atMs: DUE_AT_ONCE,
    begin,
  });
  return { loop, counters: () => Object.fromEntries(tally.snapshot().counters) };
}

test('everything that is due begins, however little has ended', async () => {
  const begun: number[] = [];
  const never = new Promise<void>(() => {});
  const { loop, counters } = loopOf(5, (place) => {
    begun.push(place);
    return never;
  });
  await loop.run();
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.deepEqual(counters(), { 'never begun': 0, 'follow-ups never begun': 0, unfinished: 5 });
});

test('what finds all places taken waits, and is counted when it never begins', async () => {
  let begun = 0;
  const { loop, counters } = loopOf(2, () => {
    begun++;
    return new Promise<void>(() => {});
  });
  await loop.run();
  assert.equal(begun, 2);
  assert.deepEqual(counters(), { 'never begun': 3, 'follow-ups never begun': 0, unfinished: 2 });
});

test('what waited for a place is counted once and begins when there is one', async () => {
  let begun = 0;
  const { loop, counters } = loopOf(2, () => {
    begun++;
    return Promise.resolve();
  });
  await loop.run();
  assert.equal(begun, 5);
  assert.deepEqual(counters(), {
    'waited for a place': 3,
    'never begun': 0,
    'follow-ups never begun': 0,
    unfinished: 0,
  });
});

test('a follow-up keeps the time at which it was due, and none begins after the end', async () => {
  const intended: number[] = [];
  const { loop, counters } = loopOf(9, (place) => {
    loop.after(place === 0 ? 5 : 1000, (intendedMs) => {
      intended.push(intendedMs);
      return Promise.resolve();
    });
    return Promise.resolve();
  });
  await loop.run();
  assert.deepEqual(intended, [5]);
  assert.equal(counters()['due after the end'], 4);
});
