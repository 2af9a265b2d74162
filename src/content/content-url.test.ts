import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { contentPath, extensionOf, parseContentPath } from './content-url.ts';

const DIGEST = Buffer.from('o3nVUm+zp6BCPaHNf8MYKo1EhEk=', 'base64');
const HEX = 'A379D5526FB3A7A0423DA1CD7FC3182A8D448449';

test('a path has the upper-case digest in the folder of its last two digits', () => {
  assert.equal(contentPath(DIGEST, '.exe'), `/Content/49/${HEX}.exe`);
  assert.equal(contentPath(Buffer.alloc(20), '.CAB'), `/Content/00/${'0'.repeat(40)}.CAB`);
});

test('an extension that is more than letters and digits makes no path', () => {
  for (const extension of [
    '',
    '.',
    'exe',
    '.e/e',
    '..',
    '.tar.gz',
    '.a b',
    '.%41',
    '.é',
    `.${'a'.repeat(17)}`,
    '.a\n',
  ]) {
    assert.throws(() => contentPath(DIGEST, extension), { code: 'OAK_CONTENT_EXTENSION' }, extension);
  }
  assert.throws(() => contentPath(Buffer.alloc(32), '.exe'), { code: 'OAK_CONTENT_DIGEST_INVALID' });
});

test('the extension of a file name is kept, and replaced where it is unfit', () => {
  const names = {
    'a.exe': '.exe',
    'A.b.CAB': '.CAB',
    '.psf': '.psf',
    noext: '.bin',
    'a.': '.bin',
    'a.b/c': '.bin',
    '': '.bin',
  };
  for (const [name, extension] of Object.entries(names)) assert.equal(extensionOf(name), extension, name);
});

test('every path reads back as its digest, in any letter case and with repeated slashes', () => {
  const digest = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(digest, fc.stringMatching(/^\.[A-Za-z0-9]{1,16}$/), (bytes, extension) => {
      const path = contentPath(bytes, extension);
      for (const variant of [path, path.toLowerCase(), path.toUpperCase(), path.replaceAll('/', '//')]) {
        assert.deepEqual(parseContentPath(variant), { kind: 'file', digest: bytes });
      }
    }),
  );
});

test('a missing extension and a wrong folder are told apart', () => {
  assert.deepEqual(parseContentPath(`/Content/49/${HEX}`), { kind: 'no-extension' });
  assert.deepEqual(parseContentPath(`/Content/94/${HEX}.exe`), { kind: 'wrong-folder' });
  assert.deepEqual(parseContentPath(`/Content/94/${HEX}`), { kind: 'wrong-folder' });
});

test('anything else is unknown', () => {
  for (const path of [
    '',
    '/',
    '/Content',
    `/Content/${HEX}.exe`,
    `/Content/9/${HEX}.exe`,
    `/Content/49/${HEX}.`,
    `/Content/49/${HEX}.exe/`,
    `/Content/49/${HEX}.e.xe`,
    `/Content/49/${HEX}.exe\n`,
    `/Content/49/../49/${HEX}.exe`,
    `/Content/49/${HEX.slice(1)}.exe`,
    `/Content/49/0${HEX}.exe`,
    `/Content/49/%41${HEX.slice(1)}.exe`,
    `/x/Content/49/${HEX}.exe`,
    `\\Content\\49\\${HEX}.exe`,
    '/Content/AB/../../../../etc/passwd',
    `/${'/'.repeat(100_000)}`,
  ]) {
    assert.deepEqual(parseContentPath(path), { kind: 'unknown' }, path.slice(0, 80));
  }
});
