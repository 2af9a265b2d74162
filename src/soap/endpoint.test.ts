import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PutParts, sampleService } from '../../test/support/sample-service.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { DEFAULT_XML_LIMITS } from '../xml/limits.ts';
import { DEFAULT_DECODE_LIMITS } from './decode.ts';
import { implement, SoapEndpoint, type AnyOperationHandler, type FaultReport } from './endpoint.ts';
import { ENVELOPE_NAMESPACE, type SoapVersion } from './envelope.ts';
import type { ServiceDeclaration } from './service.ts';

const ACTOR = 'http://host:8530/Warehouse/Warehouse.asmx';
const XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';

interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly operation: string | undefined;
  readonly body: string;
  /** ErrorCode, Message and Method of the fault that was answered, and what was reported of it. */
  readonly fault: readonly (string | undefined)[] | undefined;
  readonly reports: readonly FaultReport[];
}

function envelope(
  content: string,
  version: SoapVersion = '1.1',
  namespace: string = sampleService.namespace,
): string {
  const body = content.replace(/^<\w+/, `$& xmlns="${namespace}"`);
  return `<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE[version]}"><s:Body>${body}</s:Body></s:Envelope>`;
}

async function answer(
  handlers: readonly AnyOperationHandler<string>[],
  message: string,
  service: ServiceDeclaration = sampleService,
): Promise<Answered> {
  const reports: FaultReport[] = [];
  const endpoint = new SoapEndpoint<string>(service, handlers, {
    xmlLimits: DEFAULT_XML_LIMITS,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    requestMemoryBytes: 0,
    onFault: (report) => reports.push(report),
  });
  const answered = await endpoint.respond('caller', Buffer.from(message), ACTOR);
  const body = answered.body.toBuffer().toString();
  const fault = ['ErrorCode', 'Message', 'Method'].map(
    (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(body)?.[1],
  );
  return { ...answered, body, fault: answered.status === 200 ? undefined : fault, reports };
}

/** Puts the parts down, and does nothing else unless told. */
const putParts = (handle: (request: unknown) => unknown = () => undefined): AnyOperationHandler<string> =>
  implement(PutParts, {
    handle: async (_call: string, request) => {
      await handle(request);
      return { PutPartsResult: true };
    },
  });

const METHOD = `"${sampleService.namespace}/PutParts"`;

describe('an endpoint', () => {
  test('answers the operation that the body element names', async () => {
    const requests: unknown[] = [];
    const { body, ...answered } = await answer(
      [putParts((request) => requests.push(request))],
      envelope('<PutParts><colour>Red</colour></PutParts>'),
    );
    assert.deepEqual(requests, [{ colour: 'Red' }]);
    assert.match(
      body,
      /<PutPartsResponse xmlns="urn:example:warehouse"><PutPartsResult>true<\/PutPartsResult><\/PutPartsResponse>/,
    );
    assert.deepEqual(answered, {
      status: 200,
      contentType: 'text/xml; charset=utf-8',
      operation: 'PutParts',
      fault: undefined,
      reports: [],
    });
  });

  test('answers SOAP 1.2 with SOAP 1.2, faults too', async () => {
    for (const content of ['<PutParts/>', '<Unknown/>']) {
      const { contentType, body } = await answer([putParts()], envelope(content, '1.2'));
      assert.equal(contentType, 'application/soap+xml; charset=utf-8');
      assert.ok(body.includes(ENVELOPE_NAMESPACE['1.2']));
    }
  });

  test('refuses an envelope in the SOAP version of the envelope, with its own faultcode', async () => {
    const head = (version: SoapVersion, header: string) =>
      `<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE[version]}"><s:Header>${header}</s:Header><s:Body/></s:Envelope>`;
    const must = '<h s:mustUnderstand="1"/>';
    const refused = [
      [head('1.2', ''), 'application/soap+xml; charset=utf-8', '<s:Value>s:Sender</s:Value>'],
      [head('1.2', must), 'application/soap+xml; charset=utf-8', '<s:Value>s:MustUnderstand</s:Value>'],
      [head('1.1', must), 'text/xml; charset=utf-8', '<faultcode>s:MustUnderstand</faultcode>'],
      ['<Envelope/>', 'text/xml; charset=utf-8', '<faultcode>s:VersionMismatch</faultcode>'],
    ] as const;
    for (const [message, type, code] of refused) {
      const { contentType, body } = await answer([], message);
      assert.equal(contentType, type);
      assert.ok(body.replaceAll(/\b\w+:(?=\w+[:>])/g, 's:').includes(code), body);
    }
  });

  test('tells an undecodable value as its operation wants it told', async () => {
    const message = envelope('<PutParts><ids><int>x</int></ids></PutParts>');
    const handler = { ...putParts(), invalid: { ids: 'OAK_COOKIE_INVALID' } as const };
    assert.deepEqual((await answer([handler], message)).fault, ['InvalidCookie', '', METHOD]);
    const elsewhere = { ...putParts(), invalid: { colour: 'OAK_COOKIE_INVALID' } as const };
    assert.equal((await answer([elsewhere], message)).fault?.[0], 'InvalidParameters');
  });

  test('names itself in faults if its service does', async () => {
    const { body } = await answer([], envelope('<PutParts/>'), { ...sampleService, faultActor: true });
    assert.ok(body.includes(`<faultactor>${ACTOR}</faultactor>`));
    assert.ok(!(await answer([], envelope('<PutParts/>'))).body.includes('faultactor'));
  });

  test('answers a refused call with the fault, in the SOAP version of the call, without making it', async () => {
    const refusal = new OakumError('OAK_SERVER_BUSY');
    const reports: FaultReport[] = [];
    const handlers = [putParts(() => assert.fail('the operation was called'))];
    const endpoint = new SoapEndpoint<string>(sampleService, handlers, {
      xmlLimits: DEFAULT_XML_LIMITS,
      decodeLimits: DEFAULT_DECODE_LIMITS,
      requestMemoryBytes: 0,
      onFault: (report) => reports.push(report),
    });
    const message = Buffer.from(envelope('<PutParts/>', '1.2'));
    const { status, contentType } = await endpoint.respond('caller', message, ACTOR, refusal);
    assert.deepEqual([status, contentType], [500, 'application/soap+xml; charset=utf-8']);
    assert.deepEqual(
      reports.map(({ errorCode, operation }) => [errorCode, operation]),
      [['ServerBusy', 'PutParts']],
    );
  });

  test('reports each fault under the id that was sent', async () => {
    const { body, reports } = await answer(
      [putParts()],
      envelope('<PutParts><ids><int>x</int></ids></PutParts>'),
    );
    const [report] = reports;
    assert.equal(reports.length, 1);
    assert.match(report.id, /^[0-9a-f-]{36}$/);
    assert.ok(body.includes(`<ID>${report.id}</ID>`));
    assert.deepEqual(
      [report.errorCode, report.operation, report.error.code],
      ['InvalidParameters', 'PutParts', 'OAK_SOAP_VALUE'],
    );
  });
});

const FAULTS: readonly (readonly [
  behaviour: string,
  message: string,
  code: string,
  fault: readonly unknown[],
])[] = [
  [
    'an unknown operation',
    envelope('<Unknown/>'),
    'OAK_SOAP_OPERATION_UNKNOWN',
    ['InvalidParameters', '', undefined],
  ],
  [
    'a name that every object has',
    envelope('<constructor/>'),
    'OAK_SOAP_OPERATION_UNKNOWN',
    ['InvalidParameters', '', undefined],
  ],
  [
    'an operation of another namespace',
    envelope('<PutParts/>', '1.1', 'urn:x'),
    'OAK_SOAP_OPERATION_UNKNOWN',
    ['InvalidParameters', '', undefined],
  ],
  [
    'an operation that is declared and not served',
    envelope('<CountParts/>'),
    'OAK_SOAP_OPERATION_NOT_SERVED',
    ['InternalServerError', '', `"${sampleService.namespace}/CountParts"`],
  ],
  ['no envelope', '<a/>', 'OAK_SOAP_ENVELOPE', ['InvalidParameters', '', undefined]],
  [
    'a value of the wrong type, by its path',
    envelope('<PutParts><parts><Part><Id>x</Id></Part></parts></PutParts>'),
    'OAK_SOAP_VALUE',
    ['InvalidParameters', 'parts.Id', METHOD],
  ],
  [
    'a second body element, behind a good one',
    envelope('<PutParts/><PutParts/>'),
    'OAK_SOAP_ENVELOPE',
    ['InvalidParameters', '', METHOD],
  ],
];

describe('an endpoint answers with a fault, and does nothing, for', () => {
  for (const [behaviour, message, code, fault] of FAULTS) {
    test(behaviour, async () => {
      const answered = await answer([putParts(() => assert.fail('the handler ran'))], message);
      assert.deepEqual([answered.status, answered.fault], [500, fault]);
      assert.equal(answered.reports[0].error.code, code);
    });
  }

  test('nothing that is not XML: that is for the transport to refuse', async () => {
    const broken = envelope('<PutParts/>').slice(0, -1);
    await assert.rejects(answer([putParts()], broken), { code: 'OAK_XML_MALFORMED' });
  });
});

const THROWN: readonly (readonly [
  behaviour: string,
  thrown: unknown,
  code: string,
  fault: readonly unknown[],
])[] = [
  ['an unforeseen error', new Error('password=hunter2'), 'OAK_INTERNAL', ['InternalServerError', '', METHOD]],
  ['something that is no error', 'password=hunter2', 'OAK_INTERNAL', ['InternalServerError', '', METHOD]],
  [
    'an error of the catalogue',
    new OakumError('OAK_SOAP_PARAMETER', { parameter: 'ids', detail: 'password=hunter2' }),
    'OAK_SOAP_PARAMETER',
    ['InvalidParameters', 'ids', METHOD],
  ],
  [
    'an error without a fault code',
    new OakumError('OAK_XPRESS_INVALID', { detail: 'password=hunter2' }),
    'OAK_XPRESS_INVALID',
    ['InternalServerError', '', METHOD],
  ],
  [
    "bad XML of the server's own",
    new OakumError('OAK_XML_MALFORMED', { detail: 'password=hunter2' }),
    'OAK_INTERNAL',
    ['InternalServerError', '', METHOD],
  ],
];

describe('an endpoint keeps to itself what its handler threw', () => {
  for (const [behaviour, thrown, code, fault] of THROWN) {
    test(behaviour, async () => {
      const { body, reports, ...answered } = await answer(
        [
          putParts(() => {
            throw thrown;
          }),
        ],
        envelope('<PutParts/>'),
      );
      assert.deepEqual([answered.status, answered.fault], [500, fault]);
      assert.doesNotMatch(body, /hunter2|Error:|\.ts|    at /);
      const [{ error }] = reports;
      assert.equal(error.code, code);
      if (code === 'OAK_INTERNAL') assert.equal(error.cause, thrown);
      else assert.equal(error, thrown);
    });
  }

  test('an answer that lacks a required element', async () => {
    const incomplete = { operation: PutParts, handle: () => ({}) };
    const { fault, reports } = await answer([incomplete], envelope('<PutParts/>'));
    assert.deepEqual([fault?.[0], reports[0].error.code], ['InternalServerError', 'OAK_INTERNAL']);
  });
});

const GOOD = '<ticket><Seal>AQ==</Seal></ticket>';
const BAD = '<ticket><Seal>AA==</Seal></ticket>';

/** Lets only the first seal pass, and makes it the session. */
async function guarded(
  content: string,
): Promise<{ readonly opened: unknown[]; readonly sessions: unknown[]; readonly answered: Answered }> {
  const opened: unknown[] = [];
  const sessions: unknown[] = [];
  const handler = implement(PutParts, {
    guard: {
      field: 'ticket',
      open: (call: string, credential): string => {
        opened.push(credential);
        const { Seal } = (credential ?? {}) as { readonly Seal?: Buffer };
        if (Seal?.[0] !== 1) throw new OakumError('OAK_SOAP_PARAMETER', { parameter: 'ticket' });
        return `session of ${call}`;
      },
    },
    handle: (_call, _request, session) => {
      sessions.push(session);
      return { PutPartsResult: true };
    },
  });
  return {
    answered: await answer([handler], envelope(`<PutParts>${content}</PutParts>`)),
    opened,
    sessions,
  };
}

describe('a guard', () => {
  for (const [behaviour, content] of [
    ['first', `${GOOD}<colour>Red</colour>`],
    ['last', `<x/><colour>Red</colour>${GOOD}`],
    ['twice, and the first counts', `<colour>Red</colour>${GOOD}${BAD}`],
  ] as const) {
    test(`opens a credential that comes ${behaviour}`, async () => {
      const { answered, opened, sessions } = await guarded(content);
      assert.equal(answered.status, 200);
      assert.deepEqual(opened, [{ Seal: Buffer.of(1) }]);
      assert.deepEqual(sessions, ['session of caller']);
    });
  }

  const WRONG = '<ids><int>not a number</int></ids>';
  for (const [behaviour, content, credential] of [
    ['comes first', BAD + WRONG, { Seal: Buffer.of(0) }],
    ['comes last', WRONG + BAD, { Seal: Buffer.of(0) }],
    ['comes first of two', WRONG + BAD + GOOD, { Seal: Buffer.of(0) }],
    ['is nil', `${WRONG}<ticket ${XSI} i:nil="true"/>`, null],
    ['is missing', WRONG, undefined],
    ['comes first and cannot be decoded', `<ticket><Seal>*</Seal></ticket>${WRONG}`, undefined],
    ['comes last and cannot be decoded', `${WRONG}<ticket><Seal>*</Seal></ticket>`, undefined],
    ['is missing from an empty message', '', undefined],
  ] as const) {
    test(`refuses a credential before anything else is decoded, when it ${behaviour}`, async () => {
      const { answered, opened, sessions } = await guarded(content);
      assert.deepEqual(answered.fault, ['InvalidParameters', 'ticket', METHOD]);
      assert.deepEqual(opened, [credential]);
      assert.deepEqual(sessions, []);
    });
  }
});
