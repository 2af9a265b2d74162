import type { WriteCommands, WriteName } from './write-command.ts';
import type { Writer } from './writer.ts';

const EVERY_MS = 5_000;
/** In one command: what waits behind it in the same transaction waits some milliseconds longer. */
const COMPUTERS_PER_COMMAND = 1_000;
/** While the store takes nothing. */
const COMPUTERS_KEPT = 100_000;

export interface LazyWritesOptions<Name extends WriteName, Value> {
  readonly writer: Writer;
  readonly command: Name;
  /** Told when something could not be stored: it is lost. */
  readonly onFailure: (error: unknown) => void;
  /** The command for some of what was collected. */
  readonly commandOf: (some: readonly (readonly [clientId: string, value: Value])[]) => WriteCommands[Name];
}

/**
 * The latest value of each computer, collected and stored every few seconds: each scan takes several calls, and
 * none of them shall write. A crash loses what was not stored yet.
 */
export class LazyWrites<Name extends WriteName, Value> {
  readonly #options: LazyWritesOptions<Name, Value>;
  #waiting = new Map<string, Value>();
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(options: LazyWritesOptions<Name, Value>) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#waiting.size >= COMPUTERS_KEPT;
  }

  /** Nothing is waiting. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  note(clientId: string, value: Value): void {
    if (this.isFull) return;
    this.#waiting.set(clientId, value);
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
    const { writer, command, commandOf, onFailure } = this.#options;
    const computers = [...this.#waiting];
    this.#waiting = new Map();
    try {
      while (computers.length > 0) {
        await writer.execute(command, commandOf(computers.splice(-COMPUTERS_PER_COMMAND)));
      }
    } catch (error) {
      onFailure(error);
    }
  }
}
