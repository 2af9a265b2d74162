import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { OakumError } from '../errors/oakum-error.ts';
import { readStoredSettings } from '../store/settings.ts';
import { SETTINGS_TABLE } from './settings-table.ts';
import {
  resolveSettings,
  unknownSetting,
  type ResolvedSettings,
  type SettingValue,
} from './resolve-settings.ts';
import { SETTINGS } from './settings.ts';

export const SETTINGS_FILE = 'oakum.toml';

export interface SettingsInput {
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `key=value` pairs from the command line. */
  readonly flags: readonly string[];
}

export interface LoadedSettings extends ResolvedSettings {
  /** Sentences about what the store says and this version does not take. */
  readonly warnings: readonly string[];
}

/**
 * Settings from the store, then the file `oakum.toml` in the data folder, then the environment
 * (`OAKUM_SYNC_PAGE_UPDATES` for `sync.pageUpdates`), then the command line. What is stored was right when it was
 * stored: if this version does not take it, it is left out with a warning, so that an administrator can start the
 * server and set it right.
 *
 * @throws OakumError OAK_SETTING_UNKNOWN, OAK_SETTING_INVALID, OAK_SETTINGS_FILE, OAK_STORE_UNUSABLE
 */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const stored = fromStore(input.dataFolder);
  const resolved = resolveSettings([
    ...stored.values,
    ...fromFile(join(input.dataFolder, SETTINGS_FILE)),
    ...fromEnvironment(input.environment),
    ...input.flags.map(fromFlag),
  ]);
  return { ...resolved, warnings: stored.warnings };
}

function fromStore(dataFolder: string): {
  readonly values: readonly SettingValue[];
  readonly warnings: readonly string[];
} {
  const values: SettingValue[] = [];
  const warnings: string[] = [];
  for (const { key, value } of readStoredSettings(dataFolder)) {
    try {
      values.push({ key, value: SETTINGS_TABLE.storable(key, value), source: 'store' });
    } catch (error) {
      if (!(error instanceof OakumError)) throw error;
      warnings.push(`The stored setting is left out: ${error.message}`);
    }
  }
  return { values, warnings };
}

function fromFile(path: string): SettingValue[] {
  if (!existsSync(path)) return [];
  try {
    return flatten(parse(readFileSync(path, 'utf8')), '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    const place = cause instanceof TomlError ? ` line ${cause.line}, column ${cause.column}:` : '';
    throw new OakumError('OAK_SETTINGS_FILE', { detail: `${path}:${place} ${reason}.`, cause });
  }
}

function flatten(table: Readonly<Record<string, unknown>>, prefix: string): SettingValue[] {
  return Object.entries(table).flatMap(([name, value]) =>
    isTable(value)
      ? flatten(value, `${prefix}${name}.`)
      : [
          {
            key: prefix + name,
            value: typeof value === 'bigint' ? Number(value) : value,
            source: 'file' as const,
          },
        ],
  );
}

// Dates are objects, too: passed over as tables without entries, they would leave the default without a word.
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The environment variable of a setting. */
export function environmentName(key: string): string {
  return `OAKUM_${key
    .replaceAll('.', '_')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`;
}

function fromEnvironment(environment: SettingsInput['environment']): SettingValue[] {
  const keyOf = new Map(Object.keys(SETTINGS).map((key) => [environmentName(key), key]));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.startsWith('OAKUM_') || value === undefined) return [];
    const key = keyOf.get(name);
    // An unknown OAKUM_ variable is as likely a misspelt setting as an unknown key in the file.
    if (key === undefined) throw unknownSetting(name, 'environment', [...keyOf.keys()]);
    return [{ key, value, source: 'environment' as const }];
  });
}

function fromFlag(pair: string): SettingValue {
  const equals = pair.indexOf('=');
  if (equals <= 0)
    throw new OakumError('OAK_SETTING_INVALID', { detail: `"${pair}" is not of the form key=value.` });
  return { key: pair.slice(0, equals), value: pair.slice(equals + 1), source: 'flag' };
}
