import type { EventJournal } from '../../fleet/event-journal.ts';
import { Histogram } from './histogram.ts';

/** Seconds that a batch waits until it is on disk. */
const COMMIT_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds between an event and its arrival: computers collect events, and some were switched off for days. */
const AGE_BOUNDS = [1, 10, 60, 300, 1800, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400];

/** How late events come, and how long they take to disk. */
export class EventCounts {
  readonly commit = new Histogram(COMMIT_BOUNDS);
  readonly age = new Histogram(AGE_BOUNDS);
  #failures = 0;

  /** Batches that were not taken. */
  get failures(): number {
    return this.#failures;
  }

  /** The same journal, watched. */
  watch(journal: EventJournal, now: () => number): EventJournal {
    return {
      append: async (events, skewMs = 0) => {
        const startedMs = performance.now();
        const nowMs = now();
        try {
          await journal.append(events, skewMs);
        } catch (error) {
          this.#failures++;
          throw error;
        }
        this.commit.observe((performance.now() - startedMs) / 1000);
        // A clock that is ahead makes no event younger than new.
        for (const { timeMs } of events) this.age.observe(Math.max(0, nowMs - timeMs - skewMs) / 1000);
      },
    };
  }
}
