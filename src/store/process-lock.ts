import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './connect.ts';

/**
 * Lets only one process do something with a data folder. The lock is SQLite's own on an empty database, so it
 * ends with the process, however that ends.
 *
 * @param name of the file
 * @returns undefined while another process holds it
 */
export function holdProcessLock(dataFolder: string, name: string): Disposable | undefined {
  mkdirSync(dataFolder, { recursive: true });
  const database = new DatabaseSync(join(dataFolder, name), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}
