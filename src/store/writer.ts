import { Worker } from 'node:worker_threads';
import { eventChannel } from '../errors/event-channels.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { databasePath } from './connect.ts';
import type { CommandFailure, GroupOutcome } from './group-commit.ts';
import { threadModule } from './thread-module.ts';
import { encodeCommand, type WriteCommands, type WriteName } from './write-command.ts';
import type { WriterMessage, WriterThreadData } from './writer-thread.ts';

export interface WriterOptions {
  /** Of a store that is open: the writer neither creates nor migrates it. */
  readonly dataFolder: string;
  /** Told when the thread ended by itself. The commands it had not answered know it already. */
  readonly onFailure: (error: OakumError) => void;
  /** Commands that may wait for their commit; one more is refused. */
  readonly maxCommands?: number;
  /** Characters of commands that may wait; once there are as many, the next one is refused. */
  readonly maxCharacters?: number;
  /** How long a group waits for another process to let go of the store. */
  readonly busyTimeoutMs?: number;
}

export interface WriterCounts {
  /** Commands that are on disk. */
  readonly commands: number;
  /** Transactions that took them there. */
  readonly transactions: number;
}

/** What waits for its transaction, or is in one. */
export interface WriterQueue {
  readonly commands: number;
  readonly characters: number;
}

const MAX_COMMANDS = 10_000;
const MAX_CHARACTERS = 32 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 10_000;

// SQLite's result codes: another connection held the lock for too long; what the caller asked is not allowed.
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;

const COMMIT = eventChannel('oakum.commit');

interface Pending {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: OakumError) => void;
}

/**
 * The one writer of a server process. Commands wait in a queue; all that wait go to a thread as one group,
 * which is one transaction there, so that no request waits for more than two of them and no fsync stops the
 * event loop. One group is under way at a time: the slower the disk, the larger the groups.
 */
export class Writer implements AsyncDisposable {
  readonly #options: WriterOptions;
  readonly #maxCommands: number;
  readonly #maxCharacters: number;
  #thread: Worker | undefined;
  #queue: Pending[] = [];
  #underWay: readonly Pending[] = [];
  #characters = 0;
  #scheduled = false;
  #closed: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;
  #commands = 0;
  #transactions = 0;
  #failure: OakumError | undefined;
  #sentMs = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#maxCommands = options.maxCommands ?? MAX_COMMANDS;
    this.#maxCharacters = options.maxCharacters ?? MAX_CHARACTERS;
    this.#thread = this.#start();
  }

  get counts(): WriterCounts {
    return { commands: this.#commands, transactions: this.#transactions };
  }

  get queue(): WriterQueue {
    return { commands: this.#queue.length + this.#underWay.length, characters: this.#characters };
  }

  /** Why the last group could not be written; undefined when it was, or when there was none yet. */
  get failure(): OakumError | undefined {
    return this.#failure;
  }

  /**
   * Carries out a command. Resolves when it is on disk.
   *
   * @throws OakumError OAK_SERVER_BUSY when too much waits already, when another process did not let go of
   *   the store, and after close; OAK_STORE_WRITE when the store or the thread failed: then the command may
   *   or may not have been carried out; OAK_INTERNAL when the command itself cannot be
   */
  execute<Name extends WriteName>(name: Name, command: WriteCommands[Name]): Promise<void> {
    const waiting = this.#queue.length + this.#underWay.length;
    if (this.#closed !== undefined || waiting >= this.#maxCommands || this.#characters >= this.#maxCharacters)
      return Promise.reject(new OakumError('OAK_SERVER_BUSY', { detail: 'Too many writes are waiting.' }));
    const text = encodeCommand(name, command);
    this.#characters += text.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ text, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Takes no more commands, waits for those that were taken, and ends the thread. */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    if (this.#queue.length + this.#underWay.length > 0) {
      await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    }
    const thread = this.#thread;
    if (thread === undefined) return;
    await new Promise<void>((resolve) => {
      thread.once('exit', () => resolve());
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage(null satisfies WriterMessage);
    });
  }

  // At the end of this turn of the event loop: requests that arrived together are written together.
  #schedule(): void {
    if (this.#scheduled || this.#underWay.length > 0 || this.#queue.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    // The thread may have ended since, and refused what waited.
    if (this.#queue.length === 0) return;
    this.#underWay = this.#queue;
    this.#queue = [];
    this.#sentMs = performance.now();
    this.#thread ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#thread.postMessage(this.#underWay.map((one) => one.text) satisfies WriterMessage);
  }

  #start(): Worker {
    const { dataFolder, busyTimeoutMs = BUSY_TIMEOUT_MS } = this.#options;
    const workerData: WriterThreadData = { path: databasePath(dataFolder), busyTimeoutMs };
    const thread = new Worker(threadModule('writer-thread', import.meta.url), { workerData });
    let reason = new Error('the thread ended');
    thread.on('message', (outcome: GroupOutcome) => {
      if (thread === this.#thread) this.#settle(outcome);
    });
    thread.on('error', (error) => (reason = error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#ended(reason));
    return thread;
  }

  #settle({ transactions, failures }: GroupOutcome): void {
    const group = this.#take(this.#underWay);
    this.#underWay = [];
    this.#transactions += transactions;
    this.#commands += group.length - failures.length;
    const failed = new Map(failures.map((failure) => [failure.index, failure]));
    this.#failure = transactions === 0 && failures.length > 0 ? failureOfStore(failures[0]) : undefined;
    if (COMMIT.hasSubscribers) {
      const durationMs = performance.now() - this.#sentMs;
      COMMIT.publish({ commands: group.length, failures: failures.length, durationMs });
    }
    for (const [index, { resolve, reject }] of group.entries()) {
      const failure = failed.get(index);
      if (failure === undefined) resolve();
      else reject(errorOf(failure));
    }
    this.#next();
  }

  /** What was under way may be on disk or not. What waited is refused too: a store in trouble needs no queue. */
  #ended(cause: Error): void {
    this.#thread = undefined;
    const lost = this.#take([...this.#underWay, ...this.#queue]);
    this.#underWay = [];
    this.#queue = [];
    if (this.#closed !== undefined && lost.length === 0) return;
    const error = new OakumError('OAK_STORE_WRITE', { detail: `The writer ended: ${cause.message}.`, cause });
    this.#failure = error;
    this.#options.onFailure(error);
    for (const { reject } of lost) reject(error);
    this.#next();
  }

  #take(group: readonly Pending[]): readonly Pending[] {
    for (const { text } of group) this.#characters -= text.length;
    return group;
  }

  #next(): void {
    this.#schedule();
    if (this.#queue.length === 0) this.#whenIdle?.();
  }
}

/** A command that cannot be carried out says nothing of the store. */
function failureOfStore(failure: CommandFailure): OakumError | undefined {
  const error = errorOf(failure);
  return error.code === 'OAK_INTERNAL' ? undefined : error;
}

function errorOf({ message, sqliteCode }: CommandFailure): OakumError {
  if (sqliteCode === SQLITE_BUSY)
    return new OakumError('OAK_SERVER_BUSY', { detail: 'Another process holds the store.' });
  const own = sqliteCode === undefined || sqliteCode === SQLITE_CONSTRAINT;
  return new OakumError(own ? 'OAK_INTERNAL' : 'OAK_STORE_WRITE', {
    detail: `${message}.`,
    cause: new Error(message),
  });
}
