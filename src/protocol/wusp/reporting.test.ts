import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_DECODE_LIMITS } from '../../soap/decode.ts';
import { implement, SoapEndpoint } from '../../soap/endpoint.ts';
import { DEFAULT_XML_LIMITS } from '../../xml/limits.ts';
import { ReportEventBatch, reportingService } from './reporting.ts';

/** Sends a request to a service that has nothing but ReportEventBatch, and says what became of it. */
async function send(
  name: string,
  content = '',
): Promise<{ readonly error?: string; readonly request?: unknown }> {
  let error: string | undefined;
  let request: unknown;
  const handler = implement(ReportEventBatch, {
    handle: (_call: undefined, received) => {
      request = received;
      return { ReportEventBatchResult: true };
    },
  });
  const endpoint = new SoapEndpoint<undefined>(reportingService, [handler], {
    xmlLimits: DEFAULT_XML_LIMITS,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    requestMemoryBytes: 0,
    onFault: (report) => (error = report.error.code),
  });
  const message =
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
    `<${name} xmlns="${reportingService.namespace}">${content}</${name}></s:Body></s:Envelope>`;
  await endpoint.respond(undefined, Buffer.from(message), 'http://host/');
  return { error, request };
}

const batch = (...events: readonly string[]): string =>
  `<eventBatch>${events.map((event) => `<ReportingEvent>${event}</ReportingEvent>`).join('')}</eventBatch>`;

const processor = (word: string): string =>
  `<ExtendedData><ProcessorArchitecture>${word}</ProcessorArchitecture></ExtendedData>`;

describe('the Reporting web service', () => {
  test('keeps the events of a processor that the specification does not know', async () => {
    const { request } = await send(
      'ReportEventBatch',
      batch(processor('Amd64Compatible'), processor('Arm64Compatible')),
    );
    assert.deepEqual(request, {
      eventBatch: [
        { ExtendedData: { ProcessorArchitecture: 'Amd64Compatible' } },
        { ExtendedData: { ProcessorArchitecture: 'Unknown' } },
      ],
    });
  });

  test('understands both spellings of the result code', async () => {
    const { request } = await send(
      'ReportEventBatch',
      batch(
        '<BasicData><Win32HResult>-2145123272</Win32HResult></BasicData>',
        '<BasicData><Win32Hresult>-2145123272</Win32Hresult></BasicData>',
      ),
    );
    assert.deepEqual(request, {
      eventBatch: [
        { BasicData: { Win32HResult: -2145123272 } },
        { BasicData: { Win32Hresult: -2145123272 } },
      ],
    });
  });

  test('says of its other operations that they are not served', async () => {
    const others = Object.keys(reportingService.operations).filter((name) => name !== 'ReportEventBatch');
    const answers = await Promise.all(others.map((name) => send(name)));
    assert.deepEqual(
      answers.map(({ error }) => error),
      others.map(() => 'OAK_SOAP_OPERATION_NOT_SERVED'),
    );
    assert.equal(others.length, 8);
  });
});
