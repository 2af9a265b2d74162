import type { FleetTally } from './fleet-tally.ts';

/** The clock of a run, real milliseconds since it began; before that it is negative. */
export type RunClock = () => number;

export interface OpenLoopOptions {
  readonly clock: RunClock;
  readonly endMs: number;
  readonly maxInFlight: number;
  /** How long what has begun may go on after the end. */
  readonly drainMs: number;
  readonly tally: FleetTally;
  /** Ascending. */
  readonly atMs: Float64Array;
  /** Begins the arrival of that place; must not throw. */
  readonly begin: (place: number) => Promise<void>;
}

/**
 * Begins what a schedule says when it says so, whatever became of what began earlier. What finds all places
 * taken waits for one, is counted as having waited, and never loses its intended start; what waits until
 * the end is counted as never begun.
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #due: (() => Promise<void>)[] = [];
  #next = 0;
  #counted = 0;
  #inFlight = 0;
  #later = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void) | undefined;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  /** Something that follows from what was begun: due in so many milliseconds, unless the run is over then. */
  after(milliseconds: number, task: (intendedMs: number) => Promise<void>): void {
    const { clock, endMs, tally } = this.#options;
    const intendedMs = clock() + milliseconds;
    if (intendedMs >= endMs) return tally.count('due after the end');
    this.#later++;
    setTimeout(() => {
      this.#later--;
      this.#due.push(() => task(intendedMs));
      if (this.#inFlight >= this.#options.maxInFlight) tally.count('follow-ups that waited for a place');
      this.#pump();
    }, milliseconds);
  }

  /** Runs until the end, and until what has begun is over or has had its time. */
  async run(): Promise<void> {
    const { clock, endMs, drainMs, tally, atMs } = this.#options;
    this.#pump();
    await new Promise((resolve) => setTimeout(resolve, endMs - clock()));
    this.#begin();
    this.#isOver = true;
    clearTimeout(this.#timer);
    tally.count('never begun', atMs.length - this.#next);
    tally.count('follow-ups never begun', this.#due.length + this.#later);
    if (this.#inFlight > 0) {
      let drained: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        drained = setTimeout(resolve, drainMs);
      });
      clearTimeout(drained);
    }
    tally.count('unfinished', this.#inFlight);
  }

  #pump(): void {
    const { clock, maxInFlight, atMs } = this.#options;
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#begin();
    if (this.#inFlight < maxInFlight && this.#next < atMs.length) {
      this.#timer = setTimeout(() => this.#pump(), Math.max(0, atMs[this.#next] - clock()));
    }
  }

  #begin(): void {
    const { clock, maxInFlight, atMs, begin } = this.#options;
    const now = clock();
    while (this.#inFlight < maxInFlight) {
      const due = this.#due.shift();
      if (due !== undefined) this.#start(due());
      else if (this.#next < atMs.length && atMs[this.#next] <= now) this.#start(begin(this.#next++));
      else break;
    }
  }

  #start(running: Promise<void>): void {
    this.#inFlight++;
    void running.finally(() => {
      if (this.#inFlight === this.#options.maxInFlight) this.#countWaiting();
      this.#inFlight--;
      this.#pump();
      if (this.#inFlight === 0) this.#idle?.();
    });
  }

  /** Everything that came due while all places were taken. */
  #countWaiting(): void {
    const { clock, endMs, atMs, tally } = this.#options;
    const now = Math.min(clock(), endMs);
    this.#counted = Math.max(this.#counted, this.#next);
    while (this.#counted < atMs.length && atMs[this.#counted] <= now) {
      this.#counted++;
      tally.count('waited for a place');
    }
  }
}
