import { OakumError } from '../errors/oakum-error.ts';
import { holdProcessLock } from './process-lock.ts';

const NAME = 'housekeeping.lock';

/** Whether some process keeps a data folder in order right now. */
export function isHousekeepingUnderWay(dataFolder: string): boolean {
  const lock = holdProcessLock(dataFolder, NAME);
  lock?.[Symbol.dispose]();
  return lock === undefined;
}

/**
 * Lets only one process keep a data folder in order.
 *
 * @throws OakumError OAK_HOUSEKEEPING_BUSY while another process does
 */
export function holdHousekeepingLock(dataFolder: string): Disposable {
  const lock = holdProcessLock(dataFolder, NAME);
  if (lock === undefined) throw new OakumError('OAK_HOUSEKEEPING_BUSY');
  return lock;
}
