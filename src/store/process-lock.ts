import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './connect.ts';

/**
 * Lets only one process do something with a data folder. The lock is SQLite's own on an empty database, so it
 * ends with the process, however that ends.
 *
 * @param name of the file
 * @returns undefined while another process holds it, alone or with others
 */
export function holdProcessLock(dataFolder: string, name: string): Disposable | undefined {
  return lock(dataFolder, name, { statement: 'BEGIN EXCLUSIVE', timeoutMs: 0 });
}

/**
 * Holds a lock together with any number of others who share it, in this process or elsewhere.
 *
 * @param timeoutMs how long to wait for whoever holds it alone; whoever only tries to holds it for an instant
 * @returns undefined while another process holds it alone
 */
export function shareProcessLock(
  dataFolder: string,
  name: string,
  timeoutMs: number,
): Disposable | undefined {
  return lock(dataFolder, name, { statement: 'BEGIN; SELECT 1 FROM sqlite_master', timeoutMs });
}

function lock(
  dataFolder: string,
  name: string,
  how: { readonly statement: string; readonly timeoutMs: number },
): Disposable | undefined {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dataFolder, name), { timeout: how.timeoutMs });
  try {
    database.exec(how.statement);
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}
