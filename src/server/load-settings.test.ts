import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test, type TestContext } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { openStore } from '../store/open-store.ts';
import { environmentName, loadSettings, SETTINGS_FILE, type SettingsInput } from './load-settings.ts';
import { defaultOf, SETTINGS, type SettingKey } from './settings.ts';

function folder(t: TestContext, file?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  if (file !== undefined) writeFileSync(join(path, SETTINGS_FILE), file);
  return path;
}
const load = (dataFolder: string, input: Partial<SettingsInput> = {}) =>
  loadSettings({ dataFolder, environment: {}, flags: [], ...input });

describe('the environment variable', () => {
  for (const [key, name] of [
    ['listen', 'OAKUM_LISTEN'],
    ['content.baseUrl', 'OAKUM_CONTENT_BASE_URL'],
    ['sync.pageUpdates', 'OAKUM_SYNC_PAGE_UPDATES'],
    ['memory.fragmentCacheBytes', 'OAKUM_MEMORY_FRAGMENT_CACHE_BYTES'],
  ] as const) {
    test(`of ${key} is ${name}`, () => assert.equal(environmentName(key), name));
  }

  test('of each setting is its own', () => {
    const names = Object.keys(SETTINGS).map(environmentName);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => /^OAKUM_[A-Z_]+$/.test(name)));
  });
});

describe('settings come', () => {
  test('from nowhere: the defaults hold', (t) => {
    const { settings } = load(folder(t), { environment: { PATH: '/bin', HOME: '/root' } });
    for (const key of Object.keys(SETTINGS) as SettingKey[]) assert.equal(settings[key], defaultOf(key));
  });

  test('from the file, in tables or with dots', (t) => {
    const { settings, sources } = load(
      folder(
        t,
        'listen = "[::]:80"\nclients.registrationRequired = false\n[sync]\npageUpdates = 30\npageBytes = 0x100000\n',
      ),
    );
    assert.deepEqual(
      [
        settings.listen,
        settings['clients.registrationRequired'],
        settings['sync.pageUpdates'],
        settings['sync.pageBytes'],
      ],
      ['[::]:80', false, 30, 1_048_576],
    );
    assert.deepEqual([sources['sync.pageUpdates'], sources['sync.maxListedIds']], ['file', 'default']);
  });

  test('from the environment over the file, and from the command line over both', (t) => {
    const dataFolder = folder(t, '[sync]\npageUpdates = 30\nmaxListedIds = 500\nmaxExtendedUpdates = 5\n');
    const { settings, sources } = load(dataFolder, {
      environment: {
        OAKUM_SYNC_PAGE_UPDATES: '40',
        OAKUM_SYNC_MAX_LISTED_IDS: '600',
        OAKUM_LISTEN: undefined,
      },
      flags: ['sync.pageUpdates=50', 'clients.packageServerShare=\\\\a\\b=c'],
    });
    assert.deepEqual(
      (
        [
          'sync.pageUpdates',
          'sync.maxListedIds',
          'sync.maxExtendedUpdates',
          'clients.packageServerShare',
        ] as const
      ).map((key) => [settings[key], sources[key]]),
      [
        [50, 'flag'],
        [600, 'environment'],
        [5, 'file'],
        ['\\\\a\\b=c', 'flag'],
      ],
    );
  });
});

describe('settings are refused', () => {
  for (const [name, file, code] of [
    ['a file that is no TOML', '[sync\npageUpdates = 30', 'OAK_SETTINGS_FILE'],
    ['a file with a name twice', 'listen = "a:1"\nlisten = "a:2"', 'OAK_SETTINGS_FILE'],
    ['an unknown name in the file', '[sync]\npages = 3', 'OAK_SETTING_UNKNOWN'],
    ['an unknown table in the file', '[sink]\npageUpdates = 3', 'OAK_SETTING_UNKNOWN'],
    ['a value of another type in the file', 'listen = 8530', 'OAK_SETTING_INVALID'],
    ['a date in the file', 'listen = 2026-10-04', 'OAK_SETTING_INVALID'],
    ['a list in the file', 'listen = ["a:1"]', 'OAK_SETTING_INVALID'],
  ] as const) {
    test(name, (t) => {
      assert.equal(
        raised(() => load(folder(t, file))),
        code,
      );
    });
  }

  test('a file that is no TOML, with the line', (t) => {
    const torn = folder(t, 'listen = "a:1"\n\n[sync\npageUpdates = 30');
    assert.throws(() => load(torn), {
      message: /oakum\.toml: line 3, column \d+: Invalid TOML document: .*\.$/,
    });
  });

  test('a file that cannot be read', (t) => {
    const dataFolder = folder(t);
    mkdirSync(join(dataFolder, SETTINGS_FILE));
    assert.equal(
      raised(() => load(dataFolder)),
      'OAK_SETTINGS_FILE',
    );
  });

  test('an unknown variable, with the name that was meant', (t) => {
    assert.throws(() => load(folder(t), { environment: { OAKUM_SYNC_PAGE_UPDATE: '1' } }), {
      code: 'OAK_SETTING_UNKNOWN',
      detail: '"OAKUM_SYNC_PAGE_UPDATE" (environment). Did you mean "OAKUM_SYNC_PAGE_UPDATES"?',
    });
  });

  test('a variable with a value it cannot have', (t) => {
    const environment = { OAKUM_SYNC_PAGE_UPDATES: 'x' };
    assert.equal(
      raised(() => load(folder(t), { environment })),
      'OAK_SETTING_INVALID',
    );
  });

  for (const flag of ['', '=', '=5', 'sync.pageUpdates', 'sync.pageUpdates='])
    test(`the pair "${flag}"`, (t) => {
      assert.equal(
        raised(() => load(folder(t), { flags: [flag] })),
        'OAK_SETTING_INVALID',
      );
    });
});

describe('settings of the store', () => {
  async function stored(t: TestContext, values: Readonly<Record<string, string>>, file?: string) {
    const dataFolder = folder(t, file);
    const store = await openStore({ dataFolder, now: () => 1 });
    for (const [key, value] of Object.entries(values))
      await store.db.insertInto('setting').values({ key, value, changed_ms: 1, caller: 'x' }).execute();
    await store.close();
    return dataFolder;
  }

  test('come before the file, the environment and the command line', async (t) => {
    const values = { 'sync.pageUpdates': '1', 'sync.pageBytes': '100000', 'cookies.lifetimeMinutes': '30' };
    const { settings, sources, warnings } = load(
      await stored(t, values, 'sync.pageBytes = 200000\ncookies.lifetimeMinutes = 20'),
      { environment: { OAKUM_COOKIES_LIFETIME_MINUTES: '10' } },
    );
    assert.deepEqual(
      [
        settings['sync.pageUpdates'],
        settings['sync.pageBytes'],
        settings['cookies.lifetimeMinutes'],
        warnings,
      ],
      [1, 200_000, 10, []],
    );
    assert.deepEqual(
      [sources['sync.pageUpdates'], sources['sync.pageBytes'], sources['cookies.lifetimeMinutes']],
      ['store', 'file', 'environment'],
    );
  });

  test('that this version does not take are left out with a warning', async (t) => {
    const values = { 'sync.gone': '1', 'sync.pageUpdates': '0', 'log.level': 'no JSON', listen: '"x:1"' };
    const { settings, warnings } = load(await stored(t, { ...values, 'sync.pageBytes': '100000' }));
    assert.deepEqual(
      [settings['sync.pageUpdates'], settings['log.level'], settings.listen, settings['sync.pageBytes']],
      [200, 'info', defaultOf('listen'), 100_000],
    );
    assert.equal(warnings.length, 4);
    for (const key of Object.keys(values)) assert.ok(warnings.some((one) => one.includes(`"${key}"`)));
  });

  test('are none where there is no store, or one that does not know them yet', (t) => {
    const dataFolder = folder(t);
    assert.equal(load(dataFolder).sources['sync.pageUpdates'], 'default');
    assert.deepEqual(readdirSync(dataFolder), []);
    new DatabaseSync(join(dataFolder, 'oakum.db')).close();
    assert.equal(load(dataFolder).sources['sync.pageUpdates'], 'default');
  });

  test('that cannot be read are no reason to go on without them', (t) => {
    const dataFolder = folder(t);
    writeFileSync(join(dataFolder, 'oakum.db'), 'no database at all'.repeat(100));
    assert.equal(
      raised(() => load(dataFolder)),
      'OAK_STORE_UNUSABLE',
    );
  });
});
