import type { Patient } from '../admin/doctor/check.ts';
import type { WatchOptions } from '../admin/notify/watch-conditions.ts';
import type { RunningSettings, SettingsTable } from '../admin/settings.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { ContentStore } from '../content/content-store.ts';
import type { HousekeepingPolicy } from '../fleet/housekeeping-task.ts';
import type { TargetingMode } from '../fleet/targeting.ts';

/** What operations work with beside the store. Whoever composes the program provides it. */
export interface House {
  readonly dataFolder: string;
  /** What can be set. */
  readonly settingsTable: SettingsTable;
  /** @throws OakumError when a setting is not what it may be */
  configuration(): Configuration;
  content(): Promise<ContentStore>;
  /** The catalogue as the store has it now. Reading it takes up to seconds; it is kept for a while. */
  catalog(): Promise<CatalogSnapshot>;
  /** The data folder as a doctor looks at it. */
  patient(): Promise<Patient & Disposable>;
  /** What scopes of tokens may name. */
  nouns(): Promise<readonly string[]>;
  /** Says that a job waits for its turn. */
  onJobWaiting(): void;
}

/** The settings that decide what operations do. */
export interface Configuration {
  readonly targeting: TargetingMode;
  readonly housekeeping: HousekeepingPolicy;
  /** Whether somebody else confirms what brings updates onto all computers. */
  readonly secondPerson: boolean;
  readonly notifications: WatchOptions;
  /** Where backups go. */
  readonly backupsFolder: string;
  /** All of them, with where they come from. */
  readonly running: RunningSettings;
}
