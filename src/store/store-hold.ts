import { OakumError } from '../errors/oakum-error.ts';
import { holdProcessLock, shareProcessLock } from './process-lock.ts';

const NAME = 'store.lock';
const WAIT_MS = 2000;

/**
 * Says that a process works with the store of a data folder, for as long as it does. Servers, their workers and
 * commands share this hold: SQLite lets them work beside each other.
 *
 * @throws OakumError OAK_RESTORE_UNDER_WAY while the store is being replaced
 */
export function shareStore(dataFolder: string): Disposable {
  const hold = shareProcessLock(dataFolder, NAME, WAIT_MS);
  if (hold === undefined) throw new OakumError('OAK_RESTORE_UNDER_WAY');
  return hold;
}

/**
 * Keeps everybody else from the store, to put another one in its place: a server that has the old files open
 * would go on with them and write what nobody reads again.
 *
 * @throws OakumError OAK_STORE_IN_USE while any process works with it
 */
export function holdStoreAlone(dataFolder: string): Disposable {
  const hold = holdProcessLock(dataFolder, NAME);
  if (hold === undefined) throw new OakumError('OAK_STORE_IN_USE');
  return hold;
}
