import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { assertSameBytes } from '../../test/support/same-bytes.ts';
import { ENVELOPE_NAMESPACE } from './envelope.ts';
import { writeFault, type Fault } from './fault.ts';
import { FRAMING, type Framing } from './service.ts';

const FAULT: Fault = {
  errorCode: 'InvalidParameters',
  message: 'parts.Id',
  id: '00000000-0000-4000-8000-000000000001',
  soapAction: 'urn:example:warehouse/PutParts',
  actor: undefined,
};

const CAPTURED: readonly (readonly [path: string, framing: Framing, fault: Partial<Fault>])[] = [
  [
    'native/sync-updates-fault.response.xml',
    FRAMING.clientService,
    {
      message: 'parameters.InstalledNonLeafUpdateIDs',
      soapAction: 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService/SyncUpdates',
    },
  ],
  [
    'server-sync/000018-GetRevisionIdList-bad-anchor-fault.response.xml',
    FRAMING.classicService,
    {
      message: 'filter',
      soapAction: 'http://www.microsoft.com/SoftwareDistribution/GetRevisionIdList',
      actor: 'http://127.0.0.1:8530/ServerSyncWebService/ServerSyncWebService.asmx',
    },
  ],
];

describe('a fault', () => {
  for (const [path, framing, fault] of CAPTURED) {
    test(`is what WSUS answered, but for its id: ${path}`, { skip: skipWithoutFixtures }, () => {
      const expected = readFileSync(fixture(path));
      const [, id] = /<ID>(.*)<\/ID>/.exec(expected.toString()) ?? [];
      assertSameBytes(writeFault(framing, '1.1', { ...FAULT, id, ...fault }).toBuffer(), expected);
    });
  }

  test('of the server itself says Server, without a Method when the operation is unknown', () => {
    const fault: Fault = { ...FAULT, errorCode: 'ServerBusy', message: '<&', soapAction: undefined };
    assert.equal(
      writeFault(FRAMING.clientService, '1.1', fault).toBuffer().toString(),
      `<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE['1.1']}"><s:Body><s:Fault><faultcode>s:Server</faultcode>` +
        '<faultstring>Fault occurred</faultstring><detail><ErrorCode>ServerBusy</ErrorCode>' +
        `<Message>&lt;&amp;</Message><ID>${FAULT.id}</ID></detail></s:Fault></s:Body></s:Envelope>`,
    );
  });

  test('in SOAP 1.2 has its detail twice, [MS-WSUSSS] 2.2.9.2', () => {
    const detail =
      '<ErrorCode>InvalidParameters</ErrorCode><Message>parts.Id</Message>' +
      `<ID>${FAULT.id}</ID><Method>"${FAULT.soapAction}"</Method>`;
    assert.equal(
      writeFault(FRAMING.clientService, '1.2', { ...FAULT, actor: 'http://a/' })
        .toBuffer()
        .toString(),
      `<s:Envelope xmlns:s="${ENVELOPE_NAMESPACE['1.2']}"><s:Body><s:Fault>` +
        '<s:Code><s:Value>s:Sender</s:Value></s:Code>' +
        '<s:Reason><s:Text xml:lang="en">Fault occurred</s:Text></s:Reason><s:Node>http://a/</s:Node>' +
        `<s:Detail>${detail}</s:Detail><Detail>${detail}</Detail></s:Fault></s:Body></s:Envelope>`,
    );
  });
});
