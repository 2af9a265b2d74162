import { holdImportLock } from '../store/import-lock.ts';
import type { Store } from '../store/open-store.ts';
import { dataFolder, withStore, type CommonOptions } from './common.ts';

/** Runs an import on the store of the data folder, while no other one does. */
export async function withImport<T>(options: CommonOptions, task: (store: Store) => Promise<T>): Promise<T> {
  using _lock = holdImportLock(dataFolder(options));
  return await withStore(options, task);
}
