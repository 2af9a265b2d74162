import { Random } from '../../src/synthetic/random.ts';
import {
  drawScans,
  MEAN_INTERVAL_SECONDS,
  SCAN_KINDS,
  type ScanKind,
  type ScenarioName,
} from './scenario.ts';

export interface ArrivalOptions {
  readonly scenario: ScenarioName;
  readonly computers: number;
  /** Real seconds. */
  readonly durationSeconds: number;
  /** Simulated seconds per real second. */
  readonly speedup: number;
  readonly seed: number;
}

/** The computers one process plays: each `of`-th one, beginning with `index`. */
export interface FleetShare {
  readonly index: number;
  readonly of: number;
}

export const WHOLE_FLEET: FleetShare = Object.freeze({ index: 0, of: 1 });

/** Streams of numbers that must not depend on each other. */
const SCAN_STREAM = 1;
const AGENT_STREAM = 2;

/**
 * When which computer begins a scan: drawn before the run and followed whatever the server does, so that
 * a slow server meets the same load as a fast one. A computer's scans depend on the seed and on its number
 * alone, not on how many computers or processes there are. 13 bytes per scan.
 */
export class Arrivals {
  /** Real milliseconds since the start of the run, ascending. */
  readonly atMs: Float64Array;
  readonly computers: Uint32Array;
  readonly #kinds: Uint8Array;

  private constructor(scans: readonly Arrival[]) {
    this.atMs = Float64Array.from(scans, (scan) => scan.atMs);
    this.computers = Uint32Array.from(scans, (scan) => scan.computer);
    this.#kinds = Uint8Array.from(scans, (scan) => SCAN_KINDS.indexOf(scan.kind));
  }

  /** Draws the scans of a share of the fleet. */
  static draw(options: ArrivalOptions, share: FleetShare = WHOLE_FLEET): Arrivals {
    const { scenario, computers, durationSeconds, speedup, seed } = options;
    const scans: Arrival[] = [];
    for (let computer = share.index; computer < computers; computer += share.of) {
      const random = new Random(seed, SCAN_STREAM, computer);
      for (const { atSeconds, kind } of drawScans(scenario, random, durationSeconds * speedup)) {
        scans.push({ atMs: (atSeconds * 1000) / speedup, computer, kind });
      }
    }
    return new Arrivals(scans.sort((one, next) => one.atMs - next.atMs || one.computer - next.computer));
  }

  /** One whole first scan for each true agent, at any time of the run. */
  static drawAgents(agents: number, options: Pick<ArrivalOptions, 'durationSeconds' | 'seed'>): Arrivals {
    const scans = Array.from({ length: agents }, (_, computer): Arrival => {
      const random = new Random(options.seed, AGENT_STREAM, computer);
      return { atMs: random.real() * options.durationSeconds * 1000, computer, kind: 'fresh' };
    });
    return new Arrivals(scans.sort((one, next) => one.atMs - next.atMs));
  }

  get count(): number {
    return this.atMs.length;
  }

  kind(place: number): ScanKind {
    return SCAN_KINDS[this.#kinds[place]];
  }
}

interface Arrival {
  readonly atMs: number;
  readonly computer: number;
  readonly kind: ScanKind;
}

/** About how many scans a run will have at the most; drawing costs some 100 bytes for each. */
export function expectedScans(options: ArrivalOptions): number {
  const { computers, durationSeconds, speedup } = options;
  return computers * (1 + (durationSeconds * speedup) / MEAN_INTERVAL_SECONDS);
}
