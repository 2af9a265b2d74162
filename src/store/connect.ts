import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const BUSY_TIMEOUT_MS = 10_000;
const SQLITE_BUSY = 5;
const SWITCH_ATTEMPTS = 250;

/** Where the embedded database lies in a data folder. */
export function databasePath(dataFolder: string): string {
  return join(dataFolder, 'oakum.db');
}

export interface ConnectOptions {
  readonly readOnly: boolean;
  /** Pages kept in memory, in MiB. Each connection has its own. */
  readonly cacheMebibytes: number;
}

/** A connection as every part of Oakum opens it: the write-ahead log, and nothing acknowledged that a power cut could take. */
export function connect(path: string, { readOnly, cacheMebibytes }: ConnectOptions): DatabaseSync {
  if (!readOnly) ownedOnly(path);
  const database = new DatabaseSync(path, {
    readOnly,
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  try {
    if (!readOnly) {
      useWriteAheadLog(database);
      // FULL: what was acknowledged survives a power cut, not only a crash of the process.
      database.exec('PRAGMA synchronous = FULL');
    }
    database.exec(`PRAGMA cache_size = -${cacheMebibytes * 1024}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Makes a database that is not there yet a file of its owner alone: SQLite would let everybody read it whom the umask
 * lets. Its log takes the mode after it.
 */
function ownedOnly(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    // SQLite says what is wrong.
  }
}

/** Whether SQLite gave up because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === SQLITE_BUSY;
}

// Two processes that make a new store switch it at once. SQLite does not wait then, whatever its timeout says.
function useWriteAheadLog(database: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || attempt === SWITCH_ATTEMPTS) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}
