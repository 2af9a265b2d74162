import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import type { ErrorCode } from '../../src/errors/catalogue.ts';
import { contentPath } from '../../src/content/content-url.ts';
import { RawConnection } from '../support/raw-http.ts';
import { SoapClient } from '../support/soap-client.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** Connections that misbehave: answered where that is possible, logged once, and the server goes on. */

const PATH = '/ClientWebService/client.asmx';
const MESSAGE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetConfig ' +
  'xmlns="http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"><protocolVersion>2.90' +
  '</protocolVersion></GetConfig></s:Body></s:Envelope>';
const post = (body: string, ...fields: readonly string[]): string =>
  [`POST ${PATH} HTTP/1.1`, 'Host: pc', 'Content-Type: text/xml', ...fields, '', body].join('\r\n');
const GOOD = post(MESSAGE, `Content-Length: ${MESSAGE.length}`);

const server = await TestServer.start({ settings: { 'server.names': 'pc' } });
const client = new SoapClient(() => server.url);
after(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const warned = (): Promise<(string | undefined)[]> =>
  until('something is logged', () => {
    const codes = server.takeWarnings().map((line) => line.code);
    return codes.length > 0 && codes;
  });

async function stillServes(): Promise<void> {
  const fields = [['Content-Type', 'text/xml']] as const;
  assert.equal((await client.send(PATH, { fields, body: Buffer.from(MESSAGE) })).status, 200);
  assert.deepEqual(server.takeWarnings(), []);
}

describe('bytes that are no request, or two at once', () => {
  const chunked = 'Transfer-Encoding: chunked';
  const cases: Readonly<Record<string, readonly [bytes: string, status: number, code: ErrorCode]>> = {
    'no HTTP': ['\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'OAK_HTTP_MALFORMED'],
    'another version': [GOOD.replace('HTTP/1.1', 'HTTP/9.9'), 400, 'OAK_HTTP_MALFORMED'],
    'HTTP/2 without asking': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'OAK_HTTP_MALFORMED'],
    'a method nobody knows': [GOOD.replace('POST', 'STEAL'), 400, 'OAK_HTTP_MALFORMED'],
    'line feeds alone': [GOOD.replaceAll('\r\n', '\n'), 400, 'OAK_HTTP_MALFORMED'],
    'no host': [GOOD.replace('Host: pc\r\n', ''), 400, 'OAK_HTTP_MALFORMED'],
    'two hosts': [
      post(MESSAGE, 'Host: other', `Content-Length: ${MESSAGE.length}`),
      400,
      'OAK_HTTP_MALFORMED',
    ],
    'two lengths': [post(MESSAGE, 'Content-Length: 5', 'Content-Length: 6'), 400, 'OAK_HTTP_MALFORMED'],
    'a length and chunks': [post('0\r\n\r\n', 'Content-Length: 5', chunked), 400, 'OAK_HTTP_MALFORMED'],
    'chunks and a length': [post('0\r\n\r\n', chunked, 'Content-Length: 5'), 400, 'OAK_HTTP_MALFORMED'],
    'chunks said twice': [
      post('0\r\n\r\n', chunked, 'Transfer-Encoding: identity'),
      400,
      'OAK_HTTP_MALFORMED',
    ],
    'chunks not last': [post('0\r\n\r\n', 'Transfer-Encoding: chunked, gzip'), 400, 'OAK_HTTP_MALFORMED'],
    'a negative length': [post(MESSAGE, 'Content-Length: -1'), 400, 'OAK_HTTP_MALFORMED'],
    'a length in letters': [post(MESSAGE, 'Content-Length: 0x10'), 400, 'OAK_HTTP_MALFORMED'],
    'a space before the colon': [
      post(MESSAGE, `Content-Length : ${MESSAGE.length}`),
      400,
      'OAK_HTTP_MALFORMED',
    ],
    'a folded field': [post(MESSAGE, 'X-A: 1', ' Content-Length: 5'), 400, 'OAK_HTTP_MALFORMED'],
    'a chunk of no size': [post('zz\r\nx\r\n0\r\n\r\n', chunked), 400, 'OAK_HTTP_MALFORMED'],
    'a NUL in a field': [post(MESSAGE, 'X-A: \0'), 400, 'OAK_HTTP_MALFORMED'],
    'a field without end': [post(MESSAGE, `X-A: ${'x'.repeat(20_000)}`), 431, 'OAK_HTTP_FIELDS'],
    'the end before the body is complete': [
      post(MESSAGE.slice(9), `Content-Length: ${MESSAGE.length}`),
      400,
      'OAK_HTTP_MALFORMED',
    ],
  };
  for (const [name, [bytes, status, code]] of Object.entries(cases)) {
    test(`${name}: ${status}`, async (t) => {
      const connection = await RawConnection.open(t, server.port);
      connection.socket.end(Buffer.from(bytes, 'latin1'));
      const answer = await connection.receive();
      assert.equal(answer.status, status);
      assert.equal(answer.header('Connection'), 'close');
      assert.match(answer.body.toString(), new RegExp(`^${code}: `));
      assert.deepEqual(await warned(), [code]);
      await stillServes();
    });
  }
});

describe('what does not arrive in time is answered with 408', () => {
  const slow: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'half a request line': 'POST /Cli',
    'header fields without end': `POST ${PATH} HTTP/1.1\r\nHost: pc\r\nX-A: 1\r\n`,
    'a body that stops': post(MESSAGE.slice(0, 40), `Content-Length: ${MESSAGE.length}`),
    'chunks that stop': post('5\r\n<s:En\r\n', 'Transfer-Encoding: chunked'),
  };
  // All of them wait for the same second.
  test(Object.keys(slow).join(', '), async (t) => {
    await using impatient = await TestServer.start({ settings: { 'http.requestTimeoutSeconds': 1 } });
    const answers = await Promise.all(
      Object.values(slow).map(async (bytes) => {
        const connection = await RawConnection.open(t, impatient.port);
        connection.socket.write(bytes);
        return connection.receive();
      }),
    );
    assert.deepEqual(
      answers.map((answer) => [answer.status, answer.header('Connection')]),
      answers.map(() => [408, 'close']),
    );
    assert.deepEqual(
      impatient.takeWarnings().map((line) => line.code),
      answers.map(() => 'OAK_HTTP_TIMEOUT'),
    );
    assert.equal((await fetch(`${impatient.url}/iuident.cab`)).status, 200);
  });
});

test('a client that goes away in the middle of its request costs one line', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(post(MESSAGE.slice(0, 40), `Content-Length: ${MESSAGE.length}`, 'Expect: 100-continue'));
  // The server has begun to read the request when it says so.
  await once(socket, 'data');
  socket.resetAndDestroy();
  assert.deepEqual(await warned(), ['OAK_HTTP_ABORTED']);
  await stillServes();
});

test('a client that goes away before it asked anything costs none', async (t) => {
  const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(t, server.port)));
  for (const [index, { socket }] of connections.entries()) {
    if (index % 2 === 0) socket.resetAndDestroy();
    else socket.end();
  }
  await stillServes();
});

test('a client that closed its half of the connection is answered', async (t) => {
  const connection = await RawConnection.open(t, server.port);
  connection.socket.end(GOOD);
  assert.equal((await connection.receive()).status, 200);
  await stillServes();
});

describe('pipelined requests', () => {
  test('are answered one after the other, in their order', async (t) => {
    const connection = await RawConnection.open(t, server.port);
    const probe = 'GET /SelfUpdate/iuident.cab HTTP/1.1\r\nHost: pc\r\n\r\n';
    const missing = 'HEAD /nowhere HTTP/1.1\r\nHost: pc\r\n\r\n';
    connection.socket.write((GOOD + probe).repeat(50) + missing);
    for (let round = 0; round < 50; round++) {
      assert.match((await connection.receive()).body.toString(), /GetConfigResponse/);
      assert.equal((await connection.receive()).body.toString('latin1', 0, 4), 'MSCF');
    }
    assert.equal((await connection.receive('HEAD')).status, 404);
    await stillServes();
  });

  test('a good one is answered before a bad one ends the connection', async (t) => {
    const connection = await RawConnection.open(t, server.port);
    connection.socket.write(GOOD);
    assert.equal((await connection.receive()).status, 200);
    connection.socket.write('nonsense\r\n\r\n');
    assert.equal((await connection.receive()).status, 400);
    assert.deepEqual(await warned(), ['OAK_HTTP_MALFORMED']);
    await stillServes();
  });
});

describe('methods', () => {
  for (const [method, path, allow] of [
    ['PUT', PATH, 'POST, GET, HEAD'],
    ['OPTIONS', PATH, 'POST, GET, HEAD'],
    ['DELETE', '/ReportingWebService/ReportingWebService.asmx', 'POST, GET, HEAD'],
    ['PROPFIND', '/SimpleAuthWebService/SimpleAuth.asmx', 'POST, GET, HEAD'],
    ['POST', '/selfupdate/iuident.cab', 'GET, HEAD'],
    ['PUT', '/ClientWebService/wusserverversion.xml', 'GET, HEAD'],
    ['PUT', contentPath(Buffer.alloc(20, 7), '.exe'), 'GET, HEAD'],
  ] as const) {
    test(`${method} ${path}: 405, and what is allowed`, async () => {
      const reply = await client.send(path, { method, body: Buffer.from('x') });
      assert.equal(reply.status, 405);
      assert.equal(reply.header('Allow'), allow);
      server.takeWarnings();
      await stillServes();
    });
  }

  test('an expectation nobody knows is ignored, a known one met', async () => {
    const fields = [['Content-Type', 'text/xml']] as const;
    for (const expectation of ['100-continue', 'a-miracle']) {
      const expecting = [...fields, ['Expect', expectation] as const];
      const reply = await client.send(PATH, { fields: expecting, body: Buffer.from(MESSAGE) });
      assert.equal(reply.status, 200);
    }
  });

  test('an upgrade is not taken up', async () => {
    const fields = [
      ['Content-Type', 'text/xml'],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'h2c'],
    ] as const;
    const reply = await client.send(PATH, { fields, body: Buffer.from(MESSAGE) });
    assert.equal(reply.status, 200);
  });
});

test('stopping waits for the answer under way, and for no connection that is idle', async (t) => {
  const stopping = await TestServer.start();
  t.after(() => stopping[Symbol.asyncDispose]());
  const idle = await RawConnection.open(t, stopping.port);
  const busy = await RawConnection.open(t, stopping.port);
  idle.socket.write(GOOD);
  await idle.receive();
  busy.socket.write(GOOD.slice(0, -5));
  // The server has begun to read that one as soon as it answered another that came later.
  const later = await RawConnection.open(t, stopping.port);
  later.socket.write(GOOD);
  await later.receive();
  const paused = stopping.pause();
  busy.socket.write(GOOD.slice(-5));
  assert.equal((await busy.receive()).status, 200);
  await paused;
});
