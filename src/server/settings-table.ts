import type { SettingsTable } from '../admin/settings.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { resolveSettings } from './resolve-settings.ts';
import { defaultOf, descriptionOf, expectation, isStorable, SETTINGS, type SettingKey } from './settings.ts';

/** The declared settings, for the rooms below that must not know them. */
export const SETTINGS_TABLE: SettingsTable = {
  keys: Object.keys(SETTINGS),
  storable(key, value) {
    // Whether there is such a setting comes first, and what it is worth last.
    if (Object.hasOwn(SETTINGS, key) && !isStorable(key as SettingKey))
      throw new OakumError('OAK_SETTING_NOT_STORED', { detail: `"${key}".` });
    return resolveSettings([{ key, value, source: 'store' }]).settings[key as SettingKey];
  },
  describe(name) {
    const key = name as SettingKey;
    return {
      description: descriptionOf(key),
      default: defaultOf(key),
      expected: expectation(SETTINGS[key]),
      storable: isStorable(key),
    };
  },
};
