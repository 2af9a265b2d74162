import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { OakumError } from '../errors/oakum-error.ts';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import { XMLNS_NAMESPACE } from './namespace-scope.ts';
import { DEFAULT_XML_LIMITS, type XmlLimits } from './limits.ts';
import { Token, XmlScanner } from './scanner.ts';

type Event = readonly unknown[];

function scan(source: string | Buffer, limits?: XmlLimits): Event[] {
  const scanner = new XmlScanner(Buffer.from(source), limits);
  const events: Event[] = [];
  while (scanner.next() !== Token.EndOfDocument) {
    if (scanner.token === Token.StartElement) {
      const attributes: Record<string, string> = {};
      for (let index = 0; index < scanner.attributeCount; index++) {
        if (scanner.attributeUri(index) === XMLNS_NAMESPACE) continue;
        const name = scanner.attributeName(index);
        attributes[`{${scanner.attributeUri(index)}}${name.local}`] = scanner.attributeValue(index);
      }
      events.push(['start', scanner.namespaceUri, scanner.localName, attributes]);
    } else if (scanner.token === Token.EndElement) {
      events.push(['end', scanner.namespaceUri, scanner.localName]);
    } else {
      pushText(events, scanner.text());
    }
  }
  return events;
}

function pushText(events: Event[], text: string): void {
  const last = events.at(-1);
  if (last !== undefined && last[0] === 'text')
    events[events.length - 1] = ['text', `${String(last[1])}${text}`];
  else if (text !== '') events.push(['text', text]);
}

/** The same events from an independent parser; undefined where it rejects the document. */
function saxes(source: string): Event[] | undefined {
  const parser = new SaxesParser({ xmlns: true });
  const events: Event[] = [];
  let failed = false;
  parser.on('error', () => (failed = true));
  parser.on('doctype', () => (failed = true));
  parser.on('opentag', (tag) => {
    const attributes: Record<string, string> = {};
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === 'http://www.w3.org/2000/xmlns/') continue;
      attributes[`{${attribute.prefix === '' ? '' : attribute.uri}}${attribute.local}`] = attribute.value;
    }
    events.push(['start', tag.uri, tag.local, attributes]);
  });
  let depth = 0;
  parser.on('opentagstart', () => depth++);
  parser.on('closetag', (tag) => {
    depth--;
    events.push(['end', tag.uri, tag.local]);
  });
  const text = (value: string): void => {
    if (depth > 0) pushText(events, value);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.write(source).close();
  return failed ? undefined : events;
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof OakumError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('XmlScanner', () => {
  test('reads elements, attributes and text with their namespaces', () => {
    assert.deepEqual(scan('<a:x xmlns:a="urn:a" xmlns="urn:d" a:k="1" k="2"><y>t&amp;u</y><z/></a:x>'), [
      ['start', 'urn:a', 'x', { '{urn:a}k': '1', '{}k': '2' }],
      ['start', 'urn:d', 'y', {}],
      ['text', 't&u'],
      ['end', 'urn:d', 'y'],
      ['start', 'urn:d', 'z', {}],
      ['end', 'urn:d', 'z'],
      ['end', 'urn:a', 'x'],
    ]);
  });

  test('a namespace declaration ends with its element', () => {
    assert.deepEqual(
      scan('<r><p xmlns="urn:1"/><q/></r>').map((event) => event[1]),
      ['', 'urn:1', 'urn:1', '', '', ''],
    );
  });

  test('a binding that an inner element replaced holds again behind it', () => {
    const events = scan('<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:q="urn:3"/></p:b><p:d/></p:a>');
    assert.deepEqual(
      events.filter(([kind]) => kind === 'start').map((event) => event[1]),
      ['urn:1', 'urn:2', 'urn:2', 'urn:1'],
    );
  });

  test('comments, processing instructions, CDATA and the declaration are understood', () => {
    assert.deepEqual(
      scan(
        '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><?p i?><a>1<!-- - -->2<![CDATA[<&]]></a>\n',
      ),
      [
        ['start', '', 'a', {}],
        ['text', '12<&'],
        ['end', '', 'a'],
      ],
    );
  });

  test('offsets slice the original bytes', () => {
    const source = Buffer.from('<r><é k="1">x</é></r>');
    const scanner = new XmlScanner(source);
    scanner.next();
    scanner.next();
    const { start } = scanner;
    scanner.skipElement();
    assert.equal(source.toString('utf8', start, scanner.end), '<é k="1">x</é>');
  });

  test('digit items are read in one go and whatever differs is left to the ordinary path', () => {
    const scanner = new XmlScanner(Buffer.from('<l><int>1</int><int>42</int><int> 7 </int><int>8</int></l>'));
    scanner.next();
    const ids = new Int32Array(9);
    assert.equal(scanner.readDigitItems('int', ids), 2);
    assert.deepEqual([...ids.subarray(0, 2)], [1, 42]);
    scanner.next();
    assert.equal(scanner.readText(), ' 7 ');
  });

  test('digit items of a long list are read but for a few', () => {
    const scanner = new XmlScanner(Buffer.from(`<l>${'<int>12345</int>'.repeat(1000)}</l>`));
    scanner.next();
    assert.ok(scanner.readDigitItems('int', new Int32Array(1000)) >= 998);
  });

  test('digit items of any name are the numbers an ordinary reader reads', () => {
    const name = fc.stringMatching(/^[a-z]{1,12}$/);
    const item = fc.oneof(
      { weight: 9, arbitrary: fc.nat({ max: 999_999_999 }).map(String) },
      fc.constantFrom('', '-1', '007', '1234567890', '1 ', '<b/>', '1<!---->'),
    );
    fc.assert(
      fc.property(
        name,
        fc.array(item),
        fc.nat({ max: 20 }),
        fc.constantFrom('', '<z/>', ' '),
        (tag, items, room, tail) => {
          const markup = items.map((text) => `<${tag}>${text}</${tag}>`).join('');
          const scanner = new XmlScanner(Buffer.from(`<l>${markup}${tail}</l>`));
          scanner.next();
          const ids = new Int32Array(room);
          const count = scanner.readDigitItems(tag, ids);
          const plain = items.findIndex((text) => !/^\d{1,9}$/.test(text));
          // The last one is left for the ordinary reader.
          assert.ok(count <= Math.min(room, plain < 0 ? items.length : plain));
          assert.deepEqual([...ids.subarray(0, count)], items.slice(0, count).map(Number));
          const rest = items.slice(count).map((text) => text.replace(/<.*>/, ''));
          const read: string[] = [];
          while (scanner.next() === Token.StartElement) {
            if (scanner.localName === tag) read.push(scanner.readText());
            else scanner.skipElement();
          }
          assert.deepEqual(read, tag === 'z' && tail === '<z/>' ? [...rest, ''] : rest);
        },
      ),
    );
  });

  test('digit items count against the limit on elements', () => {
    const scanner = new XmlScanner(Buffer.from(`<l>${'<int>1</int>'.repeat(20)}</l>`), {
      ...DEFAULT_XML_LIMITS,
      elements: 10,
    });
    scanner.next();
    assert.equal(
      code(() => scanner.readDigitItems('int', new Int32Array(30))),
      'OAK_XML_LIMIT',
    );
  });

  for (const [what, source, expected] of [
    ['a document type declaration', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'OAK_XML_DTD'],
    ['an undefined entity', '<a>&b;</a>', 'OAK_XML_MALFORMED'],
    ['an undefined entity in an attribute', '<a b="&c;"/>', 'OAK_XML_MALFORMED'],
    ['a reference to a forbidden character', '<a>&#0;</a>', 'OAK_XML_MALFORMED'],
    ['a control character', '<a>\u0001</a>', 'OAK_XML_MALFORMED'],
    ['U+FFFF', '<a>\uffff</a>', 'OAK_XML_MALFORMED'],
    ['"]]>" in text', '<a>]]></a>', 'OAK_XML_MALFORMED'],
    ['an unbound prefix', '<p:a/>', 'OAK_XML_MALFORMED'],
    ['an unbound attribute prefix', '<a p:b=""/>', 'OAK_XML_MALFORMED'],
    ['a duplicate attribute', '<a b="" b=""/>', 'OAK_XML_MALFORMED'],
    ['the same expanded attribute twice', '<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>', 'OAK_XML_MALFORMED'],
    ['a duplicate declaration', '<a xmlns:p="u" xmlns:p="v"/>', 'OAK_XML_MALFORMED'],
    ['an undeclared prefix binding', '<a xmlns:p=""/>', 'OAK_XML_MALFORMED'],
    ['crossed tags', '<a><b></a></b>', 'OAK_XML_MALFORMED'],
    ['two roots', '<a/><b/>', 'OAK_XML_MALFORMED'],
    ['text after the root', '<a/>x', 'OAK_XML_MALFORMED'],
    ['an early end', '<a><b/>', 'OAK_XML_MALFORMED'],
    ['nothing', '', 'OAK_XML_MALFORMED'],
    ['an attribute without quotes', '<a b=c/>', 'OAK_XML_MALFORMED'],
    ['attributes without space', '<a b=""c=""/>', 'OAK_XML_MALFORMED'],
    ['a less-than in an attribute', '<a b="<"/>', 'OAK_XML_MALFORMED'],
    ['another encoding', '<?xml version="1.0" encoding="utf-16"?><a/>', 'OAK_XML_ENCODING'],
    ['a declaration in the wrong place', ' <?xml version="1.0"?><a/>', 'OAK_XML_MALFORMED'],
  ] as const) {
    test(`${what} is refused`, () =>
      assert.equal(
        code(() => scan(source)),
        expected,
      ));
  }

  test('UTF-16 and broken UTF-8 are refused as an encoding', () => {
    assert.equal(
      code(() => scan(Buffer.from('\uFEFF<a/>', 'utf16le'))),
      'OAK_XML_ENCODING',
    );
    assert.equal(
      code(() => scan(Buffer.from([0x3c, 0x61, 0x3e, 0xc3, 0x28]))),
      'OAK_XML_ENCODING',
    );
  });

  for (const [limit, source] of [
    ['depth', '<a>'.repeat(5) + '</a>'.repeat(5)],
    ['elements', `<a>${'<b/>'.repeat(5)}</a>`],
    ['attributes', '<a a1="" a2="" a3="" a4="" a5=""/>'],
    ['attributes', '<a xmlns:a="1" xmlns:b="2" xmlns:c="3" xmlns:d="4" xmlns:e="5"/>'],
    ['nameBytes', '<abcde/>'],
    ['attributeBytes', '<a b="12345"/>'],
    ['textBytes', '<a>12345</a>'],
    ['textBytes', '<a><![CDATA[12345]]></a>'],
  ] as const) {
    test(`the limit on ${limit} holds for ${source.slice(0, 24)}`, () => {
      assert.equal(
        code(() => scan(source, { ...DEFAULT_XML_LIMITS, [limit]: 4 })),
        'OAK_XML_LIMIT',
      );
      assert.equal(
        code(() => scan(source, { ...DEFAULT_XML_LIMITS, [limit]: 6 })),
        'accepted',
      );
    });
  }

  const pieces = fc.constantFrom(
    ...['<a>', '</a>', '<p:a xmlns:p="u">', '</p:a>', '<b k="v"/>', '<b xmlns="d" p:k=\'&lt;\'>', '</b>'],
    ...[
      'text',
      ' ',
      '\r\n',
      '&amp;',
      '&#x41;',
      '&#65;',
      '&x;',
      '&',
      '<![CDATA[ <x> ]]>',
      '<!-- c -->',
      '<?t d?>',
    ],
    ...[
      ']]>',
      '<',
      '>',
      '"',
      '=',
      '/',
      '<a',
      'xmlns="u"',
      '\u00e9',
      '\u{1F600}',
      '\u0000',
      '<!DOCTYPE a>',
      ' k="v"',
      '<é/>',
      '<1/>',
    ],
  );

  test('agrees with an independent parser on anything', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.boolean(), (parts, wrapped) => {
        const source = wrapped ? `<r>${parts.join('')}</r>` : parts.join('');
        const expected = saxes(source);
        const found = code(() => scan(source));
        if (expected === undefined) assert.notEqual(found, 'accepted', source);
        else {
          assert.equal(found, 'accepted', source);
          assert.deepEqual(scan(source), expected);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('hostile bytes never raise anything but an OakumError', () => {
    const valid = Buffer.from(
      '<?xml version="1.0"?><a:x xmlns:a="urn:a" k="&lt;"><![CDATA[c]]><!-- d -->t&#x41;<y/></a:x>',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of changes) bytes[at] = value;
        code(() => scan(bytes));
        code(() => scan(bytes.subarray(0, changes[0]?.[0] ?? 0)));
      }),
      { numRuns: 2000 },
    );
  });

  test('agrees with an independent parser on every captured message', { skip: skipWithoutFixtures }, () => {
    let compared = 0;
    for (const folder of ['native', 'spec-messages', 'server-sync', 'sdp', 'metadata/documents']) {
      for (const entry of readdirSync(fixture(folder), { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(xml|body)$/.test(entry.name)) continue;
        const source = readFileSync(join(entry.parentPath, entry.name), 'utf8');
        const expected = saxes(source);
        if (expected === undefined)
          assert.notEqual(
            code(() => scan(source)),
            'accepted',
            entry.name,
          );
        else
          assert.deepEqual(
            scan(source, { ...DEFAULT_XML_LIMITS, attributeBytes: 1 << 20 }),
            expected,
            entry.name,
          );
        compared++;
      }
    }
    assert.ok(compared > 90, `only ${compared} messages were found`);
  });
});
