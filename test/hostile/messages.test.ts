import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../src/errors/catalogue.ts';
import { clientService, GetConfig, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import { FRAMING } from '../../src/soap/service.ts';
import { SoapFault } from '../support/soap-client.ts';
import { TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { encodeWireMessage } from '../support/wire-message.ts';

/** Bodies that no client sends: each is refused with one answer and one line in the log, and that is all. */

const MAX_BYTES = 2_000_000;
const server = await TestServer.start({ settings: { 'soap.maxRequestBytes': MAX_BYTES } });
const computer = await TestComputer.registered(server);
after(async () => {
  computer[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

interface Hostile {
  readonly body: string | Buffer;
  readonly fields?: Readonly<Record<string, string | undefined>>;
  /** Of the answer: 500 for a fault, else that of the code. */
  readonly status: number;
  readonly code: ErrorCode;
}

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const NAMESPACE = clientService.namespace;
const inEnvelope = (content: string): string =>
  `<s:Envelope xmlns:s="${ENVELOPE}"><s:Body>${content}</s:Body></s:Envelope>`;
const inOperation = (content: string): string =>
  inEnvelope(`<GetConfig xmlns="${NAMESPACE}">${content}</GetConfig>`);
const good = inOperation('<protocolVersion>2.90</protocolVersion>');
const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const xpressBlock = (original: number, compressed: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(original, 0);
  header.writeUInt32LE(compressed, 4);
  return Buffer.concat([header, payload]);
};

const xml = (code: ErrorCode, body: string | Buffer): Hostile => ({ body, status: 400, code });
const soap = (code: ErrorCode, body: string): Hostile => ({ body, status: 500, code });
const coded = (coding: string, body: Buffer, status: number, code: ErrorCode): Hostile => ({
  ...{ body, fields: { 'Content-Encoding': coding }, status, code },
});
const typed = (type: string): Hostile => ({
  ...{ body: good, fields: { 'Content-Type': type }, status: 415, code: 'OAK_HTTP_TYPE' },
});

const CASES: Readonly<Record<string, Hostile>> = {
  'no bytes at all': xml('OAK_XML_MALFORMED', ''),
  'no XML': xml('OAK_XML_MALFORMED', 'cookie=1&x=2'),
  JSON: xml('OAK_XML_MALFORMED', '{"GetConfig":{}}'),
  'the end cut off': xml('OAK_XML_MALFORMED', good.slice(0, -4)),
  'the middle cut out': xml('OAK_XML_MALFORMED', good.replace('</protocolVersion>', '')),
  'something after the end': xml('OAK_XML_MALFORMED', `${good}<more/>`),
  'tags that do not match': xml('OAK_XML_MALFORMED', inOperation('<a></b>')),
  'an entity of its own': xml('OAK_XML_MALFORMED', inOperation('&lol;')),
  'a NUL': xml('OAK_XML_MALFORMED', inOperation('\u0000')),
  'a reference to a NUL': xml('OAK_XML_MALFORMED', inOperation('&#0;')),
  'an undeclared prefix': xml('OAK_XML_MALFORMED', inOperation('<x:a/>')),
  'bytes that are no UTF-8': xml('OAK_XML_ENCODING', Buffer.from(good.replace('2.90', '\xff\xfe'), 'latin1')),
  'another declared encoding': xml('OAK_XML_ENCODING', `<?xml version="1.0" encoding="iso-8859-1"?>${good}`),
  'UTF-16': xml('OAK_XML_ENCODING', Buffer.from(`\ufeff${good}`, 'utf16le')),
  'a document type': xml('OAK_XML_DTD', `<!DOCTYPE s:Envelope>${good}`),
  'an entity bomb': xml(
    'OAK_XML_DTD',
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>${inOperation('&b;')}`,
  ),
  'an external entity': xml(
    'OAK_XML_DTD',
    `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${inOperation('&a;')}`,
  ),
  'nesting without end': xml('OAK_XML_LIMIT', inOperation(nested(100_000))),
  'one level too deep': xml('OAK_XML_LIMIT', inOperation(nested(30))),
  'more elements than allowed': xml('OAK_XML_LIMIT', inOperation('<a/>'.repeat(249_998))),
  'more attributes than allowed': xml(
    'OAK_XML_LIMIT',
    inOperation(`<a ${Array.from({ length: 65 }, (_, index) => `a${index}=""`).join(' ')}/>`),
  ),
  'a name without end': xml('OAK_XML_LIMIT', inOperation(`<${'a'.repeat(300)}/>`)),
  'an attribute without end': xml('OAK_XML_LIMIT', inOperation(`<a b="${'x'.repeat(20_000)}"/>`)),

  'another root': soap('OAK_SOAP_ENVELOPE', '<GetConfig/>'),
  'an envelope of no version': soap('OAK_SOAP_VERSION', good.replaceAll(ENVELOPE, 'urn:soap')),
  'no body': soap('OAK_SOAP_ENVELOPE', `<s:Envelope xmlns:s="${ENVELOPE}"/>`),
  'an empty body': soap('OAK_SOAP_ENVELOPE', inEnvelope('')),
  'text in place of an operation': soap('OAK_SOAP_ENVELOPE', inEnvelope('GetConfig')),
  'two operations': soap('OAK_SOAP_ENVELOPE', good.replace('</s:Body>', '<x/></s:Body>')),
  'a header that must be understood': soap(
    'OAK_SOAP_MUST_UNDERSTAND',
    good.replace('<s:Body>', '<s:Header><t s:mustUnderstand="1"/></s:Header><s:Body>'),
  ),
  'an operation nobody knows': soap('OAK_SOAP_OPERATION_UNKNOWN', inEnvelope(`<Drop xmlns="${NAMESPACE}"/>`)),
  'an operation without a namespace': soap('OAK_SOAP_OPERATION_UNKNOWN', inEnvelope('<GetConfig/>')),
  'an operation of another namespace': soap(
    'OAK_SOAP_OPERATION_UNKNOWN',
    good.replace(NAMESPACE, 'http://www.microsoft.com/SoftwareDistribution'),
  ),
  ...Object.fromEntries(
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) => [
      `an operation named ${name}`,
      soap('OAK_SOAP_OPERATION_UNKNOWN', inEnvelope(`<${name} xmlns="${NAMESPACE}"/>`)),
    ]),
  ),
  'a value that is none': soap('OAK_SOAP_PARAMETER', inOperation('<protocolVersion>two</protocolVersion>')),

  'a gzip bomb': coded('gzip', gzipSync(Buffer.alloc(MAX_BYTES + 1, 65)), 413, 'OAK_HTTP_TOO_LARGE'),
  'gzip that ends early': coded('gzip', gzipSync(good).subarray(0, -9), 415, 'OAK_HTTP_CODING'),
  'gzip that is none': coded('gzip', Buffer.from(good), 415, 'OAK_HTTP_CODING'),
  'an xpress bomb': coded(
    'xpress',
    Buffer.concat(
      Array.from({ length: 40 }, () => xpressBlock(65_535, 11, Buffer.from('00000080410f00ff000000', 'hex'))),
    ),
    413,
    'OAK_XPRESS_LIMIT',
  ),
  'xpress that is none': coded('xpress', Buffer.from(good), 400, 'OAK_XPRESS_INVALID'),
  'xpress that ends early': coded(
    'xpress',
    xpressBlock(100, 50, Buffer.alloc(10)),
    400,
    'OAK_XPRESS_INVALID',
  ),
  'a coding nobody knows': coded('br', Buffer.from(good), 415, 'OAK_HTTP_CODING'),
  'two codings': coded('gzip, gzip', gzipSync(gzipSync(good)), 415, 'OAK_HTTP_CODING'),

  'a form': typed('application/x-www-form-urlencoded'),
  'JSON by its type': typed('application/json'),
  'another charset': typed('text/xml; charset=utf-16'),
  'no type at all but text': typed('text/plain'),
  'a body longer than allowed': {
    ...{ body: Buffer.alloc(MAX_BYTES + 1, 65), status: 413, code: 'OAK_HTTP_TOO_LARGE' },
  },
  'a body longer than allowed that does not say so': {
    ...{ body: Buffer.alloc(MAX_BYTES + 1, 65), status: 413, code: 'OAK_HTTP_TOO_LARGE' },
    fields: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' },
  },
};

describe('refused once, logged once', () => {
  for (const [name, { body, fields = {}, status, code }] of Object.entries(CASES)) {
    test(name, async () => {
      server.takeWarnings();
      const common = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: `"${NAMESPACE}/GetConfig"` };
      const all = Object.entries({ ...common, ...fields }).filter(
        (field): field is [string, string] => field[1] !== undefined,
      );
      const reply = await computer.client.send('/ClientWebService/client.asmx', {
        fields: all,
        body: Buffer.from(body),
      });
      assert.equal(reply.status, status);
      if (status === 500) assert.match(new SoapFault(reply).errorCode, /^InvalidParameters$/);
      else assert.match(reply.body.toString(), new RegExp(`^${code}: `));
      assert.deepEqual(
        server.takeWarnings().map((line) => line.code),
        [code],
      );
      // Whatever it was, the next one is served.
      assert.equal((await computer.getConfig()).IsRegistrationRequired, true);
    });
  }
});

describe('lists of revision ids', () => {
  const LIMIT = 50_000;
  const ids = (count: number): Int32Array => Int32Array.from({ length: count }, (_, index) => 90_000 + index);
  const lists = ['InstalledNonLeafUpdateIDs', 'OtherCachedUpdateIDs', 'CachedDriverIDs'] as const;

  test('as many as the limit says are taken, in each list', async () => {
    await using roomy = await TestServer.start();
    using other = await TestComputer.registered(roomy);
    const full = ids(LIMIT);
    const reply = await other.client.exchange(clientService, SyncUpdates, {
      cookie: other.cookie,
      parameters: {
        ...{ ExpressQuery: false, SkipSoftwareSync: false },
        InstalledNonLeafUpdateIDs: full,
        OtherCachedUpdateIDs: full.map((id) => id + LIMIT),
      },
    });
    assert.equal(reply.status, 200);
    assert.equal(reply.body.toString().split('<int>').length - 1, 2 * LIMIT);
    for (const list of lists) {
      const answer = other.syncUpdates({ [list]: ids(LIMIT + 1) });
      const fault = await answer.catch((error: unknown) => error);
      assert.ok(fault instanceof SoapFault);
      assert.deepEqual([fault.errorCode, fault.parameter], ['InvalidParameters', `parameters.${list}`]);
    }
    assert.deepEqual(
      roomy.takeWarnings().map((line) => line.code),
      lists.map(() => 'OAK_SOAP_LIST_TOO_LONG'),
    );
  });
});

test('a message that is good is answered: the cases above are refused for what they say', async () => {
  const message = encodeWireMessage(clientService, FRAMING.agentRequest, GetConfig.request, {
    protocolVersion: '2.90',
  });
  assert.equal(message.toString(), good);
});
