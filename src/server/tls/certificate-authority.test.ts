import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createAuthority, issueServerCertificate } from './certificate-authority.ts';
import { namesOf } from './certificate-report.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const authority = await createAuthority({ hostName: 'wsus', nowMs: NOW_MS });
const root = new X509Certificate(authority.certificate);
const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'there is no openssl on this computer';

describe('an authority', () => {
  test('is valid for ten years, vouches for itself and may issue', () => {
    assert.equal(root.ca, true);
    assert.equal(root.checkIssued(root), true);
    assert.equal(root.verify(root.publicKey), true);
    assert.equal(root.checkPrivateKey(createPrivateKey(authority.key)), true);
    assert.match(root.subject, /CN=Oakum CA wsus [0-9a-f]{8}/);
    assert.equal(root.validToDate.getTime(), NOW_MS + 3650 * DAY_MS);
  });

  test('is another one each time', async () => {
    const other = new X509Certificate(
      (await createAuthority({ hostName: 'wsus', nowMs: NOW_MS })).certificate,
    );
    assert.notEqual(other.subject, root.subject);
    assert.notEqual(other.fingerprint256, root.fingerprint256);
  });
});

describe('a server certificate', () => {
  const names = ['wsus.example.com', 'wsus', '10.0.0.5', '2001:db8::5'];

  test('is for its names and addresses, for servers, and for at most 397 days', async () => {
    const issued = await issueServerCertificate(authority, { names, nowMs: NOW_MS });
    const own = new X509Certificate(issued.certificate);
    assert.deepEqual(namesOf(own), names);
    assert.equal(own.subject, 'CN=wsus.example.com');
    assert.equal(own.ca, false);
    assert.deepEqual(own.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(own.verify(root.publicKey), true);
    assert.equal(own.checkIssued(root), true);
    assert.equal(own.checkPrivateKey(createPrivateKey(issued.key)), true);
    assert.equal(own.validToDate.getTime() - own.validFromDate.getTime(), 397 * DAY_MS);
    assert.ok(own.validFromDate.getTime() < NOW_MS);
  });

  test('never outlives its authority', async () => {
    const nowMs = root.validToDate.getTime() - 10 * DAY_MS;
    const issued = await issueServerCertificate(authority, { names, nowMs });
    assert.equal(new X509Certificate(issued.certificate).validTo, root.validTo);
  });

  test('has a common name also where the first name is too long for one', async () => {
    const long = `${'a'.repeat(60)}.example.com`;
    const issued = await issueServerCertificate(authority, { names: [long, 'wsus'], nowMs: NOW_MS });
    const own = new X509Certificate(issued.certificate);
    assert.equal(own.subject, 'CN=wsus');
    assert.deepEqual(namesOf(own), [long, 'wsus']);
  });

  test('is accepted by OpenSSL for a server of that name, and for no other', { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const issued = await issueServerCertificate(authority, { names, nowMs: NOW_MS });
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    writeFileSync(join(folder, 'server.pem'), issued.certificate);
    const verify = (...args: string[]): string => {
      const common = ['-x509_strict', '-purpose', 'sslserver', '-attime', String(NOW_MS / 1000)];
      const all = ['verify', ...common, ...args, '-CAfile', 'ca.pem', 'server.pem'];
      const { stdout, stderr } = spawnSync('openssl', all, { cwd: folder, encoding: 'utf8' });
      return stdout + stderr;
    };
    assert.match(verify('-verify_hostname', 'wsus.example.com'), /server\.pem: OK/);
    assert.match(verify('-verify_ip', '2001:db8::5'), /server\.pem: OK/);
    assert.match(verify('-verify_hostname', 'evil.example'), /hostname mismatch/i);
  });
});
