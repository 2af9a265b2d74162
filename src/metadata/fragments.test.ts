import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { raised } from '../../test/support/error-code.ts';
import { fixture, skipWithoutFixtures } from '../../test/support/fixtures.ts';
import {
  EXPECTED_FRAGMENTS,
  OWN_DOCUMENTS,
  ownDocument,
  type ExpectedFragment,
} from '../../test/support/own-documents.ts';
import { assertSameBytes } from '../../test/support/same-bytes.ts';
import { assertWellFormedFragment } from '../../test/support/well-formed.ts';
import { deriveFragments, type Fragments } from './fragments.ts';

const UPD = 'http://schemas.microsoft.com/msus/2002/12/Update';

/** The fragments of an update that has nothing but what is given. */
function fragmentsOf(parts: { properties?: string; texts?: string; rules?: string }): Fragments {
  const { properties = '<Properties/>', texts = '', rules = '' } = parts;
  return deriveFragments(
    Buffer.from(
      `<Update xmlns="${UPD}" xmlns:f="urn:foreign" xmlns:bar="http://schemas.microsoft.com/msus/2002/12/BaseApplicabilityRules">` +
        `<UpdateIdentity UpdateID="0cec32f3-aabe-4beb-8b9a-7217f1023e29" RevisionNumber="1"/>${properties}` +
        `<LocalizedPropertiesCollection>${texts}</LocalizedPropertiesCollection>` +
        `<ApplicabilityRules><IsInstalled>${rules}</IsInstalled></ApplicabilityRules></Update>`,
    ),
  );
}

function ruleOf(rule: string): string {
  return /<IsInstalled>(.*)<\/IsInstalled>/s.exec(fragmentsOf({ rules: rule }).core.toString())?.[1] ?? '';
}

const extendedOf = (properties: string): string => fragmentsOf({ properties }).extended.toString();
const coreOf = (properties: string): string =>
  /<Properties.*?\/>/.exec(fragmentsOf({ properties }).core.toString())?.[0] ?? '';

function find(fragments: Fragments, wanted: ExpectedFragment): Buffer | undefined {
  if (wanted.kind === 'core' || wanted.kind === 'extended') return fragments[wanted.kind];
  const list = wanted.kind === 'localized' ? fragments.localized : fragments.eulas;
  return list.find((one) => one.language === wanted.language && one.geoId === wanted.geoId)?.xml;
}

describe('the fragments of', () => {
  for (const expected of EXPECTED_FRAGMENTS) {
    const { document, kind, language, geoId } = expected;
    it(`${document} are derived byte for byte: ${[kind, language, geoId].join(' ').trim()}`, () => {
      const fragment = find(deriveFragments(ownDocument(document)), expected);
      assertSameBytes(fragment ?? Buffer.of(), expected.xml);
    });
  }

  for (const name of OWN_DOCUMENTS) {
    it(`${name} are well-formed without any namespace`, () => {
      const { core, extended, localized, eulas } = deriveFragments(ownDocument(name));
      for (const one of [core, extended, ...[...localized, ...eulas].map((text) => text.xml)])
        assertWellFormedFragment(one);
    });
  }
});

describe('a fragment', () => {
  it('of Core has the properties clients look at, in one order, without children and defaults', () => {
    assert.equal(
      coreOf(
        '<Properties EulaID="e" PerUser="true" OSUpgrade="swap" AutoSelectOnWebSites="true" Handler="h" ' +
          'ExplicitlyDeployable="true" UpdateType="Software"><KBArticleID>1</KBArticleID></Properties>',
      ),
      '<Properties UpdateType="Software" ExplicitlyDeployable="true" AutoSelectOnWebSites="true" OSUpgrade="swap" EulaID="e" />',
    );
    assert.equal(
      coreOf(
        '<Properties AutoSelectOnWebSites="false" ExplicitlyDeployable="false" UpdateType="Detectoid"/>',
      ),
      '<Properties UpdateType="Detectoid" />',
    );
  });

  it('of Extended has the other properties in their own order, and their children', () => {
    assert.equal(
      extendedOf(
        '<Properties UpdateType="Software" MinDownloadSize="0" PublicationState="Published" Handler="h" ' +
          'CreationDate="2024-01-01T00:00:00Z" PublisherID="p" IsPublic="true" LegacyName="l" DetectoidType="t" ' +
          'PerUser="false" OSUpgrade="swap" EulaID="e" DefaultPropertiesLanguage="en"> <f:New a="1"/>\n</Properties>',
      ),
      '<ExtendedProperties MinDownloadSize="0" Handler="h" DefaultPropertiesLanguage="en"><New a="1" /></ExtendedProperties>',
    );
    assert.equal(
      extendedOf('<Properties PerUser="true"></Properties>'),
      '<ExtendedProperties PerUser="true" />',
    );
  });

  it('keeps text, references and CDATA as they are written', () => {
    assert.equal(
      ruleOf('<a b="1 &#x41; &lt;&gt; &apos;">x &amp; &#65; &quot;"\' é 𝄞<![CDATA[ <y> & ]]></a>'),
      '<a b="1 &#x41; &lt;&gt; &apos;">x &amp; &#65; &quot;"\' é 𝄞<![CDATA[ <y> & ]]></a>',
    );
  });

  it('has its attributes in double quotes', () => {
    assert.equal(ruleOf(`<a b='say "x"' c = '' d="it's"/>`), `<a b="say &quot;x&quot;" c="" d="it's" />`);
  });

  it('has no comments, processing instructions or white space between elements', () => {
    assert.equal(ruleOf('\n <a> <!-- <b/> -->\t<b/><?c d?> </a>\r\n '), '<a><b /></a>');
    assert.equal(ruleOf('<a>one<!-- -->, two</a>'), '<a>one, two</a>');
  });

  it('stays well-formed where a comment kept brackets apart', () => {
    assert.equal(ruleOf('<a>]]<!-- -->></a>'), '<a>]]&gt;</a>');
    assert.equal(ruleOf('<a>]<!-- -->]<!-- -->> ></a>'), '<a>]]&gt; ></a>');
    assert.equal(ruleOf('<a>]<!-- -->></a>'), '<a>]></a>');
  });

  it('ends empty elements as classic .NET services do', () => {
    assert.equal(ruleOf('<a/><b  /><c></c>'), '<a /><b /><c></c>');
  });

  it('keeps the default namespace of foreign metadata where it was declared', () => {
    assert.equal(
      ruleOf('<x xmlns="urn:schemas-microsoft-com:asm.v3" a="1"><y b="2" xmlns:z="urn:z"/></x>'),
      '<x xmlns="urn:schemas-microsoft-com:asm.v3" a="1"><y b="2" /></x>',
    );
    assert.equal(ruleOf('<x a="1" xmlns="urn:other"/>'), '<x a="1" xmlns="urn:other" />');
    // Declared on an element it does not hold for, it would move that element into it.
    assert.equal(ruleOf('<f:x xmlns="urn:other"/>'), '<x />');
  });

  it('drops prefixes of attributes, but not of their values nor xml:', () => {
    assert.equal(
      ruleOf(
        '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="cmd:X" f:b="1" xml:space="preserve"/>',
      ),
      '<a type="cmd:X" b="1" xml:space="preserve" />',
    );
  });

  it('cannot be derived where attributes differ in their prefix only', () => {
    for (const attributes of ['f:b="1" b="2"', 'f:xmlns="urn:x"', 'xmlns:g="urn:g" f:b="1" g:b="2"']) {
      assert.equal(
        raised(() => ruleOf(`<a ${attributes}/>`)),
        'OAK_DOCUMENT_INVALID',
        attributes,
      );
    }
    assert.equal(
      raised(() => extendedOf('<Properties Handler="1" f:Handler="2"/>')),
      'OAK_DOCUMENT_INVALID',
    );
    assert.equal(ruleOf('<a xml:b="1" b="2" xmlns:b="urn:b"/>'), '<a xml:b="1" b="2" />');
  });

  it('in a language is known by the Language child of the update schema', () => {
    const { localized, eulas } = fragmentsOf({
      texts:
        '<LocalizedProperties><Title>none</Title></LocalizedProperties>' +
        '<LocalizedProperties><f:Language>xx</f:Language><Language> p<!-- -->t </Language></LocalizedProperties>' +
        '<LocalizedProperties><Language>de</Language><More><Language>fr</Language></More></LocalizedProperties>' +
        '<f:LocalizedProperties><Language>xx</Language></f:LocalizedProperties>' +
        '<f:EulaFile Language="xx"/><EulaFile Language="en"/><EulaFile GeoId="CHE"/>',
    });
    assert.deepEqual(
      localized.map((one) => one.language),
      ['', 'pt', 'de'],
    );
    assert.deepEqual(
      eulas.map((one) => [one.language, one.geoId]),
      [
        ['en', ''],
        ['', 'CHE'],
      ],
    );
  });
});

describe('real fragments are derived byte for byte', { skip: skipWithoutFixtures }, () => {
  const folder = skipWithoutFixtures === false ? fixture('metadata/fragments') : undefined;
  for (const file of folder === undefined ? [] : readdirSync(folder)) {
    const [, name, kind] = /^(.*)\.(core|extended|localized-en)\.xml$/.exec(basename(file)) ?? [];
    it(file, () => {
      const fragments = deriveFragments(readFileSync(fixture(`metadata/documents/${name}.xml`)));
      const expected = readFileSync(fixture(`metadata/fragments/${file}`), 'utf8');
      const derived =
        kind === 'core' || kind === 'extended'
          ? fragments[kind]
          : fragments.localized.find((one) => one.language === 'en')?.xml;
      // The publisher of this one removed the number from a link.
      const redacted = expected.includes('LinkId=REDACTED')
        ? derived?.toString().replace(/LinkId=\d+/, 'LinkId=REDACTED')
        : derived?.toString();
      assertSameBytes(Buffer.from(redacted ?? ''), Buffer.from(expected));
    });
  }
});
