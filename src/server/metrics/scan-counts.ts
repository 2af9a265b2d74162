import type { SyncKind } from '../../services/cookies/client-cookie.ts';
import type { ScanObserver } from '../../services/scan-observer.ts';

/** Answers to SyncUpdates of one kind, and those that ended a scan. */
interface Rounds {
  rounds: number;
  scans: number;
}

/** Scans and the calls that they took. */
export class ScanCounts implements ScanObserver {
  readonly #kinds: Readonly<Record<SyncKind, Rounds>> = {
    software: { rounds: 0, scans: 0 },
    category: { rounds: 0, scans: 0 },
    driver: { rounds: 0, scans: 0 },
    printer: { rounds: 0, scans: 0 },
  };

  answered(kind: SyncKind, last: boolean): void {
    const one = this.#kinds[kind];
    one.rounds++;
    if (last) one.scans++;
  }

  counts(): (Readonly<Rounds> & { readonly kind: string })[] {
    return Object.entries(this.#kinds).map(([kind, rounds]) => ({ kind, ...rounds }));
  }
}
