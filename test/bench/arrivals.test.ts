import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals, type ArrivalOptions } from '../../bench/fleet/arrivals.ts';
import { MEAN_INTERVAL_SECONDS, PATCHES, type ScenarioName } from '../../bench/fleet/scenario.ts';

const FLEET: ArrivalOptions = {
  scenario: 'average-day',
  computers: 20_000,
  durationSeconds: 72,
  speedup: 100,
  seed: 7,
};

interface Scan {
  readonly atMs: number;
  readonly computer: number;
  readonly kind: string;
}

function scansOf(arrivals: Arrivals): Scan[] {
  return Array.from(arrivals.atMs, (atMs, place) => ({
    atMs,
    computer: arrivals.computers[place],
    kind: arrivals.kind(place),
  }));
}

function draw(scenario: ScenarioName, more: Partial<ArrivalOptions> = {}): Scan[] {
  return scansOf(Arrivals.draw({ ...FLEET, scenario, ...more }));
}

function countBetween(scans: readonly Scan[], fromMs: number, toMs: number): number {
  return scans.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length;
}

/** Within five deviations of a count of independent events: a wrong law fails, chance does not. */
function assertAbout(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 5 * Math.sqrt(expected), `${actual} is not about ${expected}`);
}

test('the same seed draws the same schedule, another seed another one', () => {
  assert.deepEqual(draw('monday-boot-storm'), draw('monday-boot-storm'));
  assert.notDeepEqual(draw('monday-boot-storm'), draw('monday-boot-storm', { seed: 8 }));
});

test('the shares of several processes are together the schedule of one', () => {
  const whole = draw('average-day');
  const shares = [0, 1, 2].flatMap((index) => scansOf(Arrivals.draw(FLEET, { index, of: 3 })));
  const inOrder = shares.sort((one, next) => one.atMs - next.atMs || one.computer - next.computer);
  assert.deepEqual(inOrder, whole);
});

test('a computer scans at the same times in a larger fleet', () => {
  const small = draw('average-day', { computers: 1000 });
  const ofLarge = draw('average-day').filter(({ computer }) => computer < 1000);
  assert.deepEqual(ofLarge, small);
});

test('a schedule ascends and stays within the run', () => {
  const scans = draw('monday-boot-storm');
  assert.ok(scans.every(({ atMs }, place) => atMs >= (scans[place - 1]?.atMs ?? 0)));
  assert.ok(scans.every(({ atMs }) => atMs < FLEET.durationSeconds * 1000));
});

test('on an average day the fleet scans evenly, each computer about every 19.8 hours', () => {
  const scans = draw('average-day');
  const expected = (FLEET.computers * FLEET.durationSeconds * FLEET.speedup) / MEAN_INTERVAL_SECONDS;
  assertAbout(scans.length, expected);
  assertAbout(countBetween(scans, 0, 36_000), expected / 2);
});

test('a computer waits between 17.6 and 22 hours for its next scan', () => {
  const scans = draw('average-day', { computers: 50, durationSeconds: 3000, speedup: 300 });
  const last = new Map<number, number>();
  for (const { atMs, computer } of scans) {
    const hours = ((atMs - (last.get(computer) ?? Number.NaN)) * 300) / 3_600_000;
    if (last.has(computer)) assert.ok(hours >= 17.599 && hours <= 22.001, `${hours} hours`);
    last.set(computer, atMs);
  }
  assert.ok(scans.length > 500);
});

test('on Monday 60 % of the fleet scan within the first hour, and then it is an average day', () => {
  const scans = draw('monday-boot-storm');
  const usual = (FLEET.computers * 3600) / MEAN_INTERVAL_SECONDS;
  // An hour is 36 s of this run.
  assertAbout(countBetween(scans, 0, 36_000), 0.6 * FLEET.computers + 0.4 * usual);
  assertAbout(countBetween(scans, 36_000, 72_000), 0.4 * usual);
});

test('on patch Tuesday each computer meets the patches once', () => {
  const scans = draw('patch-tuesday', { computers: 500, durationSeconds: 2000, speedup: 100 });
  const patched = scans.filter(({ kind }) => kind === 'patched');
  assert.ok(patched.length > 480 && PATCHES === 15);
  assert.equal(new Set(patched.map(({ computer }) => computer)).size, patched.length);
});

test('in a full-rescan storm every computer comes within the five hours of its retry timer', () => {
  const scans = draw('full-rescan-storm', { durationSeconds: 180 });
  const rescans = scans.filter(({ kind }) => kind === 'rescan');
  assert.equal(rescans.length, FLEET.computers);
  assertAbout(countBetween(rescans, 0, 90_000), FLEET.computers / 2);
});

test('few scans are those of new computers and of refreshed caches', () => {
  const scans = draw('monday-boot-storm', { computers: 100_000 });
  const count = (wanted: string): number => scans.filter(({ kind }) => kind === wanted).length;
  assertAbout(count('fresh'), 0.001 * scans.length);
  assertAbout(count('refresh'), 0.005 * scans.length);
});

test('each true agent scans once', () => {
  const scans = scansOf(Arrivals.drawAgents(20, FLEET));
  assert.deepEqual(
    scans.map(({ computer }) => computer).sort((one, next) => one - next),
    Array.from({ length: 20 }, (_, agent) => agent),
  );
  assert.ok(scans.every(({ atMs }) => atMs >= 0 && atMs < 72_000));
});
