import type { Writer } from './writer.ts';

const EVERY_MS = 5_000;
/** In one command: what waits behind it in the same transaction waits some milliseconds longer. */
const COMPUTERS_PER_COMMAND = 1_000;
/** While the store takes nothing. */
const COMPUTERS_KEPT = 100_000;

/**
 * When computers were seen last, collected and stored every few seconds: each scan takes several calls, and
 * none of them shall write. A crash loses what was not stored yet.
 */
export class LastContacts {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  #waiting = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(writer: Writer, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
  }

  note(clientId: string, ms: number): void {
    if (this.#waiting.size >= COMPUTERS_KEPT) return;
    this.#waiting.set(clientId, ms);
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
    try {
      while (computers.length > 0) {
        const some = computers.splice(-COMPUTERS_PER_COMMAND);
        await this.#writer.execute('seen', { computers: some });
      }
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
