import { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import { QUOTE } from '../xml/characters.ts';
import { XMLNS_NAMESPACE } from '../xml/namespace-scope.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import { DOCUMENT_MAX_BYTES } from './document-limits.ts';
import { openDocument } from './open-document.ts';
import { FRAGMENT_PREFIX, isUpdateSchema, UPDATE } from './namespaces.ts';

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
 * @throws OakumError OAK_DOCUMENT_INVALID when it is no update or cannot be written without namespaces, or what
 * the scanner raises
 */
export function deriveFragments(document: Uint8Array): Fragments {
  checkGrowth(document);
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

/**
 * In a single-quoted attribute a quote grows to six bytes: 100 MB of them took 3 GB to write and did not fit
 * a string. Real documents have one quote in a dozen bytes, and none of those grows.
 */
function checkGrowth(document: Uint8Array): void {
  const limit = 1.5 * DOCUMENT_MAX_BYTES;
  if (document.length * 6 <= limit) return;
  let grown = document.length;
  for (const byte of document) if (byte === QUOTE) grown += 5;
  if (grown <= limit) return;
  throw new OakumError('OAK_DOCUMENT_INVALID', {
    detail: `Its fragments may have ${grown} bytes; at most ${limit} are allowed.`,
  });
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
    markup += attributeMarkup(fragmentName(scanner, index), scanner.attributeSource(index));
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
    const name = scanner.namespaceUri === UPDATE ? scanner.localName : '';
    if (name === 'LocalizedProperties') {
      let language = '';
      const xml = copyElement(scanner, (text) => {
        const isChild = scanner.depth === depth + 2 && scanner.namespaceUri === UPDATE;
        if (isChild && scanner.localName === 'Language') language = text.trim();
      });
      localized.push({ language, geoId: '', xml: Buffer.from(xml) });
    } else if (name === 'EulaFile') {
      const language = scanner.attribute('Language') ?? '';
      const geoId = scanner.attribute('GeoId') ?? '';
      eulas.push({ language, geoId, xml: Buffer.from(copyElement(scanner)) });
    } else {
      scanner.skipElement();
    }
  }
}

/** Called with the text of an element when the scanner stands on its end. */
type TextVisitor = (text: string) => void;

/** The current element with everything in it, rewritten by the rules of 3.1.1.1. */
function copyElement(scanner: XmlScanner, onText?: TextVisitor): string {
  const name = `${FRAGMENT_PREFIX.get(scanner.namespaceUri) ?? ''}${scanner.localName}`;
  let markup = `<${name}`;
  for (let index = 0; index < scanner.attributeCount; index++) {
    const attribute = scanner.attributeName(index);
    const uri = scanner.attributeUri(index);
    if (uri === XMLNS_NAMESPACE) {
      // Declarations go, but foreign metadata such as CBS assemblies and MSI patches keeps its default one.
      const isOwn = attribute.prefix === '' && scanner.prefix === '';
      if (isOwn && !isUpdateSchema(scanner.attributeValue(index)))
        markup += attributeMarkup('xmlns', scanner.attributeSource(index));
      continue;
    }
    // xsi:type becomes type; the prefix inside its value stays.
    markup += attributeMarkup(fragmentName(scanner, index), scanner.attributeSource(index));
  }
  if (scanner.selfClosing) {
    scanner.next();
    return `${markup} />`;
  }
  return `${markup}>${copyContent(scanner, onText)}</${name}>`;
}

/** The name of an attribute without its prefix; only `xml:` needs no declaration and stays. */
function fragmentName(scanner: XmlScanner, index: number): string {
  const { prefix, local, raw } = scanner.attributeName(index);
  if (prefix === '') return local;
  if (prefix === 'xml') return raw;
  // One such attribute would make the fragment unreadable, and with it the answer it is sent in.
  if (local === 'xmlns' || hasTwin(scanner, index)) {
    throw new OakumError('OAK_DOCUMENT_INVALID', {
      detail: `The attribute ${JSON.stringify(raw)} has a name that is taken without its prefix.`,
    });
  }
  return local;
}

function hasTwin(scanner: XmlScanner, index: number): boolean {
  const { local } = scanner.attributeName(index);
  for (let other = 0; other < scanner.attributeCount; other++) {
    const name = scanner.attributeName(other);
    const isWritten = name.prefix !== 'xml' && scanner.attributeUri(other) !== XMLNS_NAMESPACE;
    if (other !== index && isWritten && name.local === local) return true;
  }
  return false;
}

/** What stands between the current element's tags. Comments and white space between elements are dropped. */
function copyContent(scanner: XmlScanner, onText?: TextVisitor): string {
  const { depth } = scanner;
  let content = '';
  let text = '';
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) {
      onText?.(text);
      return content;
    }
    if (token === Token.StartElement) content += copyElement(scanner, onText);
    else if (token === Token.Text) {
      const { isCdata } = scanner.textRange();
      if (!isCdata && scanner.isWhiteSpace()) continue;
      const piece = scanner.bytes.toString('utf8', scanner.start, scanner.end);
      // A dropped comment may have kept apart what must not meet (XML 1.0, 2.4).
      const meet = (content.slice(-2) + piece.slice(0, 2)).includes(']]>');
      content += meet && !isCdata ? piece.replace('>', '&gt;') : piece;
      if (onText !== undefined) text += scanner.text();
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
