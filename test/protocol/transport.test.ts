import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { contentPath } from '../../src/content/content-url.ts';
import { openFolderContentStore } from '../../src/content/folder-content-store.ts';
import { openCabinet } from '../../src/metadata/cab/cabinet.ts';
import { sourceFromBytes } from '../../src/metadata/cab/cabinet-source.ts';
import { clientService } from '../../src/protocol/wusp/client.ts';
import { reportingService } from '../../src/protocol/wusp/reporting.ts';
import { simpleAuthService } from '../../src/protocol/wusp/simple-auth.ts';
import { ENVELOPE_NAMESPACE } from '../../src/soap/envelope.ts';
import { writeWsdl } from '../../src/soap/wsdl.ts';
import { xpressEncode } from '../../src/soap/xpress.ts';
import { RawConnection } from '../support/raw-http.ts';
import { assertSameBytes } from '../support/same-bytes.ts';
import { MEMBER_FILES, sha1Of } from '../support/sample-catalogue.ts';
import { SoapClient, type HttpReply } from '../support/soap-client.ts';
import { TestServer } from '../support/test-server.ts';

/** Addresses, methods, codings and versions: everything around a message. */

const PATH = '/ClientWebService/client.asmx';
const server = await TestServer.start();
const client = new SoapClient(() => server.url);
after(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const message = (version: '1.1' | '1.2', protocolVersion = '2.90'): Buffer =>
  Buffer.from(
    `<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE[version]}"><s:Body><GetConfig xmlns="${clientService.namespace}">` +
      `<protocolVersion>${protocolVersion}</protocolVersion></GetConfig></s:Body></s:Envelope>`,
  );
const post = (
  fields: Readonly<Record<string, string>> = {},
  body: Buffer = message('1.1'),
  path = PATH,
): Promise<HttpReply> =>
  client.send(path, { fields: Object.entries({ 'Content-Type': 'text/xml', ...fields }), body });
const get = (path: string, method = 'GET'): Promise<HttpReply> => client.send(path, { method });

describe('SOAP', () => {
  test('1.2 is answered in 1.2, whatever the Content-Type says', async () => {
    for (const type of ['application/soap+xml; charset=utf-8; action="x"', 'text/xml', 'application/xml']) {
      const reply = await post({ 'Content-Type': type }, message('1.2'));
      assert.equal(reply.status, 200);
      assert.equal(reply.header('Content-Type'), 'application/soap+xml; charset=utf-8');
      assert.match(reply.body.toString(), new RegExp(`^<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE['1.2']}">`));
    }
    const reply = await post({ 'Content-Type': 'application/soap+xml' });
    assert.equal(reply.header('Content-Type'), 'text/xml; charset=utf-8');
  });

  test('1.2 is faulted in 1.2', async () => {
    const reply = await post({ 'Content-Type': 'application/soap+xml' }, message('1.2', 'x'));
    assert.equal(reply.status, 500);
    assert.equal(reply.header('Content-Type'), 'application/soap+xml; charset=utf-8');
    const text = reply.body.toString();
    assert.match(text, /<s:Code><s:Value>s:Sender<\/s:Value><\/s:Code>/);
    assert.match(text, /<ErrorCode>InvalidParameters<\/ErrorCode><Message>protocolVersion<\/Message>/);
  });

  test('the body says which operation it is; a SOAPAction is not needed, and a wrong one ignored', async () => {
    assert.equal((await post()).status, 200);
    assert.equal((await post({ SOAPAction: '""' })).status, 200);
    assert.equal((await post({ SOAPAction: '"urn:x/SyncUpdates"' })).status, 200);
  });

  test('a request without a Content-Type is taken for XML', async () => {
    const reply = await client.send(PATH, { body: message('1.1') });
    assert.equal(reply.status, 200);
  });

  for (const type of [
    'TEXT/XML',
    'text/xml;charset="UTF-8"',
    'text/xml; charset=us-ascii; x=y',
    'text/xml; charset=utf8',
  ]) {
    test(`takes the type ${type}`, async () => {
      assert.equal((await post({ 'Content-Type': type })).status, 200);
    });
  }

  test('one service does not answer for another', async () => {
    for (const path of [simpleAuthService.path, reportingService.path]) {
      const reply = await post({}, message('1.1'), path);
      assert.equal(reply.status, 500);
      assert.match(reply.body.toString(), /<soap:Fault>.*<ErrorCode>InvalidParameters<\/ErrorCode>/);
    }
  });
});

describe('codings', () => {
  for (const [accepted, coding] of [
    ['xpress', 'xpress'],
    ['gzip, deflate', 'gzip'],
    ['gzip, xpress;q=0.5', 'xpress'],
    ['xpress;q=0, gzip', 'gzip'],
    ['br', undefined],
    ['identity', undefined],
    ['*', undefined],
    ['', undefined],
  ] as const) {
    test(`Accept-Encoding "${accepted}" is answered by ${coding ?? 'plain bytes'}`, async () => {
      const plain = await post();
      const reply = await post({ 'Accept-Encoding': accepted });
      assert.equal(reply.header('Content-Encoding'), coding);
      assert.equal(reply.header('Vary'), coding && 'Accept-Encoding');
      assert.equal(Number(reply.header('Content-Length')), reply.wireBytes);
      assert.deepEqual(reply.body, plain.body);
    });
  }

  test('nothing is coded for who does not ask, and no fault is coded', async () => {
    assert.equal((await post()).header('Content-Encoding'), undefined);
    const fault = await post({ 'Accept-Encoding': 'xpress' }, message('1.1', 'x'));
    assert.deepEqual([fault.status, fault.header('Content-Encoding')], [500, undefined]);
  });

  test('xpress can be switched off', async () => {
    await using plain = await TestServer.start({ settings: { 'soap.xpress': 'off' } });
    using other = new SoapClient(() => plain.url);
    const codings = await Promise.all(
      ['xpress', 'xpress, gzip'].map(async (accepted) => {
        const fields = Object.entries({ 'Content-Type': 'text/xml', 'Accept-Encoding': accepted });
        return (await other.send(PATH, { fields, body: message('1.1') })).header('Content-Encoding');
      }),
    );
    assert.deepEqual(codings, [undefined, 'gzip']);
  });

  test('requests may be coded too', async () => {
    assert.equal((await post({ 'Content-Encoding': 'gzip' }, gzipSync(message('1.1')))).status, 200);
    assert.equal((await post({ 'Content-Encoding': 'XPRESS' }, xpressEncode(message('1.1')))).status, 200);
    assert.equal((await post({ 'Content-Encoding': 'identity' })).status, 200);
  });

  test('a client of HTTP/1.0 is answered whole, and the connection closed', async (t) => {
    const connection = await RawConnection.open(t, server.port);
    const body = message('1.1').toString();
    connection.socket.write(
      `POST ${PATH} HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = await connection.receive();
    assert.equal(answer.status, 200);
    assert.equal(answer.header('Transfer-Encoding'), undefined);
    assert.match(answer.body.toString(), /GetConfigResponse/);
    assert.equal(answer.header('Connection'), 'close');
  });
});

describe('addresses', () => {
  for (const path of [
    '/ClientWebService/Client.asmx',
    '/clientwebservice/client.asmx',
    '/CLIENTWEBSERVICE/CLIENT.ASMX',
    '//ClientWebService///client.asmx',
    '/ClientWebService/client.asmx?x=y',
    'http://elsewhere:8530/ClientWebService/client.asmx',
  ]) {
    test(`${path} is the client service`, async () => {
      assert.equal((await post({}, message('1.1'), path)).status, 200);
    });
  }

  test('what nobody serves is 404, and not worth a warning', async () => {
    server.takeWarnings();
    for (const path of [
      '/',
      '/favicon.ico',
      '/ClientWebService',
      '/ClientWebService/client.asmx/',
      '/selfupdate/',
    ])
      assert.equal((await get(path)).status, 404, path);
    assert.deepEqual(server.takeWarnings(), []);
  });

  for (const service of [clientService, simpleAuthService, reportingService]) {
    test(`${service.name}: ?wsdl is its description, without it a page says that it runs`, async () => {
      for (const query of ['?wsdl', '?WSDL', '?singleWsdl']) {
        const reply = await get(service.path + query);
        assert.equal(reply.header('Content-Type'), 'text/xml; charset=utf-8');
        assertSameBytes(reply.body, writeWsdl(service, server.url));
      }
      const page = await get(service.path);
      assert.equal(page.header('Content-Type'), 'text/html; charset=utf-8');
      assert.match(page.body.toString(), /is running/);
      const head = await get(`${service.path}?wsdl`, 'HEAD');
      assert.equal(head.body.length, 0);
      assert.equal(Number(head.header('Content-Length')), writeWsdl(service, server.url).length);
    });
  }

  test('the address in the published description of the reporting service works as well', async () => {
    assert.equal((await get('/ReportingWebService/WebService.asmx?wsdl')).status, 200);
  });

  test('a description never repeats a Host that is none', async () => {
    const fields = [['Host', 'x"><evil']] as const;
    const reply = await client.send(`${PATH}?wsdl`, { method: 'GET', fields });
    assert.doesNotMatch(reply.body.toString(), /evil/);
  });
});

describe('probes of monitors and old clients', () => {
  for (const path of ['/ClientWebService/wusserverversion.xml', '//clientwebservice/WusServerVersion.XML']) {
    test(`${path} says which protocol this is`, async () => {
      const reply = await get(path);
      assert.equal(reply.status, 200);
      assert.equal(reply.header('Content-Type'), 'text/xml');
      assert.match(reply.body.toString(), /<ServerVersion>3\.2<\/ServerVersion>/);
    });
  }

  for (const path of ['/SelfUpdate/iuident.cab', '//selfupdate/iuident.cab?2610041503', '/iuident.cab']) {
    test(`${path} is a small cabinet`, async () => {
      const reply = await get(path);
      assert.equal(reply.status, 200);
      const cabinet = openCabinet(sourceFromBytes(reply.body));
      assert.deepEqual(
        cabinet.entries.map((entry) => entry.name),
        ['iuident.txt'],
      );
      const head = await get(path, 'HEAD');
      assert.equal(Number(head.header('Content-Length')), reply.body.length);
    });
  }

  describe('the self-update tree', () => {
    before(() => {
      const folder = join(server.dataFolder, 'selfupdate', 'au', 'x86');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(server.dataFolder, 'selfupdate', 'wuident.cab'), 'signed by somebody else');
      writeFileSync(join(folder, 'wuaucpl.cab'), 'deeper');
      writeFileSync(join(server.dataFolder, 'secret.txt'), 'secret');
    });

    test('is served from where an administrator put it', async () => {
      for (const [path, content] of [
        ['/SelfUpdate/wuident.cab?2610041503', 'signed by somebody else'],
        ['/selfupdate/AU/x86/wuaucpl.cab', 'deeper'],
      ]) {
        const reply = await get(path);
        assert.equal(reply.header('Content-Type'), 'application/octet-stream');
        assert.equal(reply.body.toString(), content);
      }
    });

    test('nothing beside it can be reached', async () => {
      for (const path of [
        '/selfupdate/../secret.txt',
        '/selfupdate/..%2fsecret.txt',
        '/selfupdate/%2e%2e/secret.txt',
        '/selfupdate/..\\secret.txt',
        '/selfupdate/./wuident.cab',
        '/selfupdate/au',
        '/selfupdate/wuident.cab/x',
        '/selfupdate/\u00e4',
        `/selfupdate/${'a/'.repeat(9)}b`,
        '/selfupdate/missing.cab',
      ])
        assert.equal((await get(encodeURI(path).replaceAll('%25', '%'))).status, 404, path);
    });
  });
});

describe('/Content', () => {
  const [file] = MEMBER_FILES;
  const digest = sha1Of(file.content);
  const path = contentPath(digest, '.exe');
  before(async () => {
    const store = await openFolderContentStore(join(server.dataFolder, 'content'));
    const writer = store.writer({ sha1: digest, size: file.content.length });
    await writer.write(file.content);
    await writer.commit();
  });

  test('a stored file is served under any spelling of its address, whole or in ranges', async () => {
    for (const one of [path, path.toLowerCase(), path.replace('/Content', '//CONTENT'), `${path}?x`]) {
      const reply = await get(one);
      assert.deepEqual([reply.status, reply.body.equals(file.content)], [200, true], one);
    }
    const fields = [['Range', 'bytes=10-19']] as const;
    const part = await client.send(path, { method: 'GET', fields });
    assert.equal(part.status, 206);
    assert.equal(part.header('Content-Range'), `bytes 10-19/${file.content.length}`);
    assert.deepEqual(part.body, file.content.subarray(10, 20));
  });

  test('what is not stored is 404, what has no extension 403', async () => {
    const other = contentPath(Buffer.alloc(20, 7), '.cab');
    assert.equal((await get(other)).status, 404);
    assert.equal((await get(other.slice(0, -4))).status, 403);
  });
});
