import { Buffer } from 'node:buffer';
import { XMLNS_NAMESPACE } from '../xml/namespace-scope.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import { openDocument } from './open-document.ts';
import { FRAGMENT_PREFIX, isUpdateSchema, UPDATE, XSI } from './namespaces.ts';

/** A fragment in one language. */
export interface LocalizedFragment {
  readonly language: string;
  /** Region of a licence; empty for the rest of the world. */
  readonly geoId: string;
  readonly xml: Buffer;
}

/**
 * The metadata fragments of a revision ([MS-WUSP] 3.1.1.1): each a sequence of elements without a common
 * root and without namespaces, in UTF-8, not yet escaped for SOAP.
 */
export interface Fragments {
  readonly core: Buffer;
  readonly extended: Buffer;
  readonly localized: readonly LocalizedFragment[];
  readonly eulas: readonly LocalizedFragment[];
}

// Real WSUS writes these three first whatever the document's order; the rest follows the specification's list.
const CORE_PROPERTIES = ['UpdateType', 'ExplicitlyDeployable', 'AutoSelectOnWebSites', 'OSUpgrade', 'EulaID'];
const CORE_DEFAULTS: Readonly<Record<string, string>> = {
  ExplicitlyDeployable: 'false',
  AutoSelectOnWebSites: 'false',
};

// [MS-WUSP] 3.1.1.1, plus PerUser="false", which real WSUS drops although the list does not have it.
const NOT_EXTENDED = new Set([
  ...CORE_PROPERTIES,
  'PublicationState',
  'PublisherID',
  'CreationDate',
  'IsPublic',
  'LegacyName',
  'DetectoidType',
]);

/**
 * Derives the fragments that clients receive from an update document, byte for byte as real WSUS does.
 *
 * @param document UTF-8 bytes of the whole document
 * @throws OakumError OAK_DOCUMENT_INVALID when it is no update, or what the scanner raises
 */
export function deriveFragments(document: Uint8Array): Fragments {
  const scanner = openDocument(document);
  const parts: Record<string, string> = {};
  const localized: LocalizedFragment[] = [];
  const eulas: LocalizedFragment[] = [];
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement) break;
    if (token !== Token.StartElement) continue;
    const name = scanner.namespaceUri === UPDATE ? scanner.localName : '';
    switch (name) {
      case 'Properties':
        parts.coreProperties = coreProperties(scanner);
        parts.extendedProperties = extendedProperties(scanner);
        break;
      case 'LocalizedPropertiesCollection':
        readLocalized(scanner, localized, eulas);
        break;
      case 'UpdateIdentity':
      case 'Relationships':
      case 'ApplicabilityRules':
      case 'Files':
      case 'HandlerSpecificData':
        parts[name] = copyElement(scanner);
        break;
      default:
        scanner.skipElement();
    }
  }
  while (scanner.next() !== Token.EndOfDocument);
  const join = (...names: readonly string[]): Buffer =>
    Buffer.from(names.map((name) => parts[name] ?? '').join(''));
  return {
    core: join('UpdateIdentity', 'coreProperties', 'Relationships', 'ApplicabilityRules'),
    extended: join('extendedProperties', 'Files', 'HandlerSpecificData'),
    localized,
    eulas,
  };
}

function coreProperties(scanner: XmlScanner): string {
  let markup = '<Properties';
  for (const name of CORE_PROPERTIES) {
    const index = attributeIndex(scanner, name);
    if (index < 0 || scanner.attributeValue(index) === CORE_DEFAULTS[name]) continue;
    markup += attributeMarkup(name, scanner.attributeSource(index));
  }
  return `${markup} />`;
}

function extendedProperties(scanner: XmlScanner): string {
  let markup = '<ExtendedProperties';
  for (let index = 0; index < scanner.attributeCount; index++) {
    const { local } = scanner.attributeName(index);
    if (scanner.attributeUri(index) === XMLNS_NAMESPACE || NOT_EXTENDED.has(local)) continue;
    if (local === 'PerUser' && scanner.attributeValue(index) === 'false') continue;
    markup += attributeMarkup(local, scanner.attributeSource(index));
  }
  const children = copyContent(scanner);
  return children === '' ? `${markup} />` : `${markup}>${children}</ExtendedProperties>`;
}

function readLocalized(
  scanner: XmlScanner,
  localized: LocalizedFragment[],
  eulas: LocalizedFragment[],
): void {
  const { depth } = scanner;
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return;
    if (token !== Token.StartElement) continue;
    if (scanner.localName === 'LocalizedProperties') {
      let language = '';
      const xml = copyElement(scanner, (name, text) => {
        if (name === 'Language') language = text;
      });
      localized.push({ language, geoId: '', xml: Buffer.from(xml) });
    } else if (scanner.localName === 'EulaFile') {
      const language = scanner.attribute('Language') ?? '';
      const geoId = scanner.attribute('GeoId') ?? '';
      eulas.push({ language, geoId, xml: Buffer.from(copyElement(scanner)) });
    } else {
      scanner.skipElement();
    }
  }
}

type TextVisitor = (elementName: string, text: string) => void;

/** The current element with everything in it, rewritten by the rules of 3.1.1.1. */
function copyElement(scanner: XmlScanner, onText?: TextVisitor): string {
  const name = `${FRAGMENT_PREFIX.get(scanner.namespaceUri) ?? ''}${scanner.localName}`;
  let markup = `<${name}`;
  for (let index = 0; index < scanner.attributeCount; index++) {
    const attribute = scanner.attributeName(index);
    const uri = scanner.attributeUri(index);
    if (uri === XMLNS_NAMESPACE) {
      // Declarations go, but foreign metadata such as CBS assemblies and MSI patches keeps its default one.
      const keep = attribute.prefix === '' && !isUpdateSchema(scanner.attributeValue(index));
      if (keep) markup += attributeMarkup('xmlns', scanner.attributeSource(index));
      continue;
    }
    // xsi:type becomes type; the prefix inside its value stays.
    const attributeName = uri === XSI || attribute.prefix === '' ? attribute.local : keptName(attribute);
    markup += attributeMarkup(attributeName, scanner.attributeSource(index));
  }
  if (scanner.selfClosing) {
    scanner.next();
    return `${markup} />`;
  }
  return `${markup}>${copyContent(scanner, onText)}</${name}>`;
}

function keptName(attribute: { readonly prefix: string; readonly local: string }): string {
  return attribute.prefix === 'xml' ? `xml:${attribute.local}` : attribute.local;
}

/** What stands between the current element's tags. Comments and white space between elements are dropped. */
function copyContent(scanner: XmlScanner, onText?: TextVisitor): string {
  const { depth, localName } = scanner;
  let content = '';
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return content;
    if (token === Token.StartElement) content += copyElement(scanner, onText);
    else if (token === Token.Text) {
      const { isCdata } = scanner.textRange();
      if (!isCdata && scanner.isWhiteSpace()) continue;
      content += scanner.bytes.toString('utf8', scanner.start, scanner.end);
      onText?.(localName, scanner.text());
    }
  }
}

function attributeIndex(scanner: XmlScanner, name: string): number {
  for (let index = 0; index < scanner.attributeCount; index++) {
    if (scanner.attributeName(index).raw === name) return index;
  }
  return -1;
}

function attributeMarkup(name: string, source: string): string {
  return ` ${name}="${source.includes('"') ? source.replaceAll('"', '&quot;') : source}"`;
}
