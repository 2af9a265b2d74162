import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { SyncUpdates, clientService } from '../../src/protocol/wusp/client.ts';
import { SoapClient } from '../support/soap-client.ts';
import { TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';

/** What is refused is said with its code, to whoever asked and in the log, and nothing else changes. */

const server = await TestServer.start({ settings: { 'soap.maxDepth': 9, 'soap.maxElements': 1000 } });
const client = new SoapClient(() => server.url);
after(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

describe('over HTTP', () => {
  for (const [what, method, path, status, code] of [
    ['a path that nothing is at', 'GET', '/nowhere', 404, 'OAK_HTTP_NOT_FOUND'],
    ['a method no service knows', 'PUT', '/ClientWebService/client.asmx', 405, 'OAK_HTTP_METHOD'],
    ['a method that content does not know', 'POST', '/Content/AA/00.exe', 405, 'OAK_CONTENT_METHOD'],
  ] as const) {
    test(`${what} is ${status}`, async () => {
      server.log.splice(0);
      const reply = await client.send(path, { method });
      assert.equal(reply.status, status);
      assert.ok(reply.body.toString().startsWith(code), reply.body.toString());
      // Downloads are many and refuse nothing that an administrator should know.
      assert.equal(
        server.log.some((line) => line.code === code),
        !path.startsWith('/Content'),
      );
    });
  }
});

describe('a request', () => {
  const envelope = (content: string): Buffer =>
    Buffer.from(
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
        `<GetConfig xmlns="${clientService.namespace}"><protocolVersion>1.8</protocolVersion>${content}</GetConfig>` +
        '</s:Body></s:Envelope>',
    );
  const send = async (content: string): Promise<number> => {
    const fields = [['Content-Type', 'text/xml']] as const;
    return (await client.send('/ClientWebService/client.asmx', { fields, body: envelope(content) })).status;
  };

  test('may be as deep as soap.maxDepth says, and no deeper', async () => {
    const nested = (depth: number): string => '<x>'.repeat(depth) + '</x>'.repeat(depth);
    // The envelope, its body and the message are three.
    assert.equal(await send(nested(6)), 200);
    assert.equal(await send(nested(7)), 400);
  });

  test('may have as many elements as soap.maxElements says, and no more', async () => {
    // With the envelope, its body, the message and the version.
    assert.equal(await send('<x/>'.repeat(996)), 200);
    assert.equal(await send('<x/>'.repeat(997)), 400);
  });
});

test('a cookie lives as long as cookies.lifetimeMinutes says', async () => {
  await using brief = await TestServer.start({ settings: { 'cookies.lifetimeMinutes': 7 } });
  using computer = await TestComputer.registered(brief);
  const call = (): Promise<unknown> =>
    computer.client.call(clientService, SyncUpdates, {
      cookie: computer.cookie,
      parameters: { ExpressQuery: false, SkipSoftwareSync: false },
    });
  brief.clock.advance(7 * 60_000 - 1);
  await call();
  brief.clock.advance(1);
  await assert.rejects(call(), /CookieExpired/);
});
