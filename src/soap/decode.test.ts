import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { PutParts, sampleService } from '../../test/support/sample-service.ts';
import { Token, XmlScanner } from '../xml/scanner.ts';
import { DEFAULT_DECODE_LIMITS, decodeMessage, type DecodeLimits, type FieldHooks } from './decode.ts';

function scannerOn(content: string): XmlScanner {
  const scanner = new XmlScanner(
    Buffer.from(`<PutParts xmlns="${sampleService.namespace}">${content}</PutParts>`),
  );
  scanner.next();
  return scanner;
}

function decode(content: string, limits: DecodeLimits = DEFAULT_DECODE_LIMITS, hooks?: FieldHooks): unknown {
  const namespaces = [sampleService.namespace, ...sampleService.alsoUnderstood];
  return decodeMessage(scannerOn(content), PutParts.request, { namespaces, limits }, hooks);
}

const XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
const ENCODED = 'xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="e:any[2]"';
const ids = (...values: number[]): object => ({ ids: Int32Array.from(values) });

const UNDERSTOOD: readonly (readonly [behaviour: string, content: string, message: object])[] = [
  ['an empty message', '', {}],
  ['elements in any order', '<colour>Red</colour><ticket/>', { ticket: {}, colour: 'Red' }],
  ['required elements that are missing', '<parts><Part/></parts>', { parts: [{}] }],
  [
    'unknown elements, passed over with all that is in them',
    '<new><colour>Green</colour></new><colour>Red</colour><constructor/><__proto__>x</__proto__>',
    { colour: 'Red' },
  ],
  ['the first of a repeated element', '<colour>Red</colour><colour>Green</colour>', { colour: 'Red' }],
  ['an element of another namespace, as if it were not there', '<colour xmlns="urn:x">Red</colour>', {}],
  ['an element without a namespace, as if it were not there', '<colour xmlns="">Red</colour>', {}],
  [
    'an element of the other understood namespace',
    '<c:colour xmlns:c="urn:example:common">Red</c:colour>',
    { colour: 'Red' },
  ],
  ['observed elements', '<hint>h</hint>', { hint: 'h' }],
  ['nil', `<ticket ${XSI} i:nil="true"/><ids ${XSI} i:nil="1"></ids>`, { ticket: null, ids: null }],
  [
    'nil of something that has content all the same',
    `<colour ${XSI} i:nil=" 1 ">Pink</colour>`,
    { colour: null },
  ],
  ['what is not nil', `<colour ${XSI} i:nil="false" nil="true">Red</colour>`, { colour: 'Red' }],
  [
    'text as it stands, in pieces',
    '<hint> a&lt;<![CDATA[&lt;]]><!-- c -->&#x41; <b>no</b>\r\n</hint>',
    { hint: ' a<&lt;A \n' },
  ],
  ['other values with white space around them', '<colour>\n Red\t</colour>', { colour: 'Red' }],
  [
    'attributes',
    '<parts><Part Rank=" 7 " Note=" n " Unknown="u"><Id>1</Id></Part></parts>',
    { parts: [{ Rank: 7, Note: ' n ', Id: 1 }] },
  ],
  ['an array without items', '<parts/><ids></ids>', { parts: [], ...ids() }],
  [
    'an array with white space and strangers between its items',
    '<parts> <x/><Part/> <Part/></parts>',
    { parts: [{}, {}] },
  ],
  [
    'nil items, dropped',
    `<parts><Part ${XSI} i:nil="true"/><Part/></parts><ids><int ${XSI} i:nil="1"/></ids>`,
    { parts: [{}], ...ids() },
  ],
  [
    'a SOAP-encoded array of any item names',
    `<parts ${ENCODED}><Part/><q:Item xmlns:q="urn:q"><Id>2</Id></q:Item></parts>`,
    { parts: [{}, { Id: 2 }] },
  ],
  [
    'a SOAP-encoded list',
    `<ids ${ENCODED}><int>1</int><Item xmlns="">2</Item><int>3</int></ids>`,
    ids(1, 2, 3),
  ],
  [
    'an array that is not encoded, by its own item name only',
    '<ids><Item>1</Item><int>2</int></ids>',
    ids(2),
  ],
  ['a plain list', '<ids><int>1</int><int>22</int><int>333333333</int></ids>', ids(1, 22, 333333333)],
  [
    'a list with odd white space',
    '<ids>\n<int>1</int>\r\n\t<int> 2 </int><int\n>3</int ><!-- --><int>\n4</int><int>5</int> </ids>',
    ids(1, 2, 3, 4, 5),
  ],
  [
    'a list of odd numbers',
    '<ids><int>+1</int><int>-2147483648</int><int>2147483647</int><int>007</int><int><![CDATA[8]]></int><int>&#57;</int></ids>',
    ids(1, -2147483648, 2147483647, 7, 8, 9),
  ],
  ['a list in the other understood namespace', '<ids xmlns="urn:example:common"><int>1</int></ids>', ids(1)],
  ['a list in another namespace', '<ids><int xmlns="urn:x">1</int><int>2</int></ids>', ids(2)],
];

const REFUSED: readonly (readonly [content: string, error: string])[] = [
  ['<colour>Blue</colour>', 'OAK_SOAP_VALUE at colour'],
  ['<colour/>', 'OAK_SOAP_VALUE at colour'],
  ['<ticket><Until>now</Until></ticket>', 'OAK_SOAP_VALUE at ticket.Until'],
  ['<parts><Part/><Part><Key>k</Key></Part></parts>', 'OAK_SOAP_VALUE at parts.Key'],
  ['<parts><Part Rank="first"/></parts>', 'OAK_SOAP_VALUE at parts.Rank'],
  ['<ids><int>1</int><int>2147483648</int></ids>', 'OAK_SOAP_VALUE at ids'],
  ['<ids><int/></ids>', 'OAK_SOAP_VALUE at ids'],
  ['<ids><int>1 2</int></ids>', 'OAK_SOAP_VALUE at ids'],
  ['<ids><int>1</int><int>2</int><int>3</int><int>4</int></ids>', 'OAK_SOAP_LIST_TOO_LONG at ids'],
  ['<ids> <int>1</int> <int>2</int> <int>3</int> <int>4</int></ids>', 'OAK_SOAP_LIST_TOO_LONG at ids'],
  ['<parts><Part/><Part/><Part/></parts>', 'OAK_SOAP_LIST_TOO_LONG at parts'],
  [
    '<parts><Part><Tags><string/><string/><string/></Tags></Part></parts>',
    'OAK_SOAP_LIST_TOO_LONG at parts.Tags',
  ],
  ['<ids><int>1</int>', 'OAK_XML_MALFORMED'],
];

describe('decoding understands', () => {
  for (const [behaviour, content, message] of UNDERSTOOD) {
    test(behaviour, () => assert.deepEqual(decode(content), message));
  }
});

describe('decoding refuses, naming the element', () => {
  const limits = { arrayItems: 2, ints: 3 };
  for (const [content, error] of REFUSED) {
    test(content, () =>
      assert.equal(
        raised(() => decode(content, limits)),
        error,
      ),
    );
  }

  test('not what just fits', () => {
    const content = '<ids><int>1</int><int>2</int><int>3</int></ids><parts><Part/><Part/></parts>';
    assert.deepEqual(decode(content, limits), { ...ids(1, 2, 3), parts: [{}, {}] });
  });
});

describe('decoding', () => {
  test('leaves the scanner on the end of the message', () => {
    const scanner = scannerOn('<colour>Red</colour>');
    decodeMessage(scanner, PutParts.request, { namespaces: [], limits: DEFAULT_DECODE_LIMITS });
    assert.deepEqual([scanner.token, scanner.localName], [Token.EndElement, 'PutParts']);
  });

  test('reports the known children of the message itself, before and after their content', () => {
    const seen: unknown[] = [];
    decode('<x/><ids><int>1</int></ids><colour>Red</colour><colour>Green</colour>', DEFAULT_DECODE_LIMITS, {
      before: (field) => seen.push(field),
      after: (field, value) => {
        seen.push([field, value]);
        return false;
      },
    });
    assert.deepEqual(seen, ['ids', ['ids', Int32Array.of(1)], 'colour', ['colour', 'Red']]);
  });

  test('stops where a hook says that the rest is known', () => {
    const hooks = { before: () => undefined, after: () => true };
    const message = decode('<ids><int>1</int></ids><colour>Red</colour>', DEFAULT_DECODE_LIMITS, hooks);
    assert.deepEqual(message, { ids: Int32Array.of(1) });
  });
});
