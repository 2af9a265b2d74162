import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Part, PutParts } from '../../test/support/sample-service.ts';
import { XmlWriter } from '../xml/writer.ts';
import { encodeElement, encodeContent } from './encode.ts';
import type { ComplexType, Encodable } from './message-type.ts';
import { Passage } from './passage.ts';

/** The element `<m>`, for values the type system would not let pass as well. */
function encode(type: ComplexType, value: object, emptyEnd: '/>' | ' />' = '/>'): string {
  const writer = new XmlWriter(emptyEnd);
  encodeElement(writer, 'm', type, value as Encodable<ComplexType>);
  return writer.toBuffer().toString();
}

const { request, response } = PutParts;
const NIL = 'a:nil="true" xmlns:a="http://www.w3.org/2001/XMLSchema-instance"';

const WRITTEN: readonly (readonly [behaviour: string, type: ComplexType, value: object, markup: string])[] = [
  [
    'elements in schema order, whatever the order of the value',
    request,
    { colour: 'Red', ids: [3, -1], ticket: { Seal: Buffer.of(1), Until: '2026-10-04T15:03:36Z' } },
    '<m><ticket><Until>2026-10-04T15:03:36Z</Until><Seal>AQ==</Seal></ticket>' +
      '<ids><int>3</int><int>-1</int></ids><colour>Red</colour></m>',
  ],
  [
    'observed elements like others',
    request,
    { hint: 'h', colour: 'Red' },
    '<m><colour>Red</colour><hint>h</hint></m>',
  ],
  [
    'nothing of what is undefined or unknown',
    request,
    { colour: 'Red', ids: undefined, x: 1 },
    '<m><colour>Red</colour></m>',
  ],
  [
    'null as the agent writes nil',
    request,
    { ticket: null, colour: 'Red' },
    `<m><ticket ${NIL}/><colour>Red</colour></m>`,
  ],
  [
    'empty values as empty elements',
    request,
    { ticket: {}, ids: new Int32Array(0), parts: [], colour: 'Red', hint: '' },
    '<m><ticket/><ids/><parts/><colour>Red</colour><hint/></m>',
  ],
  [
    'attributes, escaped',
    Part,
    { Rank: 1, Note: 'a"<\n', Id: 2, Tags: ['<&>"', ''] },
    '<m Rank="1" Note="a&quot;&lt;&#xA;"><Id>2</Id><Tags><string>&lt;&amp;&gt;"</string><string/></Tags></m>',
  ],
  [
    'strings that are encoded already, as they are',
    response,
    { PutPartsResult: true, Remark: Passage.of(Buffer.from('&lt;x/&gt;')) },
    '<m><PutPartsResult>true</PutPartsResult><Remark>&lt;x/&gt;</Remark></m>',
  ],
];

const MISSING: readonly (readonly [what: string, type: ComplexType, value: object, message: RegExp])[] = [
  ['element', request, { ids: [] }, /^PutParts\.colour is missing$/],
  ['element of a value that has nothing at all', request, {}, /^PutParts\.colour is missing$/],
  ['element deep inside', request, { parts: [{ Rank: 1 }], colour: 'Red' }, /^Part\.Id is missing$/],
  ['attribute', Part, { Id: 1 }, /^Part\.Rank is missing$/],
];

describe('encoding writes', () => {
  for (const [behaviour, type, value, markup] of WRITTEN) {
    test(behaviour, () => assert.equal(encode(type, value), markup));
  }

  test('empty elements as the framing wants them', () => {
    const markup = encode(request, { ticket: null, ids: [], colour: 'Red', hint: '' }, ' />');
    assert.equal(markup, `<m><ticket ${NIL} /><ids /><colour>Red</colour><hint /></m>`);
  });

  test('a message without content as an empty element, with its declarations', () => {
    const writer = new XmlWriter();
    encodeElement(writer, 'm', request.fields.ticket.type, {}, ' xmlns="urn:x"');
    assert.equal(writer.toBuffer().toString(), '<m xmlns="urn:x"/>');
  });

  test('kept content without copying it', () => {
    const writer = new XmlWriter();
    const Remark = Passage.of(Buffer.from('x'));
    encodeElement(writer, 'm', response, { PutPartsResult: true, Remark });
    assert.ok(writer.pieces().includes(Remark));
  });

  test('items beforehand, and the array around them later', () => {
    const { type } = request.fields.parts;
    const parts = [
      { Rank: 1, Id: 2 },
      { Rank: 2, Id: 3, Tags: ['<'] },
    ];
    const message = { parts, colour: 'Red' };
    const content = encodeContent(type, parts);
    assert.equal(
      `<m><parts>${content.plain().toString()}</parts><colour>Red</colour></m>`,
      encode(request, message),
    );
    assert.equal(encode(request, { ...message, parts: content }), encode(request, message));
  });
});

describe('encoding refuses to leave out a required', () => {
  for (const [what, type, value, message] of MISSING) {
    test(what, () => assert.throws(() => encode(type, value), { name: 'TypeError', message }));
  }
});
