import { OakumError } from '../errors/oakum-error.ts';
import { holdProcessLock } from './process-lock.ts';

/**
 * Lets only one process import into a data folder: two would take each other's unfinished revisions for left
 * behind ones.
 *
 * @throws OakumError OAK_IMPORT_BUSY while another process holds it
 */
export function holdImportLock(dataFolder: string): Disposable {
  const lock = holdProcessLock(dataFolder, 'import.lock');
  if (lock === undefined) throw new OakumError('OAK_IMPORT_BUSY');
  return lock;
}
