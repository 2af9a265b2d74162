import { InstalledSetNames } from './installed-sets.ts';
import { LazyWrites } from './lazy-writes.ts';
import type { InstalledSet, WriteCommands } from './write-command.ts';
import type { Writer } from './writer.ts';

/** Ids of all lists that wait; beyond it only the time is kept. */
const IDS_WAITING = 8_000_000;

interface Scan {
  readonly ms: number;
  readonly installed: Int32Array | undefined;
}

/**
 * When computers scanned last and what they said is installed: a scan costs an entry in a map, and each list of
 * ids is named once however many computers have it.
 */
export class LastScans {
  readonly #writes: LazyWrites<'scanned', Scan>;
  readonly #names = new InstalledSetNames();
  #ids = 0;

  constructor(writer: Writer, onFailure: (error: unknown) => void) {
    const commandOf = (scans: Scans) => this.#commandOf(scans);
    this.#writes = new LazyWrites({ writer, command: 'scanned', onFailure, commandOf });
  }

  note(clientId: string, ms: number, installed: Int32Array): void {
    if (this.#writes.isFull) return;
    if (this.#writes.isEmpty) this.#ids = 0;
    this.#ids += installed.length;
    this.#writes.note(clientId, { ms, installed: this.#ids > IDS_WAITING ? undefined : installed });
  }

  /** Stores what is collected. */
  close(): Promise<void> {
    return this.#writes.close();
  }

  // The sets go along each time: one that no computer had for a while may have been deleted.
  #commandOf(scans: Scans): WriteCommands['scanned'] {
    const sets = new Map<string, InstalledSet>();
    const computers = scans.map(([clientId, { ms, installed }]) => {
      const set = installed && this.#names.of(installed);
      if (set !== undefined) sets.set(set.digest, set);
      return [clientId, ms, set?.digest ?? null] as const;
    });
    return { sets: [...sets.values()], computers };
  }
}

type Scans = readonly (readonly [clientId: string, scan: Scan])[];
