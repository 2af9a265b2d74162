import { InstalledSetNames } from './installed-sets.ts';
import type { InstalledSet, WriteCommands } from './write-command.ts';
import type { Writer } from './writer.ts';

const EVERY_MS = 5_000;
/** In one command: what waits behind it in the same transaction waits some milliseconds longer. */
const COMPUTERS_PER_COMMAND = 1_000;
/** While the store takes nothing. */
const COMPUTERS_KEPT = 100_000;
/** Ids of all lists that wait; beyond it only the time is kept. */
const IDS_WAITING = 8_000_000;

interface Scan {
  readonly ms: number;
  readonly installed: Int32Array | undefined;
}

/**
 * When computers scanned last and what they said is installed, collected and stored every few seconds: a scan
 * costs an entry in a map, and each list of ids is named once however many computers have it. A crash loses what
 * was not stored yet.
 */
export class LastScans {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  readonly #names = new InstalledSetNames();
  #waiting = new Map<string, Scan>();
  #ids = 0;
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(writer: Writer, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
  }

  note(clientId: string, ms: number, installed: Int32Array): void {
    if (this.#waiting.size >= COMPUTERS_KEPT) return;
    this.#ids += installed.length;
    this.#waiting.set(clientId, { ms, installed: this.#ids > IDS_WAITING ? undefined : installed });
    this.#timer ??= setTimeout(() => this.#store(), EVERY_MS).unref();
  }

  /** Stores what is collected. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#store();
    await this.#storing;
  }

  #store(): void {
    this.#timer = undefined;
    this.#storing = this.#storing.then(() => this.#storeAll());
  }

  async #storeAll(): Promise<void> {
    const computers = [...this.#waiting];
    this.#waiting = new Map();
    this.#ids = 0;
    try {
      while (computers.length > 0) {
        const some = computers.splice(-COMPUTERS_PER_COMMAND);
        await this.#writer.execute('scanned', this.#commandOf(some));
      }
    } catch (error) {
      this.#onFailure(error);
    }
  }

  // The sets go along each time: one that no computer had for a while may have been deleted.
  #commandOf(scans: readonly (readonly [clientId: string, Scan])[]): WriteCommands['scanned'] {
    const sets = new Map<string, InstalledSet>();
    const computers = scans.map(([clientId, { ms, installed }]) => {
      const set = installed && this.#names.of(installed);
      if (set !== undefined) sets.set(set.digest, set);
      return [clientId, ms, set?.digest ?? null] as const;
    });
    return { sets: [...sets.values()], computers };
  }
}
