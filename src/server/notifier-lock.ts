import { holdProcessLock } from '../store/process-lock.ts';

const NAME = 'notifier.lock';

/** Lets only one process deliver notifications of a data folder; undefined while another one does. */
export function holdNotifierLock(dataFolder: string): Disposable | undefined {
  return holdProcessLock(dataFolder, NAME);
}

export function isNotifierAtWork(dataFolder: string): boolean {
  const lock = holdNotifierLock(dataFolder);
  lock?.[Symbol.dispose]();
  return lock === undefined;
}
