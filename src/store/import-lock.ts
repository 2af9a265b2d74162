import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OakumError } from '../errors/oakum-error.ts';

/** `SQLITE_BUSY` in its low byte. */
const BUSY = 5;

/**
 * Lets only one process import into a data folder: two would take each other's unfinished revisions for left
 * behind ones. The lock is SQLite's own on an empty database, so it ends with the process, however that ends.
 *
 * @throws OakumError OAK_IMPORT_BUSY while another process holds it
 */
export function holdImportLock(dataFolder: string): Disposable {
  mkdirSync(dataFolder, { recursive: true });
  const database = new DatabaseSync(join(dataFolder, 'import.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const { errcode = 0 } = error as { readonly errcode?: number };
    throw (errcode & 0xff) === BUSY ? new OakumError('OAK_IMPORT_BUSY', { cause: error }) : error;
  }
  return { [Symbol.dispose]: () => database.close() };
}
