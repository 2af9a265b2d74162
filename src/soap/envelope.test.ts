import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { PutParts } from '../../test/support/sample-service.ts';
import {
  closeEnvelope,
  ENVELOPE_NAMESPACE,
  openEnvelope,
  writeBodyElement,
  writeEnvelope,
} from './envelope.ts';
import { FRAMING } from './service.ts';

const V11 = `xmlns:s="${ENVELOPE_NAMESPACE['1.1']}"`;
const V12 = `xmlns:s="${ENVELOPE_NAMESPACE['1.2']}"`;
const BODY = '<s:Body><a/></s:Body>';

const OPENED: readonly (readonly [behaviour: string, envelope: string, version: string])[] = [
  ['SOAP 1.1', `<s:Envelope ${V11}>${BODY}</s:Envelope>`, '1.1'],
  ['SOAP 1.2', `<s:Envelope ${V12}>${BODY}</s:Envelope>`, '1.2'],
  [
    'a header that somebody else must understand',
    `<s:Envelope ${V11}><s:Header><h s:mustUnderstand="1" s:actor="urn:other"/></s:Header>${BODY}</s:Envelope>`,
    '1.1',
  ],
  [
    'the same in SOAP 1.2',
    `<s:Envelope ${V12}><s:Header><h s:mustUnderstand="1" s:role="${ENVELOPE_NAMESPACE['1.2']}/role/none"/></s:Header>${BODY}</s:Envelope>`,
    '1.2',
  ],
  [
    'any prefix',
    `<Envelope xmlns="${ENVELOPE_NAMESPACE['1.1']}"><Body><x:a xmlns:x="u"/></Body></Envelope>`,
    '1.1',
  ],
  [
    'a declaration, white space, comments and instructions',
    `\uFEFF<?xml version="1.0"?>\r\n<s:Envelope ${V11}> <!-- c --> <s:Body>\n<?p?><a/> </s:Body>\n</s:Envelope>\n`,
    '1.1',
  ],
  [
    'headers that need not be understood',
    `<s:Envelope ${V11}><s:Header><h s:mustUnderstand="0"><b>t</b></h><h mustUnderstand="1"/></s:Header>${BODY}</s:Envelope>`,
    '1.1',
  ],
];

const REFUSED: readonly (readonly [behaviour: string, envelope: string, code: string])[] = [
  ['another root', `<s:Body ${V11}><a/></s:Body>`, 'OAK_SOAP_ENVELOPE'],
  [
    'an envelope of another namespace',
    `<s:Envelope xmlns:s="urn:s">${BODY}</s:Envelope>`,
    'OAK_SOAP_VERSION',
  ],
  ['an envelope without a body', `<s:Envelope ${V11}><s:Header/></s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  [
    'a body of another version',
    `<s:Envelope ${V11}><s:Body ${V12}><a/></s:Body></s:Envelope>`,
    'OAK_SOAP_ENVELOPE',
  ],
  ['an empty body', `<s:Envelope ${V11}><s:Body> </s:Body></s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  ['two body elements', `<s:Envelope ${V11}><s:Body><a/><b/></s:Body></s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  ['two bodies', `<s:Envelope ${V11}>${BODY}${BODY}</s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  ['an element before the body', `<s:Envelope ${V11}><s:Other/>${BODY}</s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  ['text before the body', `<s:Envelope ${V11}>text${BODY}</s:Envelope>`, 'OAK_SOAP_ENVELOPE'],
  [
    'text before the body element',
    `<s:Envelope ${V11}><s:Body>text<a/></s:Body></s:Envelope>`,
    'OAK_SOAP_ENVELOPE',
  ],
  [
    'text behind the body element',
    `<s:Envelope ${V11}><s:Body><a/>text</s:Body></s:Envelope>`,
    'OAK_SOAP_ENVELOPE',
  ],
  [
    'a header for whoever comes next that must be understood',
    `<s:Envelope ${V11}><s:Header><h s:mustUnderstand="1" s:actor="http://schemas.xmlsoap.org/soap/actor/next"/></s:Header>${BODY}</s:Envelope>`,
    'OAK_SOAP_MUST_UNDERSTAND',
  ],
  [
    'a header that must be understood',
    `<s:Envelope ${V11}><s:Header><h s:mustUnderstand="1"/></s:Header>${BODY}</s:Envelope>`,
    'OAK_SOAP_MUST_UNDERSTAND',
  ],
  [
    'the same in SOAP 1.2',
    `<s:Envelope ${V12}><s:Header><h s:mustUnderstand="true"/></s:Header>${BODY}</s:Envelope>`,
    'OAK_SOAP_MUST_UNDERSTAND',
  ],
  ['an envelope that ends too early', `<s:Envelope ${V11}><s:Body><a/></s:Body>`, 'OAK_XML_MALFORMED'],
  ['a document type declaration', `<!DOCTYPE s><s:Envelope ${V11}>${BODY}</s:Envelope>`, 'OAK_XML_DTD'],
  ['nothing', '', 'OAK_XML_MALFORMED'],
];

/** The version and the body element, once all of it has been read. */
function readThrough(envelope: string): readonly [version: string, bodyElement: string] {
  const { version, scanner } = openEnvelope(Buffer.from(envelope));
  const { localName } = scanner;
  scanner.skipElement();
  closeEnvelope(scanner);
  return [version, localName];
}

describe('opening an envelope accepts', () => {
  for (const [behaviour, envelope, expected] of OPENED) {
    test(behaviour, () => {
      assert.deepEqual(readThrough(envelope), [expected, 'a']);
    });
  }
});

describe('opening and closing an envelope refuses', () => {
  for (const [behaviour, envelope, code] of REFUSED) {
    test(behaviour, () =>
      assert.equal(
        raised(() => readThrough(envelope)),
        code,
      ),
    );
  }
});

describe('an envelope is written', () => {
  const XS =
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';
  const SOAP = 'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"';
  const content = '<PutPartsResponse xmlns="urn:x"><PutPartsResult>true</PutPartsResult>';

  for (const [framing, markup] of [
    [
      'clientService',
      `<s:Envelope ${V11}><s:Body ${XS}>${content}<Remark/></PutPartsResponse></s:Body></s:Envelope>`,
    ],
    [
      'classicService',
      `<?xml version="1.0" encoding="utf-8"?><soap:Envelope ${SOAP} ${XS}><soap:Body>${content}<Remark /></PutPartsResponse></soap:Body></soap:Envelope>`,
    ],
    [
      'agentRequest',
      `<s:Envelope ${V11}><s:Body>${content}<Remark/></PutPartsResponse></s:Body></s:Envelope>`,
    ],
  ] as const) {
    test(`in the framing ${framing}`, () => {
      const { response } = PutParts;
      const written = writeEnvelope(FRAMING[framing], '1.1', (writer) => {
        writeBodyElement(writer, 'urn:x', response.name, response, { PutPartsResult: true, Remark: '' });
      });
      assert.equal(written.toBuffer().toString(), markup);
    });
  }
});
