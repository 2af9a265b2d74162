import { OakumError } from '../../errors/oakum-error.ts';
import type { Writer } from '../../store/writer.ts';
import { freeBytes } from '../metrics/disk-use.ts';

/** What a server needs to serve, and does not have. */
export interface Unready {
  readonly what: 'catalogue' | 'store' | 'disk' | 'processes';
  readonly reason: string;
}

export interface ReadinessOptions {
  readonly dataFolder: string;
  readonly minFreeBytes: number;
  readonly writer: Pick<Writer, 'execute' | 'failure'>;
  /** Whether there is a catalogue to serve. */
  readonly hasCatalogue: () => boolean;
  readonly now: () => number;
}

/** Asked by balancers every second, by whoever reaches the port as often as they like. */
const KEPT_MS = 1_000;

/**
 * Whether clients should be sent here. The store counts as writable as long as its last transaction succeeded. After
 * one that did not it is written to once more, because a server that no client is sent to would never notice that it
 * is well again.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #checked: Promise<readonly Unready[]> | undefined;
  #checkedAt = 0;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** What is missing; nothing when the server is ready. */
  check(): Promise<readonly Unready[]> {
    const now = performance.now();
    if (this.#checked === undefined || now - this.#checkedAt > KEPT_MS) {
      this.#checkedAt = now;
      this.#checked = this.#check();
    }
    return this.#checked;
  }

  async #check(): Promise<readonly Unready[]> {
    const missing: Unready[] = [];
    if (!this.#options.hasCatalogue()) missing.push({ what: 'catalogue', reason: 'It is not loaded yet.' });
    const problems = await Promise.all([this.#store(), this.#disk()]);
    return [...missing, ...problems.filter((one) => one !== undefined)];
  }

  async #store(): Promise<Unready | undefined> {
    const { writer, now } = this.#options;
    if (writer.failure === undefined) return undefined;
    try {
      await writer.execute('probe', { nowMs: now() });
      return undefined;
    } catch (error) {
      return { what: 'store', reason: error instanceof OakumError ? error.message : String(error) };
    }
  }

  async #disk(): Promise<Unready | undefined> {
    const { dataFolder, minFreeBytes } = this.#options;
    try {
      const free = await freeBytes(dataFolder);
      if (free >= minFreeBytes) return undefined;
      return { what: 'disk', reason: `${free} bytes are free; disk.minFreeBytes says ${minFreeBytes}.` };
    } catch (error) {
      return { what: 'disk', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
