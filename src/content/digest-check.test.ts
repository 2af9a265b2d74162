import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DigestCheck } from './digest-check.ts';
import { digestFolder, digestHex } from './digest-hex.ts';

// FIPS 180-4, the message "abc".
const ABC_SHA1 = Buffer.from('a9993e364706816aba3e25717850c26c9cd0d89d', 'hex');
const ABC_SHA256 = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex');

test('the bytes of the digest pass, in any number of chunks', () => {
  const check = new DigestCheck(ABC_SHA1, { sha256: ABC_SHA256, size: 3 });
  for (const letter of ['a', '', 'b', 'c']) check.update(Buffer.from(letter));
  assert.equal(check.size, 3);
  check.finish();
});

test('a mismatch names expected and found values of everything that differs', () => {
  const check = new DigestCheck(ABC_SHA1, { sha256: ABC_SHA256, size: 4 });
  check.update(Buffer.from('abd'));
  assert.throws(() => check.finish(), {
    code: 'OAK_CONTENT_DIGEST_MISMATCH',
    message:
      /size expected 4, found 3; SHA-1 expected A9993E36\w+, found CB4CC28D\w+; SHA-256 expected BA7816BF\w+, found A52D159F\w+\.$/,
  });
});

test('one byte more than expected is refused before the end', () => {
  const check = new DigestCheck(ABC_SHA1, { size: 3 });
  check.update(Buffer.from('abc'));
  assert.throws(() => check.update(Buffer.from('d')), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
});

test('a SHA-256 of the wrong length is a mismatch', () => {
  const check = new DigestCheck(ABC_SHA1, { sha256: Buffer.alloc(0) });
  check.update(Buffer.from('abc'));
  assert.throws(() => check.finish(), { code: 'OAK_CONTENT_DIGEST_MISMATCH' });
});

test('the folder of a digest always has two digits', () => {
  const digest = Buffer.alloc(20, 0xab).fill(0x05, 19);
  assert.equal(digestFolder(digestHex(digest)), '05');
});
