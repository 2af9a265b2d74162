import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import {
  AMP,
  APOSTROPHE,
  BANG,
  BRACKET,
  CLASS,
  EQUALS,
  FORBIDDEN,
  GT,
  isNoncharacter,
  isSpace,
  LT,
  NAME_END,
  PLAIN,
  QUESTION,
  QUOTE,
  RETURN,
  SLASH,
} from './characters.ts';
import { DEFAULT_XML_LIMITS, type XmlLimits } from './limits.ts';
import { NameTable, type XmlName } from './name-table.ts';
import { NamespaceScope, XMLNS_NAMESPACE } from './namespace-scope.ts';
import { readDigitItems } from './digit-items.ts';
import { resolveReferences } from './text.ts';

/** What {@link XmlScanner.next} found. */
export const Token = Object.freeze({ EndOfDocument: 0, StartElement: 1, EndElement: 2, Text: 3 });
export type Token = (typeof Token)[keyof typeof Token];

const names = new NameTable();

/** Longer documents are not turned into one string: what is cut out of it would keep all of it in memory. */
const SHORT_BYTES = 16 * 1024;

/**
 * A strict pull scanner for XML 1.0 with namespaces, over bytes.
 *
 * It accepts UTF-8 (a byte order mark is allowed) and nothing else, no document type declaration, no
 * entity but the five; comments and processing instructions are passed over. Each call of {@link next}
 * moves to the next token, whose parts are read from the scanner itself, so that scanning allocates
 * nothing per element. Offsets allow the original bytes to be sliced.
 *
 * @example
 * const scanner = new XmlScanner(Buffer.from('<a xmlns="urn:x">1</a>'));
 * while (scanner.next() !== Token.EndOfDocument) console.log(scanner.token, scanner.localName);
 *
 * @throws OakumError OAK_XML_MALFORMED, OAK_XML_ENCODING, OAK_XML_DTD or OAK_XML_LIMIT; nothing else.
 */
export class XmlScanner {
  readonly bytes: Buffer;
  readonly limits: XmlLimits;

  /** The current token. */
  token: Token = Token.EndOfDocument;
  /** Offset of the token's first byte, and of the byte after its last. */
  start = 0;
  end = 0;
  /** Number of open elements, the current one included. */
  depth = 0;
  /** Name of the current element (StartElement and EndElement). */
  localName = '';
  prefix = '';
  namespaceUri = '';
  /** Whether the current StartElement was written `<a/>`. Its EndElement still follows. */
  selfClosing = false;
  /**
   * Attributes of the current StartElement, in document order. Namespace declarations are among them,
   * in {@link XMLNS_NAMESPACE}.
   */
  attributeCount = 0;

  /** A short document as a whole: to cut strings out of it costs a third of decoding each of them. */
  readonly #ascii: string | undefined;
  #elements = 0;
  #pendingEnd = false;
  #seenRoot = false;
  #textHasReferences = false;
  #textHasReturns = false;
  #textIsCdata = false;
  #textStart = 0;
  #textEnd = 0;

  readonly #openNames: XmlName[] = [];
  readonly #openUris: string[] = [];
  readonly #openStarts: number[] = [];
  readonly #openEnds: number[] = [];
  readonly #namespaces = new NamespaceScope();

  readonly #attributeNames: XmlName[] = [];
  readonly #attributeUris: string[] = [];
  readonly #attributeStarts: number[] = [];
  readonly #attributeEnds: number[] = [];

  constructor(bytes: Uint8Array, limits: XmlLimits = DEFAULT_XML_LIMITS) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
    if (!isUtf8(this.bytes)) throw new OakumError('OAK_XML_ENCODING');
    if (bytes.length <= SHORT_BYTES && isAscii(this.bytes)) this.#ascii = this.bytes.toString('latin1');
    if (this.#matches(0, '\u00ef\u00bb\u00bf')) this.end = 3;
    if (this.#matches(this.end, '<?xml') && isSpace(this.bytes[this.end + 5])) this.#declaration();
  }

  /** Moves to the next token and returns it. After EndOfDocument it stays there. */
  next(): Token {
    if (this.token === Token.EndElement) this.#leave();
    if (this.#pendingEnd) {
      this.#pendingEnd = false;
      this.start = this.end;
      return (this.token = Token.EndElement);
    }
    for (;;) {
      const at = this.end;
      if (at >= this.bytes.length) {
        if (this.depth > 0 || !this.#seenRoot) this.#malformed(at, 'the document ends too early');
        return (this.token = Token.EndOfDocument);
      }
      if (this.bytes[at] !== LT) {
        if (this.#characters(at)) return (this.token = Token.Text);
        continue;
      }
      const following = this.bytes[at + 1];
      if (following === SLASH) return this.#endTag(at);
      if (following === QUESTION) this.#instruction(at);
      else if (following !== BANG) return this.#startTag(at);
      else if (this.#matches(at, '<!--')) this.#comment(at);
      else if (this.#matches(at, '<![CDATA[')) return this.#cdata(at);
      else if (this.#matches(at, '<!DOCTYPE')) throw new OakumError('OAK_XML_DTD');
      else this.#malformed(at, 'unknown markup');
    }
  }

  /** The current Text token, decoded: references resolved, line ends normalised (XML 1.0, 2.11). */
  text(): string {
    const raw = this.#source(this.#textStart, this.#textEnd);
    const lines = this.#textHasReturns ? raw.replace(/\r\n?/g, '\n') : raw;
    return this.#textHasReferences && !this.#textIsCdata ? resolveReferences(lines) : lines;
  }

  /** Whether the current Text token holds nothing but white space. */
  isWhiteSpace(): boolean {
    for (let at = this.#textStart; at < this.#textEnd; at++) if (!isSpace(this.bytes[at])) return false;
    return true;
  }

  /** Byte range of the current Text token's content (without CDATA brackets), as written. */
  textRange(): { readonly start: number; readonly end: number; readonly isCdata: boolean } {
    return { start: this.#textStart, end: this.#textEnd, isCdata: this.#textIsCdata };
  }

  attributeName(index: number): XmlName {
    return this.#attributeNames[index];
  }

  attributeUri(index: number): string {
    return this.#attributeUris[index];
  }

  /** An attribute's value, decoded and normalised (XML 1.0, 3.3.3). */
  attributeValue(index: number): string {
    const raw = this.attributeSource(index);
    const spaced = /[\r\n\t]/.test(raw) ? raw.replace(/\r\n|[\r\n\t]/g, ' ') : raw;
    return spaced.includes('&') ? resolveReferences(spaced) : spaced;
  }

  /** Offset of the first byte of an attribute's value, behind its quote. */
  attributeStart(index: number): number {
    return this.#attributeStarts[index];
  }

  /** Offset of the quote behind an attribute's value. */
  attributeEnd(index: number): number {
    return this.#attributeEnds[index];
  }

  /** An attribute's value as written between its quotes. */
  attributeSource(index: number): string {
    return this.#source(this.#attributeStarts[index], this.#attributeEnds[index]);
  }

  /** The value of an attribute by its local name and namespace; undefined when absent. */
  attribute(localName: string, namespaceUri = ''): string | undefined {
    for (let index = 0; index < this.attributeCount; index++) {
      if (this.#attributeNames[index].local === localName && this.#attributeUris[index] === namespaceUri) {
        return this.attributeValue(index);
      }
    }
    return undefined;
  }

  /** The namespace a prefix is bound to here; the empty prefix asks for the default namespace. */
  resolvePrefix(prefix: string): string | undefined {
    return this.#namespaces.resolve(prefix);
  }

  /** Passes over the rest of the current StartElement, up to and including its EndElement. */
  skipElement(): void {
    const depth = this.depth;
    while (this.next() !== Token.EndElement || this.depth !== depth);
  }

  /**
   * From a StartElement: its character content, up to its EndElement. Child elements are passed over.
   */
  readText(): string {
    const depth = this.depth;
    let text = '';
    for (;;) {
      const token = this.next();
      if (token === Token.Text && this.depth === depth) text += this.text();
      else if (token === Token.EndElement && this.depth === depth) return text;
    }
  }

  /**
   * Inside an element: consumes unprefixed `<name>digits</name>` items that stand next to each other, as many
   * as fit into `ids`, without an object or a call for each. Stops in front of the last one and of anything
   * that looks different, which the ordinary {@link next} then reads; the caller has made sure that the
   * default namespace is the right one.
   *
   * @returns how many were read
   */
  readDigitItems(name: string, ids: Int32Array): number {
    if (this.token === Token.EndElement || this.#pendingEnd) return 0;
    const { count, end } = readDigitItems(this.bytes, this.end, name, ids);
    this.#elements += count;
    if (this.#elements > this.limits.elements) this.#limit('elements', this.limits.elements);
    this.end = end;
    return count;
  }

  /** Bytes as a string. */
  #source(start: number, end: number): string {
    return this.#ascii?.substring(start, end) ?? this.bytes.toString('utf8', start, end);
  }

  #leave(): void {
    this.#namespaces.leave();
    this.#openNames.pop();
    this.#openUris.pop();
    this.#openStarts.pop();
    this.#openEnds.pop();
    this.depth--;
  }

  #countElement(): void {
    if (++this.#elements > this.limits.elements) this.#limit('elements', this.limits.elements);
  }

  #startTag(at: number): Token {
    const { bytes, limits } = this;
    if (this.depth === 0 && this.#seenRoot) this.#malformed(at, 'a second root element');
    if (this.depth >= limits.depth) this.#limit('depth', limits.depth);
    this.#countElement();
    let position = this.#nameEnd(at + 1);
    const nameEnd = position;
    const name = this.#name(at + 1, nameEnd);
    this.attributeCount = 0;
    for (;;) {
      const afterName = position;
      position = this.#skipSpace(position);
      const byte = bytes[position];
      if (byte === GT) {
        this.selfClosing = false;
        position++;
        break;
      }
      if (byte === SLASH) {
        if (bytes[position + 1] !== GT) this.#malformed(position, 'a lone slash in a tag');
        this.selfClosing = true;
        position += 2;
        break;
      }
      if (byte === undefined || position === afterName) this.#malformed(position, 'a broken tag');
      if (this.attributeCount >= limits.attributes) this.#limit('attributes', limits.attributes);
      const attributeNameEnd = this.#nameEnd(position);
      const attribute = this.#name(position, attributeNameEnd);
      position = this.#skipSpace(attributeNameEnd);
      if (bytes[position] !== EQUALS) this.#malformed(position, 'an attribute without a value');
      position = this.#skipSpace(position + 1);
      const valueEnd = this.#attributeEnd(position);
      this.#attributeNames[this.attributeCount] = attribute;
      this.#attributeStarts[this.attributeCount] = position + 1;
      this.#attributeEnds[this.attributeCount] = valueEnd;
      this.attributeCount++;
      if (isDeclaration(attribute)) this.#bind(attribute, position + 1, valueEnd);
      position = valueEnd + 1;
    }
    this.#namespaces.enter();
    this.#resolveAttributes(at);
    const uri = this.resolvePrefix(name.prefix);
    if (uri === undefined || name.prefix === 'xmlns') this.#malformed(at, 'an unbound prefix');
    this.#openNames.push(name);
    this.#openUris.push(uri);
    this.#openStarts.push(at + 1);
    this.#openEnds.push(nameEnd);
    this.depth++;
    this.#seenRoot = true;
    this.localName = name.local;
    this.prefix = name.prefix;
    this.namespaceUri = uri;
    this.#pendingEnd = this.selfClosing;
    this.start = at;
    this.end = position;
    return (this.token = Token.StartElement);
  }

  #bind(attribute: XmlName, start: number, end: number): void {
    const prefix = attribute.prefix === '' ? '' : attribute.local;
    const uri = decodeAttribute(this.bytes.toString('utf8', start, end));
    if (!this.#namespaces.declare(prefix, uri)) {
      this.#malformed(start, 'a namespace declaration that is not allowed');
    }
  }

  #resolveAttributes(at: number): void {
    for (let index = 0; index < this.attributeCount; index++) {
      const name = this.#attributeNames[index];
      // An unprefixed attribute is in no namespace (Namespaces in XML, 6.2).
      const uri = isDeclaration(name)
        ? XMLNS_NAMESPACE
        : name.prefix === ''
          ? ''
          : this.resolvePrefix(name.prefix);
      if (uri === undefined) this.#malformed(at, 'an unbound attribute prefix');
      this.#attributeUris[index] = uri;
      for (let other = 0; other < index; other++) {
        if (this.#attributeNames[other].local === name.local && this.#attributeUris[other] === uri) {
          this.#malformed(at, 'a duplicate attribute');
        }
      }
    }
  }

  #attributeEnd(at: number): number {
    const { bytes } = this;
    const quote = bytes[at];
    if (quote !== QUOTE && quote !== APOSTROPHE) this.#malformed(at, 'an attribute value without quotes');
    let position = at + 1;
    let references = false;
    for (; ; position++) {
      const byte = bytes[position];
      if (byte === undefined) this.#malformed(at, 'an attribute value that does not end');
      if (byte === quote) break;
      const kind = CLASS[byte];
      if (kind === PLAIN || byte === RETURN || byte === BRACKET) continue;
      if (byte === AMP) references = true;
      else if (byte !== 0xef || isNoncharacter(bytes, position)) {
        this.#malformed(position, 'a character that an attribute value cannot hold');
      }
    }
    if (position - at - 1 > this.limits.attributeBytes) {
      this.#limit('attributeBytes', this.limits.attributeBytes);
    }
    if (references) resolveReferences(bytes.toString('utf8', at + 1, position));
    return position;
  }

  #endTag(at: number): Token {
    const { bytes } = this;
    const name = this.#openNames.at(-1);
    // The bytes of the start tag's name must stand here again: no need to look the name up.
    const openAt = this.#openStarts.at(-1)!;
    const length = this.#openEnds.at(-1)! - openAt;
    let same = 0;
    while (same < length && bytes[at + 2 + same] === bytes[openAt + same]) same++;
    const close = this.#skipSpace(at + 2 + same);
    if (name === undefined || same < length || bytes[close] !== GT) {
      this.#malformed(at, 'an end tag that does not match');
    }
    this.localName = name.local;
    this.prefix = name.prefix;
    this.namespaceUri = this.#openUris.at(-1)!;
    this.start = at;
    this.end = close + 1;
    return (this.token = Token.EndElement);
  }

  /** Reads a run of text. Returns false for the white space that may stand outside the root element. */
  #characters(at: number): boolean {
    const { bytes } = this;
    let position = at;
    let references = false;
    let returns = false;
    for (; position < bytes.length; position++) {
      const byte = bytes[position];
      const kind = CLASS[byte];
      if (kind === PLAIN) continue;
      if (byte === LT) break;
      if (byte === AMP) references = true;
      else if (byte === RETURN) returns = true;
      else if (kind === FORBIDDEN) this.#malformed(position, 'a control character');
      else if (byte === BRACKET && bytes[position + 1] === BRACKET && bytes[position + 2] === GT) {
        this.#malformed(position, '"]]>" in text');
      } else if (byte === 0xef && isNoncharacter(bytes, position)) {
        this.#malformed(position, 'a character that XML forbids');
      }
    }
    if (position - at > this.limits.textBytes) this.#limit('textBytes', this.limits.textBytes);
    this.start = this.#textStart = at;
    this.end = this.#textEnd = position;
    this.#textHasReferences = references;
    this.#textHasReturns = returns;
    this.#textIsCdata = false;
    if (this.depth === 0) {
      if (!this.isWhiteSpace()) this.#malformed(at, 'text outside the root element');
      return false;
    }
    // Checked here, so that a caller that never asks for the text cannot let bad references pass.
    if (references) resolveReferences(bytes.toString('utf8', at, position));
    return true;
  }

  #cdata(at: number): Token {
    if (this.depth === 0) this.#malformed(at, 'CDATA outside the root element');
    const close = this.bytes.indexOf(']]>', at + 9, 'latin1');
    if (close < 0) this.#malformed(at, 'CDATA that does not end');
    if (close - at - 9 > this.limits.textBytes) this.#limit('textBytes', this.limits.textBytes);
    this.#checkCharacters(at + 9, close);
    this.start = at;
    this.#textStart = at + 9;
    this.#textEnd = close;
    this.#textHasReferences = false;
    this.#textHasReturns = true;
    this.#textIsCdata = true;
    this.end = close + 3;
    return (this.token = Token.Text);
  }

  #comment(at: number): void {
    const close = this.bytes.indexOf('--', at + 4, 'latin1');
    if (close < 0 || this.bytes[close + 2] !== GT) this.#malformed(at, 'a broken comment');
    this.#checkCharacters(at + 4, close);
    this.end = close + 3;
  }

  #instruction(at: number): void {
    const close = this.bytes.indexOf('?>', at + 2, 'latin1');
    if (close < 0) this.#malformed(at, 'a processing instruction that does not end');
    let nameEnd = at + 2;
    while (nameEnd < close && NAME_END[this.bytes[nameEnd]] === 0) nameEnd++;
    const target = this.#name(at + 2, nameEnd);
    const badTarget = target.raw.toLowerCase() === 'xml' || target.prefix !== '';
    if (badTarget || (nameEnd < close && !isSpace(this.bytes[nameEnd]))) {
      this.#malformed(at, 'a broken processing instruction');
    }
    this.#checkCharacters(nameEnd, close);
    this.end = close + 2;
  }

  #declaration(): void {
    const close = this.bytes.indexOf('?>', this.end, 'latin1');
    const text = close < 0 ? '' : this.bytes.toString('latin1', this.end, close);
    const parts =
      /^<\?xml\s+version\s*=\s*(["'])1\.\d+\1(?:\s+encoding\s*=\s*(["'])([A-Za-z][A-Za-z0-9._-]*)\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*$/.exec(
        text,
      );
    if (parts === null) this.#malformed(this.end, 'a broken XML declaration');
    const encoding = parts[3]?.toLowerCase() ?? 'utf-8';
    if (encoding !== 'utf-8' && encoding !== 'utf8' && encoding !== 'us-ascii') {
      throw new OakumError('OAK_XML_ENCODING', { detail: 'The XML declaration names another encoding.' });
    }
    this.end = close + 2;
  }

  #checkCharacters(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at];
      const kind = CLASS[byte];
      if ((kind === FORBIDDEN && byte !== RETURN) || (byte === 0xef && isNoncharacter(this.bytes, at))) {
        this.#malformed(at, 'a character that XML forbids');
      }
    }
  }

  #name(start: number, end: number): XmlName {
    if (end - start > this.limits.nameBytes) this.#limit('nameBytes', this.limits.nameBytes);
    const name = end > start ? names.lookup(this.bytes, start, end) : undefined;
    if (name === undefined) this.#malformed(start, 'a name that is not allowed');
    return name;
  }

  #nameEnd(start: number): number {
    const { bytes } = this;
    let at = start;
    while (at < bytes.length && NAME_END[bytes[at]] === 0) at++;
    return at;
  }

  #skipSpace(start: number): number {
    let at = start;
    while (isSpace(this.bytes[at])) at++;
    return at;
  }

  #matches(at: number, latin1: string): boolean {
    for (let index = 0; index < latin1.length; index++) {
      if (this.bytes[at + index] !== latin1.charCodeAt(index)) return false;
    }
    return true;
  }

  #malformed(at: number, what: string): never {
    throw new OakumError('OAK_XML_MALFORMED', { detail: `At byte ${at}: ${what}.` });
  }

  #limit(name: keyof XmlLimits, value: number): never {
    throw new OakumError('OAK_XML_LIMIT', { detail: `The limit ${name} is ${value}.` });
  }
}

function isDeclaration(name: XmlName): boolean {
  return name.prefix === 'xmlns' || name.raw === 'xmlns';
}

function decodeAttribute(raw: string): string {
  return raw.includes('&') ? resolveReferences(raw) : raw;
}
