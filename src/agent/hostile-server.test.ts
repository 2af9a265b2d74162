import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import {
  COOKIE,
  SCRIPT_NOW_MS,
  ScriptedServer,
  updateInfo,
  type Script,
} from '../../test/support/scripted-server.ts';
import { selfSigned } from '../../test/support/self-signed.ts';
import { Agent, type AgentOptions } from './agent.ts';
import { AgentFailure } from './agent-failure.ts';
import { formatHresult } from './hresult.ts';
import { profile } from './machine/profiles/profile.ts';

const SOON_MS = 200;

/** Scans a server, and returns how that failed, which is always the same way. */
async function failureOfScan(
  t: TestContext,
  server: string,
  options: Partial<AgentOptions> = {},
): Promise<AgentFailure> {
  const agent = new Agent({
    server,
    profile: profile('windows-11-25h2'),
    clientId: '0b0a0000-0000-4000-8000-000000000002',
    dnsName: 'simulated.example.com',
    now: () => SCRIPT_NOW_MS,
    timeoutMs: 10_000,
    ...options,
  });
  t.after(() => agent[Symbol.dispose]());
  const failure = await agent.scan().then(
    () => assert.fail('the scan ended well'),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof AgentFailure, String(failure));
  // One line, with the code in front.
  assert.match(failure.message, /^[^\n]* 0x[0-9A-F]{8} [A-Z_]+: [^\n]*[.!?]$/);
  const event = agent.queuedEvents.at(-1);
  assert.equal(event?.eventId, 148);
  assert.deepEqual(event?.replacementStrings, [formatHresult(failure.hresult)]);
  return failure;
}

async function codeOfScript(
  t: TestContext,
  script: Script,
  options?: Partial<AgentOptions>,
): Promise<string> {
  const server = await ScriptedServer.start(t, script);
  return formatHresult((await failureOfScan(t, server.url, options)).hresult);
}

/** A server below HTTP. */
async function listenRaw(t: TestContext, answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('a server that cannot be talked to', () => {
  test('refuses connections: 0x80240438', async (t) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const failure = await failureOfScan(t, `http://127.0.0.1:${port}`);
    assert.equal(formatHresult(failure.hresult), '0x80240438');
    assert.match(failure.reason, /refuses connections/);
  });

  test('speaks no TLS: 0x80240438', async (t) => {
    const { url } = await ScriptedServer.start(t);
    const failure = await failureOfScan(t, url.replace('http:', 'https:'));
    assert.equal(formatHresult(failure.hresult), '0x80240438');
    assert.match(failure.reason, /TLS|closed the connection/);
  });

  test('has a certificate that nobody trusts: 0x80240438', async (t) => {
    const server = createTlsServer(selfSigned('localhost'), (_, response) => void response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const failure = await failureOfScan(t, `https://127.0.0.1:${port}`);
    assert.equal(formatHresult(failure.hresult), '0x80240438');
    assert.match(failure.reason, /certificate that it signed itself/);
  });

  test('hangs up: 0x80240438', async (t) => {
    const port = await listenRaw(t, (socket) => socket.destroy());
    const failure = await failureOfScan(t, `http://127.0.0.1:${port}`);
    assert.equal(formatHresult(failure.hresult), '0x80240438');
  });

  test('speaks something else: 0x80244009', async (t) => {
    const port = await listenRaw(t, (socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    const failure = await failureOfScan(t, `http://127.0.0.1:${port}`);
    assert.equal(formatHresult(failure.hresult), '0x80244009');
    assert.match(failure.reason, /not HTTP/);
  });

  test('never says anything: 0x8024401C when the time is over', async (t) => {
    const port = await listenRaw(t, () => undefined);
    const failure = await failureOfScan(t, `http://127.0.0.1:${port}`, { timeoutMs: SOON_MS });
    assert.equal(formatHresult(failure.hresult), '0x8024401C');
  });

  test('has no address: no error but one of ours', () => {
    for (const server of ['', 'wsus', 'ftp://wsus/', 'http://']) {
      assert.throws(
        () =>
          new Agent({
            server,
            profile: profile('windows-7-sp1'),
            clientId: 'x',
            dnsName: 'x',
            now: () => SCRIPT_NOW_MS,
          }),
        { code: 'OAK_PEER_UNREACHABLE' },
      );
    }
  });
});

describe('an answer that is none', () => {
  const page = '<!DOCTYPE html><html><body><h1>Proxy</h1><br></body></html>';
  const raw =
    (status: number, body: string | Buffer, headers: Record<string, string> = {}) =>
    ({ response }: { readonly response: ServerResponse }): undefined =>
      void response.writeHead(status, headers).end(body);

  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
  const inService = 'xmlns="http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"';

  for (const [what, script, code] of [
    ['an HTML page with status 200', raw(200, page), '0x80240439'],
    ['an HTML page with status 404', raw(404, page), '0x80244019'],
    ['an HTML page with status 500', raw(500, page), '0x8024401F'],
    ['an HTML page with status 502', raw(502, page), '0x80244021'],
    ['nothing with status 503', raw(503, ''), '0x80244022'],
    ['status 407 of a proxy', raw(407, page), '0x8024401B'],
    ['a redirection', raw(302, '', { Location: 'http://127.0.0.1/' }), '0x8024402B'],
    ['nothing with status 200', raw(200, ''), '0x80240439'],
    ['bytes', raw(200, Buffer.from([0, 1, 2, 0xff, 0xfe])), '0x80240439'],
    ['the answer to something else', raw(200, envelope(`<GetCookieResponse ${inService}/>`)), '0x80240439'],
    ['an empty result', raw(200, envelope(`<GetConfigResponse ${inService}/>`)), '0x80240439'],
    ['XML that does not end', raw(200, envelope(`<GetConfigResponse ${inService}>`)), '0x80240439'],
    ['an unknown coding', raw(200, 'x', { 'Content-Encoding': 'zstd' }), '0x80240439'],
    ['xpress that is none', raw(200, 'not xpress', { 'Content-Encoding': 'xpress' }), '0x80240439'],
    [
      'xpress that claims four gigabytes',
      raw(200, Buffer.from('ffffffff0400000000000000', 'hex'), { 'Content-Encoding': 'xpress' }),
      '0x80240439',
    ],
    [
      'a document type definition',
      raw(200, `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(100)}">]>${envelope('&b;')}`),
      '0x80240439',
    ],
  ] as const) {
    test(`${what}: ${code}`, async (t) => {
      assert.equal(await codeOfScript(t, { GetConfig: script }), code);
    });
  }

  test('one that breaks off: 0x80244009', async (t) => {
    const script: Script = {
      GetConfig: ({ response }) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('<s:Envelope', () => response.destroy());
        return undefined;
      },
    };
    assert.equal(await codeOfScript(t, script), '0x80244009');
  });

  test('one larger than an agent takes: 0x80240439', async (t) => {
    const script: Script = {
      GetConfig: ({ response }) => void response.end(Buffer.alloc(100_000, ' ')),
    };
    assert.equal(await codeOfScript(t, script, { maxAnswerBytes: 10_000 }), '0x80240439');
  });

  test('one without end is cut off by the bound on its size', async (t) => {
    const script: Script = {
      GetConfig: ({ response }) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
        return undefined;
      },
    };
    assert.equal(await codeOfScript(t, script, { maxAnswerBytes: 1_000_000 }), '0x80240439');
  });

  test('one that begins and then waits is cut off when the time is over: 0x8024401C', async (t) => {
    const script: Script = { GetConfig: ({ response }) => void response.write('<s:Envelope') };
    assert.equal(await codeOfScript(t, script, { timeoutMs: SOON_MS }), '0x8024401C');
  });
});

describe('updates that break a scan', () => {
  const sync = (...updates: readonly Record<string, unknown>[]): Script => ({
    SyncUpdates: () => ({ SyncUpdatesResult: { NewUpdates: updates, Truncated: false, NewCookie: COOKIE } }),
  });

  for (const [what, script, code] of [
    ['the same id twice', sync(updateInfo(7), updateInfo(7)), '0x80240013'],
    ['no UpdateIdentity', sync({ ...updateInfo(7), Xml: '<Properties />' }), '0x8024000D'],
    ['no fragment', sync({ ...updateInfo(7), Xml: '' }), '0x8024000D'],
    [
      'a fragment that is no XML',
      sync({ ...updateInfo(7), Xml: `${String(updateInfo(7).Xml)}<Properties` }),
      '0x8024000E',
    ],
    [
      'endless pages',
      {
        SyncUpdates: ({ earlier }) => ({
          SyncUpdatesResult: { NewUpdates: [updateInfo(earlier + 1)], Truncated: true, NewCookie: COOKIE },
        }),
      },
      '0x80244010',
    ],
    [
      'endless empty pages',
      { SyncUpdates: () => ({ SyncUpdatesResult: { Truncated: true, NewCookie: COOKIE } }) },
      '0x80244010',
    ],
    ['no result', { SyncUpdates: () => ({}) }, '0x80240439'],
  ] as const satisfies readonly (readonly [string, Script, string])[]) {
    test(`${what}: ${code}`, async (t) => {
      const server = await ScriptedServer.start(t, script);
      assert.equal(formatHresult((await failureOfScan(t, server.url)).hresult), code);
      if (code === '0x80244010') {
        assert.equal(server.calls.filter((call) => call === 'SyncUpdates').length, 200);
      }
    });
  }

  test('no Deployment: 0x80070057', async (t) => {
    const script: Script = {
      SyncUpdates: ({ response }) => {
        const body =
          `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SyncUpdatesResponse ` +
          `xmlns="http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"><SyncUpdatesResult>` +
          `<NewUpdates><UpdateInfo><ID>7</ID><IsLeaf>true</IsLeaf>` +
          `<Xml>&lt;UpdateIdentity UpdateID="0b000000-0000-4000-8000-000000000007" RevisionNumber="1" /&gt;</Xml>` +
          `</UpdateInfo></NewUpdates><Truncated>false</Truncated></SyncUpdatesResult></SyncUpdatesResponse>` +
          `</s:Body></s:Envelope>`;
        return void response.end(body);
      },
    };
    assert.equal(await codeOfScript(t, script), '0x80070057');
  });

  test('one update that cannot be read does not end the scans to come', async (t) => {
    const bad = { ...updateInfo(7), Xml: `${String(updateInfo(7).Xml)}<Properties` };
    const server = await ScriptedServer.start(t, sync(bad));
    const agent = new Agent({
      server: server.url,
      profile: profile('windows-11-25h2'),
      clientId: '0b0a0000-0000-4000-8000-000000000003',
      dnsName: 'simulated.example.com',
      now: () => SCRIPT_NOW_MS,
    });
    t.after(() => agent[Symbol.dispose]());
    await assert.rejects(agent.scan(), { hresult: 0x8024_000e });
    server.script = sync(updateInfo(7));
    assert.equal((await agent.scan()).cached, 1);
  });
});
