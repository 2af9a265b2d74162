import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { clientService, GetConfig } from '../../src/protocol/wusp/client.ts';
import type { KeyedCertificate } from '../../src/server/tls/certificate-authority.ts';
import { authorityFile } from '../../src/server/tls/self-issued.ts';
import { TestAuthority } from '../support/certificates.ts';
import { opensslClient } from '../support/openssl-client.ts';
import { RawConnection } from '../support/raw-http.ts';
import { SoapClient } from '../support/soap-client.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** Clients over TLS: what they see of the server, what it sees of them, and what goes wrong between. */

const ANY_PORT = '127.0.0.1:0';
const authority = await TestAuthority.create('server');
const clientAuthority = await TestAuthority.create('clients');
const foreignAuthority = await TestAuthority.create('foreign');
const [good, renewed, named, expired] = await Promise.all([
  authority.issue(['localhost', '127.0.0.1']),
  authority.issue(['localhost', '127.0.0.1']),
  authority.issue(['wsus.example.com']),
  authority.issue(['127.0.0.1'], 500),
]);
const [ofOurs, ofForeign] = await Promise.all([
  clientAuthority.issueForClient('pc-1'),
  foreignAuthority.issueForClient('pc-1'),
]);
const { ca } = authority;

interface Secured {
  readonly server: TestServer;
  readonly port: number;
  readonly url: string;
  /** Puts another certificate into the files. */
  readonly write: (certificate: KeyedCertificate) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A server with a certificate in files, at the time that it is. */
async function secured(
  certificate: KeyedCertificate,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Secured> {
  const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'key.pem')];
  const write = (one: KeyedCertificate): void => {
    writeFileSync(certificateFile, one.certificate + ca);
    writeFileSync(keyFile, one.key);
  };
  write(certificate);
  const server = await atPresent({
    ...{ 'tls.listen': ANY_PORT, 'tls.certificateFile': certificateFile, 'tls.keyFile': keyFile },
    ...settings,
  });
  const url = server.urls.clientsTls ?? server.url;
  return {
    server,
    url,
    port: Number(new URL(url).port),
    write,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const atPresent = (settings: Readonly<Record<string, unknown>>): Promise<TestServer> =>
  TestServer.start({ settings, nowMs: Date.now() });

/** The error code of a connection that was tried, or the version of TLS that it got. */
async function tried(port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, ...options });
  try {
    await once(socket, 'secureConnect');
    // What a server of TLS 1.3 thinks of a client's certificate comes after the handshake.
    socket.write(request());
    const answer = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(Object.assign(new Error('hung up'), { code: 'ECONNRESET' })));
    });
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 /);
    return socket.getProtocol() ?? '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

function request(): string {
  return 'GET /SelfUpdate/iuident.cab HTTP/1.1\r\nHost: localhost\r\n\r\n';
}

async function assertServes({ url }: Pick<Secured, 'url'>): Promise<void> {
  using client = new SoapClient(() => url, { ca });
  const config = await client.call(clientService, GetConfig, { protocolVersion: '2.90' });
  assert.ok(config.GetConfigResult);
}

test('a self-issued certificate serves whoever trusts its authority, from the first start', async () => {
  await using server = await atPresent({ 'tls.listen': ANY_PORT });
  const url = server.urls.clientsTls!;
  using client = new SoapClient(() => url, { ca: readFileSync(authorityFile(server.dataFolder), 'utf8') });
  const config = await client.call(clientService, GetConfig, { protocolVersion: '2.90' });
  assert.ok(config.GetConfigResult);
  const wsdl = await client.send(`${clientService.path}?wsdl`, { method: 'GET' });
  assert.ok(wsdl.body.includes(`location="${url}/`), 'addresses in answers are https');
  const [told, ...others] = server.takeWarnings();
  assert.match(told.msg, /certification authority was made/);
  assert.deepEqual(others, []);
  using stranger = new SoapClient(() => url);
  await assert.rejects(
    stranger.send('/', { method: 'GET' }),
    /self-signed certificate in certificate chain/i,
  );
});

test('a server may serve over TLS alone', async () => {
  await using one = await secured(good, { listen: '' });
  assert.equal(one.server.url, one.url);
  assert.equal(one.server.urls.clients, undefined);
  await assertServes(one);
});

test('a server without any listener for clients does not start', async () => {
  await assert.rejects(atPresent({ listen: '', 'tls.listen': '' }), { code: 'OAK_SETTING_INVALID' });
});

describe('a certificate is replaced', () => {
  test('without dropping a connection or a request under way; new connections see the new one', async (t) => {
    await using one = await secured(good);
    const socket = await open(t, one.port);
    const first = socket.getPeerX509Certificate()?.fingerprint256;
    const connection = new RawConnection(socket);
    assert.equal((await connection.exchange(request())).status, 200);
    const body =
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetConfig xmlns="' +
      `${clientService.namespace}"><protocolVersion>2.90</protocolVersion></GetConfig></s:Body></s:Envelope>`;
    const half = Math.floor(body.length / 2);
    connection.send(
      `POST ${clientService.path} HTTP/1.1\nHost: localhost\nContent-Type: text/xml\nContent-Length: ${body.length}`,
    );
    socket.write(body.slice(0, half));

    one.write(renewed);
    await one.server.checkCertificates();
    const renewedSocket = await open(t, one.port);
    assert.notEqual(renewedSocket.getPeerX509Certificate()?.fingerprint256, first);

    socket.write(body.slice(half));
    const answer = await connection.receive();
    assert.equal(answer.status, 200);
    assert.match(answer.body.toString(), /GetConfigResponse/);
    assert.equal((await connection.exchange(request())).status, 200);
    assert.equal(socket.getPeerX509Certificate()?.fingerprint256, first);
    assert.deepEqual(one.server.takeWarnings(), []);
  });

  test('by nothing that cannot be used: the old one stays, the reason is told once, and the next good one counts', async (t) => {
    await using one = await secured(good);
    const seen = async (): Promise<string | undefined> =>
      (await open(t, one.port)).getPeerX509Certificate()?.fingerprint256;
    const first = await seen();
    one.write({ ...renewed, key: good.key });
    await one.server.checkCertificates();
    await one.server.checkCertificates();
    assert.deepEqual(
      one.server.takeWarnings().map(({ level, code }) => [level, code]),
      [[50, 'OAK_TLS_KEY']],
    );
    assert.equal(await seen(), first);
    one.write(renewed);
    await one.server.checkCertificates();
    assert.notEqual(await seen(), first);
    assert.deepEqual(one.server.takeWarnings(), []);
  });

  test('by itself, soon after its files changed', async (t) => {
    await using one = await secured(good);
    one.write(renewed);
    await until('the new one is served', () =>
      one.server.log.some(({ msg }) => msg === 'the TLS certificate was replaced'),
    );
    assert.equal(await tried(one.port), 'TLSv1.3');
    assert.ok((await open(t, one.port)).authorized);
  });
});

async function open(t: TestContext, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, ...options });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

describe('a client that verifies refuses', () => {
  test('a certificate for another host', async () => {
    await using one = await secured(named);
    assert.equal(await tried(one.port), 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.equal(await tried(one.port, { servername: 'wsus.example.com' }), 'TLSv1.3');
  });

  test('a certificate that has expired, about which the log complained at the start', async () => {
    await using one = await secured(expired);
    assert.equal(await tried(one.port), 'CERT_HAS_EXPIRED');
    const [complaint] = one.server.takeWarnings();
    assert.deepEqual([complaint.level, complaint.code], [50, 'OAK_TLS_EXPIRY']);
    assert.match(complaint.msg, /expired on 20/);
  });
});

describe('versions of TLS', () => {
  // Without this, OpenSSL would refuse to offer them in the first place.
  const ancient: ConnectionOptions = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' };

  test('1.2 and 1.3 are spoken, 1.0 and 1.1 are not', async () => {
    await using one = await secured(good);
    for (const [version, expected] of [
      ['TLSv1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
      ['TLSv1.1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
      ['TLSv1.2', 'TLSv1.2'],
      ['TLSv1.3', 'TLSv1.3'],
    ] as const)
      assert.equal(await tried(one.port, { ...ancient, maxVersion: version }), expected);
    const [told] = await warned(one.server);
    assert.equal(told.code, 'OAK_TLS_HANDSHAKE');
    assert.match(told.msg, /older than tls\.minVersion/);
  });

  test('1.2 is not either where the settings say so', async () => {
    await using one = await secured(good, { 'tls.minVersion': '1.3' });
    assert.equal(await tried(one.port, { maxVersion: 'TLSv1.2' }), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    assert.equal(await tried(one.port), 'TLSv1.3');
  });

  const skip =
    spawnSync('openssl', ['version']).status === 0 ? false : 'there is no openssl on this computer';
  test('and another program agrees about the certificate and the chain', { skip }, async () => {
    await using one = await secured(good);
    const said = await opensslClient(one.port, ca);
    assert.match(said, /Verify return code: 0 \(ok\)/);
    assert.match(said, /TLSv1\.3/);
    assert.match(await opensslClient(one.port, foreignAuthority.ca), /Verify return code: (19|20|21) /);
  });
});

const warned = (server: TestServer): Promise<ReturnType<TestServer['takeWarnings']>> =>
  until('something is logged', () => {
    const lines = server.takeWarnings();
    return lines.length > 0 && lines;
  });

describe('what is no TLS', () => {
  const sent: Readonly<Record<string, string | Buffer>> = {
    'plain HTTP': request(),
    'bytes without meaning': Buffer.alloc(4096, 0xa5),
    'a greeting that breaks off': Buffer.from('16030100', 'hex'),
    'a record that is too long': Buffer.from('160303ffff' + '00'.repeat(2000), 'hex'),
    'a greeting of SSL 2': Buffer.from(
      '802e0100020015000000100100800200800300800400800500800600400700c0',
      'hex',
    ),
  };
  let shared: Secured;
  before(async () => (shared = await secured(good)));
  after(() => shared[Symbol.asyncDispose]());
  for (const [what, bytes] of Object.entries(sent)) {
    test(`${what} is hung up on, and the server goes on`, async (t) => {
      const socket = connectPlain(shared.port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.end(bytes);
      socket.resume();
      await closed;
      await assertServes(shared);
    });
  }

  test('is told a few times a minute, however often it comes', async () => {
    await using one = await secured(good);
    for (let times = 0; times < 20; times++) {
      const socket = connectPlain(one.port, '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      socket.end(request());
      socket.resume();
      await closed;
    }
    const lines = await warned(one.server);
    assert.ok(lines.length <= 5);
    assert.match(lines[0].msg, /plain HTTP/);
  });

  test('and a connection that says nothing does not keep a server from ending', async (t) => {
    await using one = await secured(good);
    const socket = connectPlain(one.port, '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await one.server.pause();
    await ended;
  });
});

describe('certificates of clients', () => {
  const clientCaFile = join(mkdtempSync(join(tmpdir(), 'oakum-test-')), 'clients.pem');
  writeFileSync(clientCaFile, clientAuthority.ca);
  after(() => rmSync(join(clientCaFile, '..'), { recursive: true }));
  const shown = ({ certificate, key }: KeyedCertificate): ConnectionOptions => ({ cert: certificate, key });
  const versions = ['TLSv1.2', 'TLSv1.3'] as const;

  test('are required: none and a foreign one are refused, ours is let in', async () => {
    await using one = await secured(good, {
      'tls.clientCertificates': 'require',
      'tls.clientCaFile': clientCaFile,
    });
    for (const maxVersion of versions) {
      assert.match(await tried(one.port, { maxVersion }), /^(ERR_SSL_|ECONNRESET)/);
      assert.match(await tried(one.port, { maxVersion, ...shown(ofForeign) }), /^(ERR_SSL_|ECONNRESET)/);
      assert.equal(await tried(one.port, { maxVersion, ...shown(ofOurs) }), maxVersion);
    }
    const told = one.server.takeWarnings().map(({ msg }) => msg);
    assert.ok(told.some((msg) => /showed no certificate/.test(msg)));
    assert.ok(
      told.some((msg) => /was refused: UNABLE_TO_VERIFY_LEAF_SIGNATURE|was refused: UNABLE_TO_GET/.test(msg)),
    );
  });

  test('are asked for: everybody is let in, and who would not be is told', async () => {
    await using one = await secured(good, {
      'tls.clientCertificates': 'request',
      'tls.clientCaFile': clientCaFile,
    });
    for (const options of [{}, shown(ofForeign), shown(ofOurs)])
      assert.equal(await tried(one.port, options), 'TLSv1.3');
    const told = one.server.log.filter(({ msg }) => msg.includes('would refuse'));
    assert.equal(told.length, 2);
    assert.equal(told[0].certificate, 'none');
  });

  test('are judged by the authorities as they are now', async () => {
    const path = join(clientCaFile, '..', 'changing.pem');
    writeFileSync(path, clientAuthority.ca);
    await using one = await secured(good, { 'tls.clientCertificates': 'require', 'tls.clientCaFile': path });
    assert.equal(await tried(one.port, shown(ofOurs)), 'TLSv1.3');
    writeFileSync(path, foreignAuthority.ca);
    await one.server.checkCertificates();
    assert.notEqual(await tried(one.port, shown(ofOurs)), 'TLSv1.3');
    assert.equal(await tried(one.port, shown(ofForeign)), 'TLSv1.3');
  });

  test('cannot be judged without authorities', async () => {
    await assert.rejects(secured(good, { 'tls.clientCertificates': 'require' }), {
      code: 'OAK_SETTING_INVALID',
    });
  });
});

describe('a server does not start', () => {
  test('with a key that belongs to another certificate', async () => {
    await assert.rejects(secured({ ...good, key: renewed.key }), {
      code: 'OAK_TLS_KEY',
      message: /belongs to none/,
    });
  });

  test('with a certificate that is not there', async () => {
    const missing = { 'tls.certificateFile': '/nonexistent/server.pem' };
    await assert.rejects(secured(good, missing), { code: 'OAK_TLS_CERTIFICATE', message: /nonexistent/ });
  });
});

describe('content may have a listener of its own', () => {
  test('which serves files and probes and nothing else, while clients find them on theirs as well', async () => {
    await using one = await secured(good, { 'content.listen': ANY_PORT });
    const { urls } = one.server;
    using content = new SoapClient(() => urls.content!);
    using client = new SoapClient(() => urls.clients!);
    const get = { method: 'GET' };
    assert.match(urls.content!, /^http:/);
    for (const [path, atContent, atClients] of [
      ['/SelfUpdate/iuident.cab', 200, 200],
      ['/Content/00/0000000000000000000000000000000000000000.cab', 404, 404],
      [clientService.path, 404, 200],
    ] as const) {
      assert.equal((await content.send(path, get)).status, atContent, path);
      assert.equal((await client.send(path, get)).status, atClients, path);
    }
  });

  test('over TLS if that is wanted', async () => {
    await using one = await secured(good, {
      'tls.listen': '',
      'content.listen': ANY_PORT,
      'content.tls': true,
    });
    const url = one.server.urls.content!;
    assert.match(url, /^https:/);
    using content = new SoapClient(() => url, { ca });
    assert.equal((await content.send('/SelfUpdate/iuident.cab', { method: 'GET' })).status, 200);
  });
});

test('plain HTTP that others can reach is warned about', async () => {
  await using server = await atPresent({ listen: '0.0.0.0:0' });
  const [told] = server.takeWarnings();
  assert.equal(told.code, 'OAK_HTTP_PLAIN');
  assert.ok(!existsSync(authorityFile(server.dataFolder)), 'nothing is issued that nobody asked for');
});

test('a host that is not this server’s is never repeated, and told once', async () => {
  await using server = await atPresent({});
  using client = new SoapClient(() => server.url);
  for (let times = 0; times < 3; times++) {
    const fields = [['Host', 'evil.example:8530']] as const;
    const { body } = await client.send(`${clientService.path}?wsdl`, { method: 'GET', fields });
    assert.ok(!body.includes('evil.example'));
    assert.ok(body.includes(`location="http://127.0.0.1:${server.port}/`));
  }
  const told = server.takeWarnings();
  assert.deepEqual(
    told.map(({ code, host }) => [code, host]),
    [['OAK_HOST_FOREIGN', 'evil.example']],
  );
});
