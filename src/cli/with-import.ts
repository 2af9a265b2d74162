import { setTimeout as delay } from 'node:timers/promises';
import { OakumError } from '../errors/oakum-error.ts';
import { holdImportLock } from '../store/import-lock.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { dataFolder, type CommonOptions } from './common.ts';

const RETRY_MS = 100;

/** Runs an import on the store of the data folder, which is made when there is none; while another one runs, it waits and says so. */
export async function withImport<T>(options: CommonOptions, task: (store: Store) => Promise<T>): Promise<T> {
  using _lock = await importLock(dataFolder(options));
  const store = await openStore({ dataFolder: dataFolder(options), now: Date.now });
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

async function importLock(folder: string): Promise<Disposable> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return holdImportLock(folder);
    } catch (error) {
      if (!(error instanceof OakumError) || error.code !== 'OAK_IMPORT_BUSY') throw error;
      if (isFirst) process.stderr.write('oakum: waiting for another import into this data folder to end\n');
      await delay(RETRY_MS);
    }
  }
}
