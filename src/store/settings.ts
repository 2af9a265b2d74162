import { existsSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';
import { connect, databasePath } from './connect.ts';
import type { DbOrTx, Tx } from './schema.ts';

/** A setting that an administrator keeps in the store. */
export interface StoredSetting {
  readonly key: string;
  readonly value: unknown;
  readonly changedMs: number;
  readonly caller: string;
}

export async function listSettings(db: DbOrTx): Promise<StoredSetting[]> {
  const rows = await db.selectFrom('setting').selectAll().orderBy('key').execute();
  return rows.map((row) => ({
    key: row.key,
    value: parsed(row.value),
    changedMs: row.changed_ms,
    caller: row.caller,
  }));
}

/** Stores a value in place of what was stored. */
export async function putSetting(tx: Tx, setting: StoredSetting): Promise<void> {
  const { key, caller } = setting;
  const change = { value: JSON.stringify(setting.value), changed_ms: setting.changedMs, caller };
  await tx
    .insertInto('setting')
    .values({ key, ...change })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(change))
    .execute();
}

export async function deleteSetting(tx: Tx, key: string): Promise<void> {
  await tx.deleteFrom('setting').where('key', '=', key).execute();
}

/**
 * What is stored in a data folder, before anybody opens the store: for whoever needs settings to open it. Creates
 * and migrates nothing; a store that is not there, or older than this, has none.
 *
 * @throws OakumError OAK_STORE_UNUSABLE when it is there and cannot be read: to go on with other settings than
 *   those that somebody chose would be worse
 */
export function readStoredSettings(dataFolder: string): Pick<StoredSetting, 'key' | 'value'>[] {
  const path = databasePath(dataFolder);
  if (!existsSync(path)) return [];
  try {
    using database = connect(path, { readOnly: true, cacheMebibytes: 1 });
    const there = database
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'setting'")
      .get();
    if (there === undefined) return [];
    const rows = database.prepare('SELECT key, value FROM setting ORDER BY key').all();
    return rows.map((row) => ({ key: String(row.key), value: parsed(String(row.value)) }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_STORE_UNUSABLE', { detail: `${path}: ${reason.replace(/\.$/, '')}.`, cause });
  }
}

/** What is no JSON is no value of any setting, either: whoever checks it says so. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
