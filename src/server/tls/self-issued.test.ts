import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { namesOf } from './certificate-report.ts';
import { authorityFile, ensureSelfIssued, loadSelfIssued, serverFile } from './self-issued.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const NAMES = ['wsus', '10.0.0.5'];

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const ensure = async (
  dataFolder: string,
  {
    nowMs = NOW_MS,
    names = NAMES,
    ...rest
  }: { nowMs?: number; names?: string[]; renew?: boolean; whenOldOnly?: boolean } = {},
): Promise<string> => (await ensureSelfIssued({ dataFolder, names, nowMs, ...rest })).outcome;

const own = (dataFolder: string): X509Certificate => loadSelfIssued(dataFolder)!.chain[0];
const authority = (dataFolder: string): string => readFileSync(authorityFile(dataFolder), 'utf8');

test('the first time everything is made, and kept from then on', async (t) => {
  const data = folder(t);
  assert.equal(await ensure(data), 'created');
  const [before, ca] = [own(data).fingerprint256, authority(data)];
  assert.deepEqual(namesOf(own(data)), NAMES);
  assert.equal(loadSelfIssued(data)?.chain.length, 2);
  assert.equal(await ensure(data, { nowMs: NOW_MS + 300 * DAY_MS }), 'kept');
  assert.equal(own(data).fingerprint256, before);
  assert.equal(authority(data), ca);
});

test('keys are readable by their owner only', { skip: process.platform === 'win32' }, async (t) => {
  const data = folder(t);
  await ensure(data);
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  assert.deepEqual(
    [join(data, 'tls'), join(data, 'tls', 'ca-key.pem'), serverFile(data), authorityFile(data)].map(mode),
    ['700', '600', '600', '644'],
  );
});

test('several processes at once make one authority', async (t) => {
  const data = folder(t);
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => ensure(data)));
  assert.deepEqual(outcomes.toSorted(), ['created', 'kept', 'kept', 'kept', 'kept']);
  assert.ok(own(data).verify(new X509Certificate(authority(data)).publicKey));
});

describe('a new certificate is issued by the same authority', () => {
  const cases: Readonly<Record<string, (data: string) => Promise<string>>> = {
    '30 days before the old one ends': (data) => ensure(data, { nowMs: NOW_MS + 367 * DAY_MS }),
    'when it was issued in the future': (data) => ensure(data, { nowMs: NOW_MS - 10 * DAY_MS }),
    'for a name that is new': (data) => ensure(data, { names: [...NAMES, 'wsus.example.com'] }),
    'when somebody asks for it': (data) => ensure(data, { renew: true }),
    'when the old one is damaged': (data) => {
      writeFileSync(serverFile(data), 'x');
      return ensure(data);
    },
    'when the old one is gone': (data) => {
      rmSync(serverFile(data));
      return ensure(data);
    },
  };
  for (const [when, change] of Object.entries(cases)) {
    test(when, async (t) => {
      const data = folder(t);
      await ensure(data);
      const [before, ca] = [own(data).fingerprint256, authority(data)];
      assert.equal(await change(data), 'issued');
      assert.notEqual(own(data).fingerprint256, before);
      assert.equal(authority(data), ca);
      assert.ok(own(data).verify(new X509Certificate(ca).publicKey));
    });
  }
});

test('host names that were added by hand stay, and addresses that are no longer the computer’s go', async (t) => {
  const data = folder(t);
  await ensure(data, { names: [...NAMES, 'alias', '10.9.9.9'], renew: true });
  assert.equal(await ensure(data), 'kept');
  assert.equal(await ensure(data, { names: ['wsus', '10.0.0.6'] }), 'issued');
  assert.deepEqual(namesOf(own(data)), ['wsus', '10.0.0.6', 'alias']);
});

test('a server that runs does not change its certificate for every new name', async (t) => {
  const data = folder(t);
  await ensure(data);
  assert.equal(await ensure(data, { names: ['other'], whenOldOnly: true }), 'kept');
});

describe('the key of the authority may be kept elsewhere', () => {
  const without = async (t: TestContext): Promise<string> => {
    const data = folder(t);
    await ensure(data);
    rmSync(join(data, 'tls', 'ca-key.pem'));
    return data;
  };

  test('until a certificate is due', async (t) => {
    const data = await without(t);
    assert.equal(await ensure(data), 'kept');
    const due = ensure(data, { nowMs: NOW_MS + 370 * DAY_MS });
    await assert.rejects(due, { code: 'OAK_TLS_AUTHORITY', message: /ca-key\.pem/ });
  });

  test('and another authority is never made in its place', async (t) => {
    const data = await without(t);
    const ca = authority(data);
    await assert.rejects(ensure(data, { renew: true }), { code: 'OAK_TLS_AUTHORITY' });
    assert.equal(authority(data), ca);
  });
});

test('an authority that is not the one clients were told of is refused', async (t) => {
  const [data, other] = [folder(t), folder(t)];
  await ensure(data);
  await ensure(other);
  writeFileSync(authorityFile(data), authority(other));
  await assert.rejects(ensure(data), { code: 'OAK_TLS_AUTHORITY', message: /two authorities/ });
});

test('a crash between key and certificate of the authority is made good', async (t) => {
  const data = folder(t);
  await ensure(data);
  const ca = authority(data);
  rmSync(authorityFile(data));
  assert.equal(await ensure(data), 'issued');
  assert.equal(new X509Certificate(authority(data)).fingerprint256, new X509Certificate(ca).fingerprint256);
});

test('an authority that has expired issues nothing', async (t) => {
  const data = folder(t);
  await ensure(data);
  const late = ensure(data, { nowMs: NOW_MS + 3651 * DAY_MS });
  await assert.rejects(late, { code: 'OAK_TLS_AUTHORITY', message: /expired/ });
});
