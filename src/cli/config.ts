import type { Command } from 'commander';
import { settings as operations } from '../api/operations/settings.ts';
import {
  environmentName,
  loadSettings,
  SETTINGS_FILE,
  type LoadedSettings,
} from '../server/load-settings.ts';
import { descriptionOf, expectation, isStorable, SETTINGS, type SettingKey } from '../server/settings.ts';
import { dataFolder, doorCommand, print, type CommonOptions } from './common.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table } from './table.ts';
import { withDoor } from './with-door.ts';

export function configCommand(): Command {
  const config = doorCommand('config', 'Settings').action(show);
  config.addCommand(
    doorCommand('show', 'Print every setting, its value and where it comes from').action(show),
  );
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
  return doorCommand(name, description).option('--dry-run', 'tell what would change, and change nothing');
}

async function set(key: string, value: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const { override, ...stored } = await withDoor(options, (door) =>
    door.change(operations.set, { key, value, dryRun }),
  );
  print(options, stored, () => said(options, `${key} = ${JSON.stringify(stored.value)}`, override));
}

async function unset(key: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const { removed, override } = await withDoor(options, (door) =>
    door.change(operations.unset, { key, dryRun }),
  );
  print(options, removed, () =>
    removed === null ? `${key} was not stored` : said(options, `${key} is no longer stored`, override),
  );
}

/** What was done, and when the stored value counts, or what counts instead. */
function said(
  options: ChangeOptions,
  done: string,
  override: { readonly source: string; readonly value: unknown } | null,
): string {
  const counts =
    override === null
      ? 'Servers take it when they start: restart those that run.'
      : `The ${override.source} says ${JSON.stringify(override.value)}, and that counts.`;
  return `${options.dryRun === true ? 'dry run: ' : ''}${oneLine(done)}\n${oneLine(counts)}`;
}

function load(options: CommonOptions): LoadedSettings {
  return loadSettings({
    dataFolder: dataFolder(options),
    environment: settingsEnvironment(),
    flags: [],
  });
}

interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  readonly expected: string;
  readonly storable: boolean;
  readonly environment: string;
  readonly description: string;
}

async function show(options: CommonOptions): Promise<void> {
  const rows = options.server === undefined ? rowsHere(options) : await rowsOfServer(options);
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

/** Also without a store, and whether or not a server runs. */
function rowsHere(options: CommonOptions): Row[] {
  const { settings, sources, warnings } = load(options);
  for (const warning of warnings) process.stderr.write(`oakum: ${oneLine(warning)}\n`);
  const keys = Object.keys(SETTINGS) as SettingKey[];
  return keys.map((key) => ({
    key,
    value: settings[key],
    source: sources[key],
    expected: expectation(SETTINGS[key]),
    storable: isStorable(key),
    environment: environmentName(key),
    description: descriptionOf(key),
  }));
}

const MOST_SETTINGS = 10_000;

/** What a server goes by that runs. */
async function rowsOfServer(options: CommonOptions): Promise<Row[]> {
  const settings = await withDoor(options, (door) => door.list(operations.list, {}, MOST_SETTINGS));
  return settings.map(({ key, value, source, expected, storable, description }) => ({
    ...{ key, value, source, expected, storable, environment: environmentName(key), description },
  }));
}
