import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentTalk, soapAnswer } from '../../test/support/agent-talk.ts';
import { RecordingServer } from '../../test/support/recording-server.ts';
import { clientService, GetConfig } from '../protocol/wusp/client.ts';
import { GetAuthorizationCookie, simpleAuthService } from '../protocol/wusp/simple-auth.ts';
import { CLIENT_PATH } from './agent-session.ts';

const answering = () =>
  RecordingServer.start(({ path }) => ({
    body: path.includes('SimpleAuth')
      ? soapAnswer('GetAuthorizationCookie', '', simpleAuthService.namespace)
      : soapAnswer('GetConfig', ''),
  }));

async function ask(talk: AgentTalk): Promise<void> {
  await talk.caller.call(clientService, GetConfig, { protocolVersion: '1.8' }, CLIENT_PATH);
}

test('the headers come in the order of a real agent, and the body without declaration and white space', async () => {
  await using server = await answering();
  using talk = new AgentTalk(server, 'windows-11-25h2');
  await ask(talk);
  const [{ method, path, fields, body }] = server.requests;
  assert.equal(`${method} ${path}`, 'POST /ClientWebService/client.asmx');
  assert.deepEqual(fields, [
    ['Cache-Control', 'no-cache'],
    ['Connection', 'Keep-Alive'],
    ['Pragma', 'no-cache'],
    ['Content-Type', 'text/xml; charset=utf-8'],
    ['Accept-Encoding', 'xpress'],
    ['User-Agent', talk.persona.userAgent],
    ['SOAPAction', `"${clientService.namespace}/GetConfig"`],
    ['MS-CV', 'AAAAAAAAAAAAAAAA.1.0.0.2.1'],
    ['Content-Length', String(body.length)],
    ['Host', new URL(server.url).host],
  ]);
  assert.equal(
    body.toString(),
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
      `<GetConfig xmlns="${clientService.namespace}"><protocolVersion>1.8</protocolVersion></GetConfig>` +
      '</s:Body></s:Envelope>',
  );
});

test('the correlation vector counts the calls of the client service, and no other service sees it', async () => {
  await using server = await answering();
  using talk = new AgentTalk(server, 'windows-11-25h2');
  await ask(talk);
  const request = { clientId: 'rope', dnsName: 'rope.example' };
  await talk.caller.call(simpleAuthService, GetAuthorizationCookie, request);
  await ask(talk);
  assert.deepEqual(
    server.requests.map(({ fields }) => fields.find(([name]) => name === 'MS-CV')?.[1]),
    ['AAAAAAAAAAAAAAAA.1.0.0.2.1', undefined, 'AAAAAAAAAAAAAAAA.1.0.0.2.2'],
  );
});

test('agents before Windows 10 send no correlation vector', async () => {
  await using server = await answering();
  for (const name of ['windows-7-sp1', 'windows-8.1', 'windows-server-2012-r2']) {
    using talk = new AgentTalk(server, name);
    await ask(talk);
  }
  assert.ok(server.requests.every(({ fields }) => !fields.some(([name]) => name === 'MS-CV')));
  assert.deepEqual(
    server.requests.map(({ fields }) => fields.find(([name]) => name === 'User-Agent')?.[1]),
    [
      'Windows-Update-Agent',
      'Windows-Update-Agent/7.9.9600.19670 Client-Protocol/1.21',
      'Windows-Update-Agent/7.9.9600.19670 Client-Protocol/1.21',
    ],
  );
});
