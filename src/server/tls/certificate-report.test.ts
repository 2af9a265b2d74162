import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { loadCertificate, type LoadedCertificate } from './certificate-files.ts';
import { reportCertificate, type CertificateReport } from './certificate-report.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
after(() => rmSync(folder, { recursive: true }));

const authority = await TestAuthority.create('one');
const issued = await authority.issue(['wsus.example.com', '10.0.0.5']);
const validToMs = new X509Certificate(issued.certificate).validToDate.getTime();

function loaded(text = issued.certificate + authority.ca, key = issued.key): LoadedCertificate {
  const path = join(folder, 'one.pem');
  writeFileSync(path, key + text);
  return loadCertificate({ certificateFile: path, keyFile: '' });
}

const kinds = (report: CertificateReport): string[] => report.problems.map(({ kind }) => kind);

test('a report says what a certificate is, and that nothing is wrong with it', () => {
  const report = reportCertificate(loaded(), Date.now(), ['wsus.example.com', '10.0.0.5']);
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.names, ['wsus.example.com', '10.0.0.5']);
  assert.equal(report.key, 'EC prime256v1');
  assert.equal(report.validToMs, validToMs);
  assert.match(report.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.equal(report.chain.length, 2);
  assert.match(report.issuer, /^CN=Oakum CA one \w+, O=Oakum$/);
});

describe('a report says that clients will', () => {
  test('soon find it expired, and that they do', () => {
    assert.deepEqual(kinds(reportCertificate(loaded(), validToMs - 15 * DAY_MS)), []);
    assert.deepEqual(kinds(reportCertificate(loaded(), validToMs - 13 * DAY_MS)), ['expires-soon']);
    assert.deepEqual(kinds(reportCertificate(loaded(), validToMs)), ['expired']);
  });

  test('find it not valid yet', () => {
    assert.deepEqual(kinds(reportCertificate(loaded(), Date.now() - 10 * DAY_MS)), ['not-yet-valid']);
  });

  test('call the server by a name it is not for', () => {
    const report = reportCertificate(loaded(), Date.now(), ['wsus', 'wsus.example.com', '10.0.0.6']);
    assert.deepEqual(kinds(report), ['name-missing', 'name-missing']);
    assert.match(report.problems[0].message, /not for wsus:/);
  });

  test('perhaps not know its issuer, whose certificate is not sent', () => {
    assert.deepEqual(kinds(reportCertificate(loaded(issued.certificate), Date.now())), ['chain']);
  });

  test('not take the certificate of an authority for that of a server', () => {
    const { certificate, key } = authority.authority;
    const report = reportCertificate(loaded(certificate, key), Date.now());
    assert.deepEqual(kinds(report), ['purpose']);
  });
});
