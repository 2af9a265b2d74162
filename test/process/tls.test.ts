import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { approveUpdates } from '../../src/admin/approvals.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { installSample } from '../../src/sample/install-sample.ts';
import { openStore } from '../../src/store/open-store.ts';
import { TestAuthority } from '../support/certificates.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { until } from '../support/until.ts';

/** TLS as an administrator meets it: "oakum serve", "oakum tls" and a computer that trusts the authority. */

const LISTEN = ['--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0', '--admin-listen', ''];

async function run(
  t: TestContext,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new OakumProcess(t, args).exited();
}

async function json<T>(t: TestContext, ...args: string[]): Promise<T> {
  const { stdout, stderr } = await run(t, ...args, '--json');
  assert.equal(stderr, '');
  return JSON.parse(stdout) as T;
}

interface Shown {
  readonly names: readonly string[];
  readonly fingerprint: string;
  readonly selfIssued: boolean;
  readonly problems: readonly { readonly kind: string }[];
  readonly outcome?: string;
}

async function fingerprintAt(url: string, ca: string): Promise<string | undefined> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), ca });
  await once(socket, 'secureConnect');
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
  socket.destroy();
  return fingerprint;
}

test('a computer that trusts the authority scans, downloads and installs over TLS, from several processes', async (t) => {
  const data = temporaryFolder(t);
  const store = await openStore({ dataFolder: data, now: Date.now });
  await installSample(store.db, await openFolderContentStore(join(data, 'content')), { now: Date.now });
  await approveUpdates(
    store.db,
    { name: 'test' },
    { updates: ['Sample Vault'], groups: ['All Computers'], action: 'Install', nowMs: Date.now() },
  );
  await store.close();
  const server = new OakumProcess(t, ['serve', '--json', '--data', data, '--set', 'workers=2', ...LISTEN]);
  await server.ready();
  const { clientsTls } = JSON.parse(server.output) as { readonly clientsTls: string };
  assert.match(clientsTls, /^https:/);

  const ca = join(data, 'tls', 'ca.pem');
  const at = ['--server', clientsTls];
  const installed = await json<{ installed: unknown[]; downloadedBytes: number }>(
    t,
    ...['agent', 'install', ...at, '--ca', ca],
  );
  assert.equal(installed.installed.length, 1);
  assert.ok(installed.downloadedBytes > 0);
  const stranger = await run(t, 'agent', 'scan', ...at);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /an authority that is not trusted/);
  assert.equal((await run(t, 'probe', clientsTls, '--ca', ca)).code, 0);

  const before = await fingerprintAt(clientsTls, readFileSync(ca, 'utf8'));
  const renewed = await json<Shown>(t, 'tls', 'renew', '--data', data);
  assert.notEqual(renewed.fingerprint, before);
  server.signal('SIGHUP');
  await until(
    'every process has it',
    () => server.log.split('the TLS certificate was replaced').length === 3,
  );
  assert.equal(await fingerprintAt(clientsTls, readFileSync(ca, 'utf8')), renewed.fingerprint);
  server.signal('SIGTERM');
  assert.equal((await server.exited()).code, 0);
  assert.equal(server.log.split('a certification authority was made').length, 2, 'one authority was made');
});

test('the first start prints what to set in Group Policy, exactly', async (t) => {
  const data = temporaryFolder(t);
  const server = new OakumProcess(t, [
    'serve',
    '--data',
    data,
    '--set',
    'server.names=wsus.example.com',
    ...LISTEN,
  ]);
  await server.ready();
  const { fingerprint256 } = new X509Certificate(readFileSync(join(data, 'tls', 'ca.pem')));
  for (const text of [
    `Copy ${join(data, 'tls', 'ca.pem')} to`,
    'Computer Configuration > Policies > Windows Settings > Security Settings > Public Key Policies >',
    'Trusted Root Certification Authorities > Import',
    fingerprint256,
    '"Specify intranet Microsoft update service location"',
  ])
    assert.ok(server.output.includes(text), text);
  assert.match(server.output, /intranet update service +https:\/\/wsus\.example\.com:\d+\n/);
});

describe('"oakum tls"', () => {
  test('makes, shows and renews a certificate without a server', async (t) => {
    const data = ['--data', temporaryFolder(t)];
    const missing = await run(t, 'tls', 'show', ...data);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /oakum tls create/);
    const created = await json<Shown>(t, 'tls', 'create', ...data, '--name', 'alias.example.com');
    assert.equal(created.outcome, 'created');
    assert.ok(created.names.includes('alias.example.com') && created.names.includes('127.0.0.1'));
    assert.equal((await json<Shown>(t, 'tls', 'create', ...data)).outcome, 'kept');
    const shown = await json<Shown>(t, 'tls', 'show', ...data);
    assert.deepEqual([shown.fingerprint, shown.selfIssued, shown.problems], [created.fingerprint, true, []]);
    const renewed = await json<Shown>(t, 'tls', 'renew', ...data);
    assert.notEqual(renewed.fingerprint, created.fingerprint);
    const { stdout: pem } = await run(t, 'tls', 'ca', ...data);
    assert.equal(new X509Certificate(pem).ca, true);
    const { stdout: steps } = await run(t, 'tls', 'steps', ...data);
    assert.match(steps, /Trusted Root Certification Authorities/);
    const { code, stdout: text } = await run(t, 'tls', 'show', ...data);
    assert.equal(code, 0);
    assert.match(text, /nothing wrong with it/);
  });

  test('shows that the certificate in the settings has expired, and issues none in its place', async (t) => {
    const data = temporaryFolder(t);
    const authority = await TestAuthority.create('one');
    const expired = await authority.issue(['wsus.example.com'], 500);
    const file = join(data, 'server.pem');
    writeFileSync(file, expired.key + expired.certificate + authority.ca);
    writeFileSync(
      join(data, 'oakum.toml'),
      `[tls]\ncertificateFile = ${JSON.stringify(file)}\n[server]\nnames = "wsus"\n`,
    );
    const { code, stdout } = await run(t, 'tls', 'show', '--data', data);
    assert.equal(code, 1);
    assert.match(stdout, /PROBLEM: The certificate expired on 20/);
    assert.match(stdout, /PROBLEM: The certificate is not for wsus:/);
    for (const command of ['create', 'renew', 'ca']) {
      const refused = await run(t, 'tls', command, '--data', data);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /OAK_TLS_NOT_SELF_ISSUED/);
    }
  });
});
