import type { Command } from 'commander';
import { setSetting, unsetSetting } from '../admin/settings.ts';
import {
  environmentName,
  loadSettings,
  SETTINGS_FILE,
  type LoadedSettings,
} from '../server/load-settings.ts';
import { descriptionOf, expectation, isStorable, SETTINGS, type SettingKey } from '../server/settings.ts';
import { SETTINGS_TABLE } from '../server/settings-table.ts';
import { localCaller } from './caller.ts';
import { command, dataFolder, print, withExistingStore, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { oneLine, table } from './table.ts';

export function configCommand(): Command {
  const config = command('config', 'Settings').action(show);
  config.addCommand(command('show', 'Print every setting, its value and where it comes from').action(show));
  config.addCommand(
    changing('set', 'Keep a setting in the store, for every server of it, from its next start on')
      .argument('<key>', 'the setting')
      .argument('<value>', 'its value')
      .action(set),
  );
  config.addCommand(
    changing('unset', 'Take a setting out of the store again').argument('<key>', 'the setting').action(unset),
  );
  return config;
}

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

function changing(name: string, description: string): Command {
  return command(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

async function set(key: string, value: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const counts = whatCounts(key, options);
  const stored = await withExistingStore(options, (store) =>
    setSetting(store.db, localCaller(), SETTINGS_TABLE, { key, value, dryRun, nowMs: Date.now() }),
  );
  print(options, stored, () => said(options, `${key} = ${JSON.stringify(stored.value)}`, counts));
}

async function unset(key: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const counts = whatCounts(key, options);
  const stored = await withExistingStore(options, (store) =>
    unsetSetting(store.db, localCaller(), SETTINGS_TABLE, { key, dryRun, nowMs: Date.now() }),
  );
  print(options, stored ?? null, () =>
    stored === undefined ? `${key} was not stored` : said(options, `${key} is no longer stored`, counts),
  );
}

function said(options: ChangeOptions, done: string, counts: string): string {
  return `${options.dryRun === true ? 'dry run: ' : ''}${oneLine(done)}\n${oneLine(counts)}`;
}

/** When the stored value counts, or what counts instead. */
function whatCounts(key: string, options: CommonOptions): string {
  const { settings, sources } = load(options);
  const source = Object.hasOwn(sources, key) ? sources[key as SettingKey] : 'default';
  return source === 'file' || source === 'environment'
    ? `The ${source} says ${JSON.stringify(settings[key as SettingKey])}, and that counts.`
    : 'Servers take it when they start: restart those that run.';
}

function load(options: CommonOptions): LoadedSettings {
  return loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags: [],
  });
}

function show(options: CommonOptions): void {
  const { settings, sources, warnings } = load(options);
  for (const warning of warnings) process.stderr.write(`oakum: ${oneLine(warning)}\n`);
  const keys = Object.keys(SETTINGS) as SettingKey[];
  const rows = keys.map((key) => ({
    key,
    value: settings[key],
    source: sources[key],
    expected: expectation(SETTINGS[key]),
    storable: isStorable(key),
    environment: environmentName(key),
    description: descriptionOf(key),
  }));
  print(
    options,
    rows,
    () =>
      `Settings file: ${SETTINGS_FILE} in the data folder; it overrides the store, and the environment overrides it\n\n` +
      table(
        ['SETTING', 'VALUE', 'FROM', 'MEANING'],
        rows.map((row) => [row.key, String(row.value) || '-', row.source, row.description]),
      ),
  );
}
