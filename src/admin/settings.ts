import { OakumError } from '../errors/oakum-error.ts';
import { appendAudit, canonicalJson } from '../store/audit.ts';
import type { DbOrTx } from '../store/schema.ts';
import { deleteSetting, listSettings, putSetting, type StoredSetting } from '../store/settings.ts';
import type { Caller } from './caller.ts';
import { inTransaction } from './dry-run.ts';

/** What can be set, put in by whoever knows: the declarations belong to the server. */
export interface SettingsTable {
  readonly keys: readonly string[];
  /**
   * A value as it is stored; a text is read as the setting's type.
   *
   * @throws OakumError OAK_SETTING_UNKNOWN with the nearest name, OAK_SETTING_INVALID, OAK_SETTING_NOT_STORED
   */
  storable(key: string, value: unknown): unknown;
  describe(key: string): SettingDescription;
}

export interface SettingDescription {
  readonly description: string;
  readonly default: unknown;
  /** What a value looks like, for people. */
  readonly expected: string;
  /** Whether it may be kept in the store. */
  readonly storable: boolean;
}

/** What a running process goes by. */
export interface RunningSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly sources: Readonly<Record<string, string>>;
}

/** A setting as administrators see it. */
export interface SettingView extends SettingDescription {
  readonly key: string;
  /** What the process that is asked goes by, and where it has it from. */
  readonly value: unknown;
  readonly source: string;
  /** What the store says; it counts unless the file, the environment or a flag says otherwise. */
  readonly stored: Omit<StoredSetting, 'key'> | null;
  /** The store says something else than the process read when it started. */
  readonly restartNeeded: boolean;
}

/** Every setting. */
export async function viewSettings(
  db: DbOrTx,
  table: SettingsTable,
  running: RunningSettings,
): Promise<SettingView[]> {
  const stored = new Map((await listSettings(db)).map(({ key, ...one }) => [key, one]));
  return table.keys.map((key) => {
    const description = table.describe(key);
    const value = running.settings[key];
    const source = running.sources[key];
    const next = storedValue(table, key, stored.get(key)) ?? description.default;
    const fromStore = source === 'store' || source === 'default';
    return {
      key,
      ...description,
      value,
      source,
      stored: stored.get(key) ?? null,
      restartNeeded: fromStore && canonicalJson(next) !== canonicalJson(value),
    };
  });
}

/** @throws OakumError OAK_SETTING_UNKNOWN with the nearest name */
export async function viewSetting(
  db: DbOrTx,
  table: SettingsTable,
  running: RunningSettings,
  key: string,
): Promise<SettingView> {
  const found = (await viewSettings(db, table, running)).find((one) => one.key === key);
  if (found !== undefined) return found;
  table.storable(key, null);
  throw new OakumError('OAK_SETTING_UNKNOWN', { detail: `"${key}".` });
}

/** Undefined for what an older version stored and this one does not take. */
function storedValue(
  table: SettingsTable,
  key: string,
  stored: Omit<StoredSetting, 'key'> | undefined,
): unknown {
  if (stored === undefined) return undefined;
  try {
    return table.storable(key, stored.value);
  } catch (error) {
    if (error instanceof OakumError) return undefined;
    throw error;
  }
}

export interface SettingRequest {
  readonly key: string;
  readonly value: unknown;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/**
 * Keeps a setting in the store, for every server of it, from its next start on. The settings file, the environment
 * and flags override it.
 *
 * @throws OakumError OAK_SETTING_UNKNOWN, OAK_SETTING_INVALID, OAK_SETTING_NOT_STORED
 */
export async function setSetting(
  db: DbOrTx,
  caller: Caller,
  table: SettingsTable,
  request: SettingRequest,
): Promise<StoredSetting> {
  const { key, nowMs } = request;
  const value = table.storable(key, request.value);
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = (await listSettings(tx)).find((one) => one.key === key);
    if (before !== undefined && canonicalJson(before.value) === canonicalJson(value)) return before;
    const after = { key, value, changedMs: nowMs, caller: caller.name };
    await putSetting(tx, after);
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: 'setting.set',
      subject: key,
      ...(before === undefined ? {} : { before: { value: before.value } }),
      after: { value },
    });
    return after;
  });
}

/**
 * Takes a setting out of the store, also one that this version does not know. Nothing happens to one that is not
 * there.
 *
 * @returns what was stored
 * @throws OakumError OAK_SETTING_UNKNOWN for a name that neither is a setting nor was stored
 */
export async function unsetSetting(
  db: DbOrTx,
  caller: Caller,
  table: SettingsTable,
  request: Omit<SettingRequest, 'value'>,
): Promise<StoredSetting | undefined> {
  const { key, nowMs } = request;
  return inTransaction(db, request.dryRun, async (tx) => {
    const before = (await listSettings(tx)).find((one) => one.key === key);
    if (before === undefined) {
      // For its error about a name that is misspelt.
      if (!table.keys.includes(key)) table.storable(key, null);
      return undefined;
    }
    await deleteSetting(tx, key);
    await appendAudit(tx, {
      timeMs: nowMs,
      caller: caller.name,
      action: 'setting.unset',
      subject: key,
      before: { value: before.value },
    });
    return before;
  });
}
