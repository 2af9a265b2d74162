import type { Random } from '../../src/synthetic/random.ts';

export const SCENARIO_NAMES = [
  'average-day',
  'monday-boot-storm',
  'patch-tuesday',
  'full-rescan-storm',
] as const;

export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** What a scan finds: the place in this list is its number in a schedule. */
export const SCAN_KINDS = [
  /** Nothing new: one software and one driver call. */
  'incremental',
  /** The month's updates have come since the last scan. */
  'patched',
  /** RefreshCache of everything held, then as incremental. */
  'refresh',
  /** The server has a new database: the whole handshake, RefreshCache, then everything again. */
  'rescan',
  /** A computer that was never seen before: the whole handshake, then everything. */
  'fresh',
] as const;

export type ScanKind = (typeof SCAN_KINDS)[number];

export interface DrawnScan {
  /** Seconds of simulated time since the run began. */
  readonly atSeconds: number;
  readonly kind: ScanKind;
}

/** Agents scan every 22 h, less a random share of up to 20 %. */
const SCAN_INTERVAL_SECONDS = 22 * 3600;
export const MEAN_INTERVAL_SECONDS = 0.9 * SCAN_INTERVAL_SECONDS;
/** After a night or a weekend so many computers are overdue, and scan within an hour of the start of work. */
const OVERDUE_AT_BOOT = 0.6;
const BOOT_SECONDS = 3600;
/** Failed scans are tried again after so long: the time a fleet needs to find a server that came back. */
export const RETRY_SECONDS = 5 * 3600;
/** Cookies are renewed after this time. */
export const COOKIE_SECONDS = 3600;
/** Events are sent up to this long after what they tell of. */
export const EVENT_DELAY_SECONDS = 300;
/** Updates that a patch Tuesday brings. */
export const PATCHES = 15;

const FRESH_SHARE = 0.001;
const REFRESH_SHARE = 0.005;

/** The scans of one computer within a window of simulated time, drawn from a stream of its own. */
export function drawScans(scenario: ScenarioName, random: Random, windowSeconds: number): DrawnScan[] {
  const scans: DrawnScan[] = [];
  let atSeconds = firstScan(scenario, random);
  while (atSeconds < windowSeconds) {
    scans.push({ atSeconds, kind: scans.length === 0 ? firstKind(scenario, random) : usualKind(random) });
    atSeconds += interval(random);
  }
  return scans;
}

function interval(random: Random): number {
  return SCAN_INTERVAL_SECONDS * (0.8 + 0.2 * random.real());
}

function firstScan(scenario: ScenarioName, random: Random): number {
  // The fleet has been running for long: each computer is somewhere in its interval.
  const inInterval = interval(random) * random.real();
  switch (scenario) {
    case 'average-day':
    case 'patch-tuesday':
      return inInterval;
    case 'monday-boot-storm':
      return random.chance(OVERDUE_AT_BOOT) ? BOOT_SECONDS * random.real() : inInterval;
    case 'full-rescan-storm':
      return RETRY_SECONDS * random.real();
  }
}

function firstKind(scenario: ScenarioName, random: Random): ScanKind {
  if (scenario === 'full-rescan-storm') return 'rescan';
  const kind = usualKind(random);
  return scenario === 'patch-tuesday' && kind === 'incremental' ? 'patched' : kind;
}

function usualKind(random: Random): ScanKind {
  const drawn = random.real();
  if (drawn < FRESH_SHARE) return 'fresh';
  return drawn < FRESH_SHARE + REFRESH_SHARE ? 'refresh' : 'incremental';
}
