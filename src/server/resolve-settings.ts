import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import {
  defaultOf,
  descriptionOf,
  expectation,
  SETTINGS,
  type SettingKey,
  type Settings,
} from './settings.ts';

/** Where a value came from, for "oakum config show". */
export type SettingSource = 'default' | 'store' | 'file' | 'environment' | 'flag';

export interface SettingValue {
  readonly key: string;
  /** A string from the environment or a flag is read as the setting's type. */
  readonly value: unknown;
  readonly source: SettingSource;
}

export interface ResolvedSettings {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingKey, SettingSource>>;
}

/**
 * The settings that hold: defaults, overridden by what is given, later values over earlier ones.
 *
 * @throws OakumError OAK_SETTING_UNKNOWN with the nearest name, OAK_SETTING_INVALID with what is expected
 */
export function resolveSettings(given: readonly SettingValue[]): ResolvedSettings {
  const keys = Object.keys(SETTINGS) as SettingKey[];
  const settings: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const key of keys) {
    settings[key] = defaultOf(key);
    sources[key] = 'default';
  }
  for (const { key, value, source } of given) {
    if (!isSettingKey(key)) throw unknownSetting(key, source, keys);
    settings[key] = checked(key, value, source);
    sources[key] = source;
  }
  return { settings: settings as Settings, sources: sources as ResolvedSettings['sources'] };
}

/** The error for a name that no setting has, with the nearest one that has a setting. */
export function unknownSetting(name: string, source: SettingSource, known: readonly string[]): OakumError {
  const nearest = nearestName(name, known);
  return new OakumError('OAK_SETTING_UNKNOWN', {
    detail: `"${name}" (${source}).${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
  });
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

function checked(key: SettingKey, value: unknown, source: SettingSource): unknown {
  const schema: TSchema = SETTINGS[key];
  const typed = typeof value === 'string' ? fromText(schema, value) : value;
  if (Value.Check(schema, typed)) return typed;
  throw new OakumError('OAK_SETTING_INVALID', {
    detail: `"${key}" is ${JSON.stringify(value)} (${source}); expected ${expectation(schema)}.${formOf(key)}`,
  });
}

/** Only its description says what a text looks like. */
function formOf(key: SettingKey): string {
  return (SETTINGS[key] as { readonly type?: string }).type === 'string' ? ` ${descriptionOf(key)}` : '';
}

function fromText(schema: TSchema, text: string): unknown {
  const type = (schema as { readonly type?: string }).type;
  if (type === 'integer') return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (type === 'boolean') return { true: true, false: false }[text.trim().toLowerCase()] ?? text;
  return text;
}
