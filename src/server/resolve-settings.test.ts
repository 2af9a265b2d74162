import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { resolveSettings, type SettingValue } from './resolve-settings.ts';
import { defaultOf, descriptionOf, isStorable, SETTINGS, type SettingKey } from './settings.ts';

const keys = Object.keys(SETTINGS) as SettingKey[];
const resolve = (key: string, value: unknown, source: SettingValue['source'] = 'flag') =>
  resolveSettings([{ key, value, source }]);
const detailOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof OakumError) return error.detail ?? '';
    throw error;
  }
  return assert.fail('nothing was raised');
};

describe('settings', () => {
  test('all have a default that holds where nothing is given, and a description', () => {
    const { settings, sources } = resolveSettings([]);
    for (const key of keys) {
      assert.equal(settings[key], defaultOf(key));
      assert.equal(sources[key], 'default');
      assert.notEqual(descriptionOf(key), '');
    }
  });

  test('every default is a value the setting can have', () => {
    for (const key of keys)
      assert.equal(
        raised(() => resolve(key, defaultOf(key), 'file')),
        'nothing',
      );
  });

  test('the value given last holds, and knows where it came from', () => {
    const key = 'sync.pageUpdates';
    const given: SettingValue[] = [
      { key, value: 30, source: 'file' },
      { key, value: '40', source: 'environment' },
      { key, value: '50', source: 'flag' },
    ];
    for (let count = 1; count <= given.length; count++) {
      const { settings, sources } = resolveSettings(given.slice(0, count));
      assert.deepEqual([settings[key], sources[key]], [20 + 10 * count, given[count - 1].source]);
    }
  });
});

describe('a setting is read from text as its type', () => {
  for (const [key, text, value] of [
    ['sync.pageUpdates', '30', 30],
    ['sync.pageUpdates', ' 30 ', 30],
    ['clients.registrationRequired', 'false', false],
    ['clients.registrationRequired', 'TRUE', true],
    ['clients.targeting', 'client', 'client'],
    ['content.baseUrl', 'http://wsus.example.com:8530', 'http://wsus.example.com:8530'],
    ['content.baseUrl', 'https://[::1]:8530/a/b', 'https://[::1]:8530/a/b'],
    ['content.baseUrl', '', ''],
    ['listen', '[::]:8530', '[::]:8530'],
  ] as const) {
    test(`${key} "${text}"`, () => {
      assert.equal(resolve(key, text).settings[key], value);
    });
  }
});

describe('a setting cannot have', () => {
  for (const [key, value, expected] of [
    ['sync.pageUpdates', '0', 'a whole number from 1 to 10000'],
    ['sync.pageUpdates', '10001', 'a whole number from 1 to 10000'],
    ['sync.pageUpdates', '1.5', 'a whole number'],
    ['sync.pageUpdates', '1e3', 'a whole number'],
    ['sync.pageUpdates', '', 'a whole number'],
    ['sync.pageUpdates', 'many', 'a whole number'],
    ['sync.pageUpdates', 1.5, 'a whole number'],
    ['sync.pageUpdates', true, 'a whole number'],
    ['sync.pageUpdates', null, 'a whole number'],
    ['sync.pageUpdates', [30], 'a whole number'],
    ['sync.pageUpdates', '99999999999999999999', 'a whole number'],
    ['http.keepAliveSeconds', '64', 'a whole number from 65 to 3600'],
    ['clients.registrationRequired', 'yes', 'true or false'],
    ['clients.registrationRequired', 1, 'true or false'],
    ['clients.targeting', 'both', 'one of server, client'],
    ['log.level', 'loud', 'one of error, warn, info, debug'],
    [
      'content.baseUrl',
      'wsus.example.com',
      'a text of the documented form. What download addresses begin with, for',
    ],
    ['content.baseUrl', 'http://a"b', 'a text of the documented form'],
    ['content.baseUrl', 'http://a/b?c', 'a text of the documented form'],
    ['content.baseUrl', 'javascript:alert(1)', 'a text of the documented form'],
    ['listen', 8530, 'a text'],
  ] as const) {
    test(`${key} ${JSON.stringify(value)}`, () => {
      assert.equal(
        raised(() => resolve(key, value)),
        'OAK_SETTING_INVALID',
      );
      const detail = detailOf(() => resolve(key, value));
      assert.ok(
        detail.includes(`"${key}"`) && detail.includes('(flag)') && detail.includes(expected),
        detail,
      );
    });
  }
});

describe('a name that no setting has', () => {
  for (const [name, meant] of [
    ['sync.pageUpdate', 'sync.pageUpdates'],
    ['SYNC.PAGEUPDATES', 'sync.pageUpdates'],
    ['lisen', 'listen'],
    ['soap.express', 'soap.xpress'],
    ['client.targeting', 'clients.targeting'],
  ] as const) {
    test(`"${name}" was meant to be "${meant}"`, () => {
      assert.equal(
        raised(() => resolve(name, '1')),
        'OAK_SETTING_UNKNOWN',
      );
      assert.ok(detailOf(() => resolve(name, '1')).endsWith(`Did you mean "${meant}"?`));
    });
  }

  for (const name of ['colour', '__proto__', 'constructor', 'toString', '']) {
    test(`"${name}" is like none`, () => {
      assert.equal(
        detailOf(() => resolve(name, '1', 'file')),
        `"${name}" (file).`,
      );
    });
  }
});

test('what names an address to listen on, a file, a secret or who may sign in is never taken from the store', () => {
  const local = keys.filter((key) => /listen|file$|folder$|password|secret|^(tls|oidc)\./i.test(key));
  assert.ok(local.length > 0);
  assert.deepEqual(local.filter(isStorable), []);
});
