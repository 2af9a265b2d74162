import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { raised } from '../../../test/support/error-code.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { loadAuthorities, loadCertificate } from './certificate-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
after(() => rmSync(folder, { recursive: true }));

const authority = await TestAuthority.create('one');
const other = await TestAuthority.create('other');
const issued = await authority.issue(['wsus.example.com']);
const { ca } = authority;

let files = 0;
function file(text: string): string {
  const path = join(folder, `${files++}.pem`);
  writeFileSync(path, text);
  return path;
}

const load = (certificate: string, key?: string): ReturnType<typeof loadCertificate> =>
  loadCertificate({ certificateFile: file(certificate), keyFile: key === undefined ? '' : file(key) });

describe('a certificate is read', () => {
  test('with a key in another file, or in its own', () => {
    const one = load(issued.certificate, issued.key);
    const both = load(issued.key + issued.certificate);
    assert.equal(one.certificate, both.certificate);
    assert.equal(one.key, both.key);
    assert.equal(one.chain.length, 1);
  });

  test('with its chain brought into order, and what does not belong to it left out', () => {
    const { chain } = load(`${other.ca}${ca}some words\n${issued.certificate}`, issued.key);
    assert.deepEqual(
      chain.map((one) => one.subject.split('\n')[0].slice(0, 16)),
      ['CN=wsus.example.', 'CN=Oakum CA one '],
    );
  });

  test('and says the same while the files do', () => {
    assert.equal(load(issued.certificate, issued.key).digest, load(issued.certificate, issued.key).digest);
    assert.notEqual(
      load(issued.certificate, issued.key).digest,
      load(issued.certificate + ca, issued.key).digest,
    );
  });

  test('and the authorities of clients are read, several in one file', () => {
    assert.equal(loadAuthorities(file(`${ca}\n${other.ca}`)).pem.match(/BEGIN/g)?.length, 2);
  });
});

describe('a certificate is refused', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const locked = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  const cases: Readonly<Record<string, readonly [certificate: string, key: string, code: string]>> = {
    'with the key of another one': [
      issued.certificate,
      key.export({ type: 'pkcs8', format: 'pem' }),
      'OAK_TLS_KEY',
    ],
    'with a key under a passphrase': [issued.certificate, locked, 'OAK_TLS_KEY'],
    'with a damaged key': [
      issued.certificate,
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      'OAK_TLS_KEY',
    ],
    'without key': [issued.certificate, '', 'OAK_TLS_KEY'],
    'without certificate': [issued.key, issued.key, 'OAK_TLS_CERTIFICATE'],
    'that is damaged': [
      issued.certificate.replace(/\n.{40}/, `\n${'A'.repeat(40)}`),
      issued.key,
      'OAK_TLS_CERTIFICATE',
    ],
    'in a file of another kind': ['x'.repeat(2_000_000), issued.key, 'OAK_TLS_CERTIFICATE'],
  };
  for (const [what, [certificate, keyText, code]] of Object.entries(cases))
    test(what, () =>
      assert.equal(
        raised(() => load(certificate, keyText)),
        code,
      ),
    );

  test('in a file that is not there, which the message names', () => {
    assert.throws(() => loadCertificate({ certificateFile: '/nonexistent/a.pem', keyFile: '' }), {
      code: 'OAK_TLS_CERTIFICATE',
      message: /\/nonexistent\/a\.pem/,
    });
  });

  test('without a word of the key', () => {
    const secret = 'c2VjcmV0c2VjcmV0';
    try {
      load(issued.certificate, `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`);
      assert.fail('it was read');
    } catch (error) {
      assert.ok(error instanceof OakumError);
      assert.ok(!JSON.stringify([error.message, String(error.cause), error.stack]).includes(secret));
    }
  });
});
