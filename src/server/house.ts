import { join, resolve } from 'node:path';
import { BACKUPS_FOLDER } from '../admin/backup/data-files.ts';
import type { House } from '../api/house.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import type { Store } from '../store/open-store.ts';
import { readSnapshot } from '../store/snapshot-reader.ts';
import { readSequence } from '../store/sequence.ts';
import { housekeepingPolicy } from './housekeeping-policy.ts';
import { watchLimits, watchOptions } from './notification-watch.ts';
import { SETTINGS_TABLE } from './settings-table.ts';
import type { ResolvedSettings } from './resolve-settings.ts';

export interface HouseOptions {
  readonly dataFolder: string;
  readonly store: Pick<Store, 'db' | 'reader'>;
  readonly settings: () => ResolvedSettings;
  readonly onJobWaiting?: () => void;
}

/** A catalogue takes hundreds of megabytes when it is large, and is asked for in bursts. */
const CATALOG_KEPT_MS = 60_000;

/** What operations work with, for a data folder. */
export function openHouse(options: HouseOptions): House {
  const { dataFolder, store } = options;
  let kept: { readonly change: number; readonly snapshot: CatalogSnapshot } | undefined;
  let forget: NodeJS.Timeout | undefined;
  return {
    dataFolder,
    settingsTable: SETTINGS_TABLE,
    configuration: () => {
      const running = options.settings();
      const { settings } = running;
      return {
        targeting: settings['clients.targeting'],
        housekeeping: housekeepingPolicy(settings),
        secondPerson: settings['approvals.secondPerson'],
        notifications: watchOptions(watchLimits(settings, dataFolder)),
        backupsFolder: resolve(dataFolder, settings['backups.folder'] || BACKUPS_FOLDER),
        running,
      };
    },
    content: () => openFolderContentStore(join(dataFolder, 'content')),
    async catalog() {
      const change = await readSequence(store.db, 'catalog_change');
      if (kept?.change !== change) kept = { change, snapshot: readSnapshot(store.reader) };
      clearTimeout(forget);
      forget = setTimeout(() => (kept = undefined), CATALOG_KEPT_MS);
      forget.unref();
      return kept.snapshot;
    },
    // Much is read for it that few commands need; so for the next one.
    patient: async () =>
      (await import('./patient.ts')).openPatient(dataFolder, () => options.settings().settings),
    nouns: async () => (await import('../api/operations/index.ts')).NOUNS,
    onJobWaiting: options.onJobWaiting ?? (() => undefined),
  };
}
