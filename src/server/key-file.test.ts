import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { raised } from '../../test/support/error-code.ts';
import { KeyFile } from './key-file.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PURPOSE = 1;
const plain = Buffer.from('secret');

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}
const textOf = (path: string): string => readFileSync(join(path, 'keys.json'), 'utf8');
const keysOf = (path: string): unknown[] => (JSON.parse(textOf(path)) as { keys: unknown[] }).keys;

describe('a key file', () => {
  test('is made with one key, for its owner alone, and read again as it is', (t) => {
    const path = folder(t);
    const sealed = new KeyFile(path, 0).ring.seal(PURPOSE, plain);
    assert.equal(statSync(join(path, 'keys.json')).mode & 0o777, 0o600);
    assert.equal(keysOf(path).length, 1);
    assert.deepEqual(new KeyFile(path, 5).ring.open(PURPOSE, sealed), plain);
  });

  test('is another one in each installation', (t) => {
    const [one, other] = [folder(t), folder(t)];
    const sealed = new KeyFile(one, 0).ring.seal(PURPOSE, plain);
    assert.equal(new KeyFile(other, 0).ring.open(PURPOSE, sealed), undefined);
  });

  test('gets a new key when the newest is as old as the setting says, and keeps the older ones', (t) => {
    const path = folder(t);
    const file = new KeyFile(path, 0);
    const sealed = file.ring.seal(PURPOSE, plain);
    file.refresh(30 * DAY_MS - 1, 30);
    assert.equal(keysOf(path).length, 1);
    file.refresh(30 * DAY_MS, 30);
    assert.equal(keysOf(path).length, 2);
    file.refresh(30 * DAY_MS + 1, 30);
    assert.equal(keysOf(path).length, 2);
    assert.deepEqual(file.ring.open(PURPOSE, sealed), plain);
    assert.equal(statSync(join(path, 'keys.json')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(path), ['keys.json', 'keys.lock']);
  });

  test('forgets the oldest keys when there are too many', (t) => {
    const path = folder(t);
    const file = new KeyFile(path, 0);
    const first = file.ring.seal(PURPOSE, plain);
    file.rotate(1);
    const second = file.ring.seal(PURPOSE, plain);
    for (let count = 2; count <= 24; count++) file.rotate(count);
    assert.equal(keysOf(path).length, 24);
    assert.equal(file.ring.open(PURPOSE, first), undefined);
    assert.deepEqual(file.ring.open(PURPOSE, second), plain);
  });

  test('rotated by another process, it is adopted', (t) => {
    const path = folder(t);
    const file = new KeyFile(path, 0);
    const other = new KeyFile(path, 0);
    other.rotate(1);
    const sealed = other.ring.seal(PURPOSE, plain);
    assert.equal(file.ring.open(PURPOSE, sealed), undefined);
    file.refresh(2, 30);
    assert.deepEqual(file.ring.open(PURPOSE, sealed), plain);
  });

  test('damaged while the server runs, it is refused, and the keys in memory stay', (t) => {
    const path = folder(t);
    const file = new KeyFile(path, 0);
    const sealed = file.ring.seal(PURPOSE, plain);
    writeFileSync(join(path, 'keys.json'), '{');
    assert.equal(
      raised(() => file.refresh(1, 30)),
      'OAK_KEYS_UNUSABLE',
    );
    assert.deepEqual(file.ring.open(PURPOSE, sealed), plain);
  });

  test('deleted while the server runs, it is written again', (t) => {
    const path = folder(t);
    const file = new KeyFile(path, 0);
    const sealed = file.ring.seal(PURPOSE, plain);
    rmSync(join(path, 'keys.json'));
    file.refresh(1, 30);
    assert.equal(keysOf(path).length, 1);
    assert.equal(file.ring.open(PURPOSE, sealed), undefined);
  });
});

test('a key file that cannot be written is reported, and the keys in memory stay', (t) => {
  const path = folder(t);
  const file = new KeyFile(path, 0);
  const sealed = file.ring.seal(PURPOSE, plain);
  mkdirSync(join(path, 'keys.json.new'));
  assert.equal(
    raised(() => file.rotate(1)),
    'OAK_FILE_UNWRITABLE',
  );
  assert.deepEqual(file.ring.open(PURPOSE, sealed), plain);
});

describe('a key file is refused', () => {
  const secret = Buffer.alloc(32, 1).toString('base64');
  for (const [name, text] of [
    ['empty', ''],
    ['no JSON', '{"keys":[{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['without keys', '{}'],
    ['with no key', '{"keys":[]}'],
    ['with a key that is none', '{"keys":[null]}'],
    ['without an id', JSON.stringify({ keys: [{ createdMs: 0, secret }] })],
    ['without a time', JSON.stringify({ keys: [{ id: 1, secret }] })],
    ['with a short secret', JSON.stringify({ keys: [{ id: 1, createdMs: 0, secret: secret.slice(0, 40) }] })],
    ['without a secret', JSON.stringify({ keys: [{ id: 1, createdMs: 0 }] })],
  ] as const) {
    test(name, (t) => {
      const path = folder(t);
      writeFileSync(join(path, 'keys.json'), text);
      assert.equal(
        raised(() => new KeyFile(path, 0)),
        'OAK_KEYS_UNUSABLE',
      );
      assert.equal(textOf(path), text);
    });
  }

  for (const text of ['{}', 'null', '{"keys":{}}', '{"keys":[null]}']) {
    test(`and its message says what is wrong with ${text}`, (t) => {
      const path = folder(t);
      writeFileSync(join(path, 'keys.json'), text);
      assert.throws(
        () => new KeyFile(path, 0),
        /keys\.json: (it holds no list of keys|an entry is not a key)\.$/,
      );
    });
  }

  test('its message never shows what it holds', (t) => {
    const path = folder(t);
    writeFileSync(join(path, 'keys.json'), `{"keys":[{"id":1,"createdMs":0,"secret":${secret}"}]}`);
    assert.throws(
      () => new KeyFile(path, 0),
      (error: Error) => !inspect(error).includes(secret.slice(0, 6)),
    );
  });
});
