import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareAppendEvents } from './append-events.ts';
import { prepareComputerWrites } from './computer-writes.ts';
import { isBusy } from './connect.ts';
import { prepareProbe } from './write-probe.ts';
import { runCommand, type WriteHandlers } from './write-command.ts';

/** A command that was not carried out. Plain data: errors lose what they carry on their way between threads. */
export interface CommandFailure {
  /** Place of the command in its group. */
  readonly index: number;
  readonly message: string;
  /** SQLite's result code; undefined when it was not SQLite that failed. */
  readonly sqliteCode: number | undefined;
}

/** What became of a group of commands. */
export interface GroupOutcome {
  /** Transactions committed for it: 0 when all of it failed. */
  readonly transactions: number;
  readonly failures: readonly CommandFailure[];
}

/** Carries out groups of commands, each group in one transaction, on a connection of its own. */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #handlers: WriteHandlers;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #busyTimeoutMs: number;
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));

  /** @param busyTimeoutMs how long a group waits for another connection to let go of the store */
  constructor(database: DatabaseSync, busyTimeoutMs: number) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#handlers = {
      appendEvents: prepareAppendEvents(database),
      ...prepareComputerWrites(database),
      probe: prepareProbe(database),
    };
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    // SQLite waits for a lock in steps of up to 100 ms and misses the gaps that an import leaves.
    database.exec('PRAGMA busy_timeout = 0');
    // 16 MiB of log: pages that change again and again are copied to their place more rarely (a sixth of the CPU).
    database.exec('PRAGMA wal_autocheckpoint = 4000');
  }

  /** When this returns, everything in the group that did not fail is on disk. A command fails alone. */
  run(group: readonly string[]): GroupOutcome {
    try {
      this.#transaction(() => {
        for (const command of group) runCommand(this.#handlers, command);
      });
      return { transactions: 1, failures: [] };
    } catch (error) {
      if (group.length === 1 || isBusy(error)) return allFailed(group, error);
      return this.#runApart(group);
    }
  }

  /** Once more, and each command so that it can be undone: too dear for the many groups where none fails. */
  #runApart(group: readonly string[]): GroupOutcome {
    const failures: CommandFailure[] = [];
    try {
      this.#transaction(() => {
        for (const [index, command] of group.entries()) {
          this.#database.exec('SAVEPOINT command');
          try {
            runCommand(this.#handlers, command);
          } catch (error) {
            // A full disk, for example, ends the whole transaction.
            if (!this.#database.isTransaction) throw error;
            this.#database.exec('ROLLBACK TO command');
            failures.push(failure(index, error));
          }
          this.#database.exec('RELEASE command');
        }
      });
      return { transactions: 1, failures };
    } catch (error) {
      return allFailed(group, error);
    }
  }

  #transaction(work: () => void): void {
    this.#beginWhenFree();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #beginWhenFree(): void {
    const deadline = performance.now() + this.#busyTimeoutMs;
    for (;;) {
      try {
        this.#begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        Atomics.wait(this.#pause, 0, 0, 1);
      }
    }
  }
}

function allFailed(group: readonly string[], error: unknown): GroupOutcome {
  return { transactions: 0, failures: group.map((_, index) => failure(index, error)) };
}

function failure(index: number, error: unknown): CommandFailure {
  const { errcode } = error as { readonly errcode?: number };
  return {
    index,
    message: error instanceof Error ? error.message : String(error),
    sqliteCode: errcode === undefined ? undefined : errcode & 0xff,
  };
}
