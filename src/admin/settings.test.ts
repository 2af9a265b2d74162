import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TempStore } from '../../test/support/temp-store.ts';
import { resolveSettings } from '../server/resolve-settings.ts';
import { SETTINGS } from '../server/settings.ts';
import { SETTINGS_TABLE } from '../server/settings-table.ts';
import { listAudit } from '../store/audit.ts';
import { listSettings } from '../store/settings.ts';
import { setSetting, unsetSetting, viewSettings } from './settings.ts';

const caller = { name: 'test' };
const set = (temp: TempStore, key: string, value: unknown, dryRun = false) =>
  setSetting(temp.db, caller, SETTINGS_TABLE, { key, value, dryRun, nowMs: 5 });
const unset = (temp: TempStore, key: string) =>
  unsetSetting(temp.db, caller, SETTINGS_TABLE, { key, nowMs: 6 });

describe('stored settings', () => {
  test('are set, changed, taken back, and written down', async () => {
    await using temp = await TempStore.open();
    const stored = { key: 'sync.pageUpdates', value: 30, changedMs: 5, caller: 'test' };
    assert.deepEqual(await set(temp, 'sync.pageUpdates', '30'), stored);
    assert.deepEqual(await listSettings(temp.db), [stored]);
    await set(temp, 'sync.pageUpdates', 30);
    await set(temp, 'sync.pageUpdates', 40);
    assert.equal((await unset(temp, 'sync.pageUpdates'))?.value, 40);
    assert.equal(await unset(temp, 'sync.pageUpdates'), undefined);
    const entries = (await listAudit(temp.db, { action: 'setting' })).map(({ action, before, after }) => [
      action,
      before,
      after,
    ]);
    assert.deepEqual(entries.reverse(), [
      ['setting.set', undefined, { value: 30 }],
      ['setting.set', { value: 30 }, { value: 40 }],
      ['setting.unset', { value: 40 }, undefined],
    ]);
  });

  test('are left alone by a dry run', async () => {
    await using temp = await TempStore.open();
    await set(temp, 'sync.pageUpdates', 30, true);
    assert.deepEqual([await listSettings(temp.db), await temp.count('audit')], [[], 0]);
  });

  for (const [what, key, value, code] of [
    ['an unknown one', 'sync.pageUpdate', 3, 'OAK_SETTING_UNKNOWN'],
    ['one out of bounds', 'sync.pageUpdates', 0, 'OAK_SETTING_INVALID'],
    ['one that is no value', 'sync.pageUpdates', { toString: 'x' }, 'OAK_SETTING_INVALID'],
    ['one of the machine', 'listen', '0.0.0.0:80', 'OAK_SETTING_NOT_STORED'],
    ['the prototype', '__proto__', 1, 'OAK_SETTING_UNKNOWN'],
  ] as const) {
    test(`refuse ${what}`, async () => {
      await using temp = await TempStore.open();
      await assert.rejects(set(temp, key, value), { code });
      assert.equal(await temp.count('setting'), 0);
    });
  }

  test('that an older version stored can be taken back; others must be known', async () => {
    await using temp = await TempStore.open();
    await temp.db
      .insertInto('setting')
      .values({ key: 'sync.gone', value: 'no JSON', changed_ms: 1, caller: 'x' })
      .execute();
    assert.equal((await unset(temp, 'sync.gone'))?.value, null);
    await assert.rejects(unset(temp, 'sync.gone'), { code: 'OAK_SETTING_UNKNOWN' });
    assert.equal(await unset(temp, 'listen'), undefined);
  });

  test('are shown with what runs, and whether that needs a restart', async () => {
    await using temp = await TempStore.open();
    await set(temp, 'sync.pageUpdates', 30);
    await set(temp, 'log.level', 'warn');
    await set(temp, 'cookies.lifetimeMinutes', 30);
    const running = resolveSettings([
      { key: 'log.level', value: 'debug', source: 'file' },
      { key: 'cookies.lifetimeMinutes', value: 30, source: 'store' },
      { key: 'sync.pageBytes', value: 100_000, source: 'store' },
    ]);
    const views = await viewSettings(temp.db, SETTINGS_TABLE, running);
    assert.equal(views.length, Object.keys(SETTINGS).length);
    const shown = (key: string) => {
      const { value, source, stored, restartNeeded } = views.find((one) => one.key === key)!;
      return [value, source, stored?.value ?? null, restartNeeded];
    };
    assert.deepEqual(shown('sync.pageUpdates'), [200, 'default', 30, true]);
    // The file counts, before a restart and after it.
    assert.deepEqual(shown('log.level'), ['debug', 'file', 'warn', false]);
    assert.deepEqual(shown('cookies.lifetimeMinutes'), [30, 'store', 30, false]);
    assert.deepEqual(shown('sync.pageBytes'), [100_000, 'store', null, true]);
    assert.deepEqual(shown('listen'), ['0.0.0.0:8530', 'default', null, false]);
  });
});
