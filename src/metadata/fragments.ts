import { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import { BRACKET, GT, QUOTE } from '../xml/characters.ts';
import { XMLNS_NAMESPACE } from '../xml/namespace-scope.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import { DOCUMENT_MAX_BYTES } from './document-limits.ts';
import { openDocument } from './open-document.ts';
import { MarkupBuffer } from './markup-buffer.ts';
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

/** What a title and a description take. */
const LOCALIZED_BYTES = 1024;

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
  const core = new PartedFragment(document.length);
  const extended = new PartedFragment(document.length);
  const localized: LocalizedFragment[] = [];
  const eulas: LocalizedFragment[] = [];
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement) break;
    if (token !== Token.StartElement) continue;
    const name = scanner.namespaceUri === UPDATE ? scanner.localName : '';
    switch (name) {
      case 'Properties':
        core.write('Properties', (markup) => coreProperties(scanner, markup));
        extended.write('Properties', (markup) => extendedProperties(scanner, markup));
        break;
      case 'LocalizedPropertiesCollection':
        readLocalized(scanner, localized, eulas);
        break;
      case 'UpdateIdentity':
      case 'Relationships':
      case 'ApplicabilityRules':
        core.write(name, (markup) => copyElement(scanner, markup));
        break;
      case 'Files':
      case 'HandlerSpecificData':
        extended.write(name, (markup) => copyElement(scanner, markup));
        break;
      default:
        scanner.skipElement();
    }
  }
  while (scanner.next() !== Token.EndOfDocument);
  return {
    core: core.join('UpdateIdentity', 'Properties', 'Relationships', 'ApplicabilityRules'),
    extended: extended.join('Properties', 'Files', 'HandlerSpecificData'),
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

function coreProperties(scanner: XmlScanner, markup: MarkupBuffer): void {
  markup.text('<Properties');
  for (const name of CORE_PROPERTIES) {
    const index = attributeIndex(scanner, name);
    if (index < 0 || scanner.attributeValue(index) === CORE_DEFAULTS[name]) continue;
    copyAttribute(scanner, index, name, markup);
  }
  markup.text(' />');
}

function extendedProperties(scanner: XmlScanner, markup: MarkupBuffer): void {
  markup.text('<ExtendedProperties');
  for (let index = 0; index < scanner.attributeCount; index++) {
    const { local } = scanner.attributeName(index);
    if (scanner.attributeUri(index) === XMLNS_NAMESPACE || NOT_EXTENDED.has(local)) continue;
    if (local === 'PerUser' && scanner.attributeValue(index) === 'false') continue;
    copyAttribute(scanner, index, fragmentName(scanner, index), markup);
  }
  const tagEnd = markup.length;
  markup.text('>');
  const contentStart = markup.length;
  copyContent(scanner, markup);
  if (markup.length > contentStart) {
    markup.text('</ExtendedProperties>');
    return;
  }
  markup.truncate(tagEnd);
  markup.text(' />');
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
      const markup = new MarkupBuffer(LOCALIZED_BYTES);
      copyElement(scanner, markup, (text) => {
        const isChild = scanner.depth === depth + 2 && scanner.namespaceUri === UPDATE;
        if (isChild && scanner.localName === 'Language') language = text.trim();
      });
      localized.push({ language, geoId: '', xml: markup.slice() });
    } else if (name === 'EulaFile') {
      const language = scanner.attribute('Language') ?? '';
      const geoId = scanner.attribute('GeoId') ?? '';
      const markup = new MarkupBuffer(LOCALIZED_BYTES);
      copyElement(scanner, markup);
      eulas.push({ language, geoId, xml: markup.slice() });
    } else {
      scanner.skipElement();
    }
  }
}

/** Called with the text of an element when the scanner stands on its end. */
type TextVisitor = (text: string) => void;

/** Appends the current element with everything in it, rewritten by the rules of 3.1.1.1. */
function copyElement(scanner: XmlScanner, markup: MarkupBuffer, onText?: TextVisitor): void {
  const name = `${FRAGMENT_PREFIX.get(scanner.namespaceUri) ?? ''}${scanner.localName}`;
  markup.text(`<${name}`);
  for (let index = 0; index < scanner.attributeCount; index++) {
    const attribute = scanner.attributeName(index);
    const uri = scanner.attributeUri(index);
    if (uri === XMLNS_NAMESPACE) {
      // Declarations go, but foreign metadata such as CBS assemblies and MSI patches keeps its default one.
      const isOwn = attribute.prefix === '' && scanner.prefix === '';
      if (isOwn && !isUpdateSchema(scanner.attributeValue(index)))
        copyAttribute(scanner, index, 'xmlns', markup);
      continue;
    }
    // xsi:type becomes type; the prefix inside its value stays.
    copyAttribute(scanner, index, fragmentName(scanner, index), markup);
  }
  if (scanner.selfClosing) {
    scanner.next();
    markup.text(' />');
    return;
  }
  markup.text('>');
  copyContent(scanner, markup, onText);
  markup.text(`</${name}>`);
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

/** Appends what stands between the current element's tags. Comments and white space between elements are dropped. */
function copyContent(scanner: XmlScanner, markup: MarkupBuffer, onText?: TextVisitor): void {
  const { depth } = scanner;
  const contentStart = markup.length;
  let text = '';
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) {
      onText?.(text);
      return;
    }
    if (token === Token.StartElement) copyElement(scanner, markup, onText);
    else if (token === Token.Text) {
      const { isCdata } = scanner.textRange();
      if (!isCdata && scanner.isWhiteSpace()) continue;
      const { bytes, start, end } = scanner;
      const meet = isCdata ? -1 : bracketsMeet(markup, contentStart, bytes, start, end);
      if (meet < 0) markup.copy(bytes, start, end);
      else {
        markup.copy(bytes, start, meet);
        markup.text('&gt;');
        markup.copy(bytes, meet + 1, end);
      }
      if (onText !== undefined) text += scanner.text();
    }
  }
}

/**
 * A dropped comment may have kept apart what must not meet (XML 1.0, 2.4).
 *
 * @returns where the `>` stands that would complete `]]>` with what the content ends in; -1 if none does
 */
function bracketsMeet(
  markup: MarkupBuffer,
  contentStart: number,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const before = (back: number): boolean =>
    markup.length - back >= contentStart && markup.at(markup.length - back) === BRACKET;
  if (!before(1)) return -1;
  if (start < end && bytes[start] === GT) return before(2) ? start : -1;
  return start + 1 < end && bytes[start] === BRACKET && bytes[start + 1] === GT ? start + 1 : -1;
}

function attributeIndex(scanner: XmlScanner, name: string): number {
  for (let index = 0; index < scanner.attributeCount; index++) {
    if (scanner.attributeName(index).raw === name) return index;
  }
  return -1;
}

function copyAttribute(scanner: XmlScanner, index: number, name: string, markup: MarkupBuffer): void {
  markup.text(` ${name}="`);
  markup.copyQuoted(scanner.bytes, scanner.attributeStart(index), scanner.attributeEnd(index));
  markup.text('"');
}

/** A fragment whose parts may come in another order than they are sent in; in real documents they do not. */
class PartedFragment {
  readonly #markup: MarkupBuffer;
  readonly #parts = new Map<string, { readonly start: number; readonly end: number }>();

  constructor(capacity: number) {
    this.#markup = new MarkupBuffer(capacity);
  }

  /** Writes a part, which replaces an earlier one of its name. */
  write(name: string, write: (markup: MarkupBuffer) => void): void {
    const start = this.#markup.length;
    write(this.#markup);
    this.#parts.set(name, { start, end: this.#markup.length });
  }

  /** The parts of these names one after the other. Copies only what is not there in this order already. */
  join(...names: readonly string[]): Buffer {
    const parts = names.flatMap((name) => this.#parts.get(name) ?? []);
    const isInOrder = parts.every((part, index) => index === 0 || part.start === parts[index - 1].end);
    if (isInOrder) return this.#markup.slice(parts[0]?.start ?? 0, parts.at(-1)?.end ?? 0);
    return Buffer.concat(parts.map(({ start, end }) => this.#markup.slice(start, end)));
  }
}
