import type { Command } from 'commander';
import { environmentName, loadSettings, SETTINGS_FILE } from '../server/load-settings.ts';
import { descriptionOf, expectation, SETTINGS, type SettingKey } from '../server/settings.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './serve.ts';
import { table } from './table.ts';

export function configCommand(): Command {
  const config = command('config', 'Settings').action(show);
  config.addCommand(command('show', 'Print every setting, its value and where it comes from').action(show));
  return config;
}

function show(options: CommonOptions): void {
  const { settings, sources } = loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags: [],
  });
  const keys = Object.keys(SETTINGS) as SettingKey[];
  const rows = keys.map((key) => ({
    key,
    value: settings[key],
    source: sources[key],
    expected: expectation(SETTINGS[key]),
    environment: environmentName(key),
    description: descriptionOf(key),
  }));
  print(
    options,
    rows,
    () =>
      `Settings file: ${SETTINGS_FILE} in the data folder\n\n` +
      table(
        ['SETTING', 'VALUE', 'FROM', 'MEANING'],
        rows.map((row) => [row.key, String(row.value) || '-', row.source, row.description]),
      ),
  );
}
