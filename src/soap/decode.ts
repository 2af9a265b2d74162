import { OakumError } from '../errors/oakum-error.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import type { AnyType, ArrayType, ComplexType, Decoded, Field, IntArrayType } from './message-type.ts';
import { int, type AnySimpleType } from './simple-type.ts';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const SOAP_ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

/** Bounds on what one message may ask to be built. */
export interface DecodeLimits {
  /** Items of one array, revision id lists excepted. */
  readonly arrayItems: number;
  /** Ids of one revision id list. */
  readonly ints: number;
}

export const DEFAULT_DECODE_LIMITS: DecodeLimits = Object.freeze({ arrayItems: 10_000, ints: 50_000 });

/** Called around each known child of the message itself, before its content is decoded and after. */
export interface FieldHooks {
  readonly before: (field: string) => void;
  /** True ends the decoding there: the rest is known already. */
  readonly after: (field: string, value: unknown) => boolean;
}

/** The namespaces in which elements are understood, and the bounds. */
export interface DecodeContext {
  readonly namespaces: readonly string[];
  readonly limits: DecodeLimits;
}

/**
 * Decodes the element the scanner stands on (a StartElement) and leaves it on the matching EndElement, unless
 * a hook ends it before.
 *
 * Tolerant as real clients require: unknown elements are passed over, `xsi:nil` is null, anything may
 * be missing, order does not matter, arrays may be SOAP-encoded, the first of a repeated single element
 * counts. A value that does not fit its type is OAK_SOAP_VALUE with the element's path.
 */
export function decodeMessage<T extends ComplexType>(
  scanner: XmlScanner,
  type: T,
  context: DecodeContext,
  hooks?: FieldHooks,
): Decoded<T> {
  return decodeComplex(scanner, type, context, hooks) as Decoded<T>;
}

function decodeComplex(
  scanner: XmlScanner,
  type: ComplexType,
  context: DecodeContext,
  hooks?: FieldHooks,
): Record<string, unknown> {
  const message = decodeAttributes(scanner, type);
  const { depth } = scanner;
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return message;
    if (token !== Token.StartElement) continue;
    const { localName } = scanner;
    const field = Object.hasOwn(type.fields, localName) ? type.fields[localName] : undefined;
    if (
      field === undefined ||
      Object.hasOwn(message, localName) ||
      !context.namespaces.includes(scanner.namespaceUri)
    ) {
      scanner.skipElement();
      continue;
    }
    hooks?.before(localName);
    try {
      message[localName] = decodeField(scanner, field, context);
    } catch (error) {
      throw within(localName, error);
    }
    if (hooks?.after(localName, message[localName]) === true) return message;
  }
}

function decodeAttributes(scanner: XmlScanner, type: ComplexType): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const name in type.attributes) {
    const text = scanner.attribute(name);
    if (text === undefined) continue;
    try {
      message[name] = parseSimple(type.attributes[name].type, text);
    } catch (error) {
      throw within(name, error);
    }
  }
  return message;
}

function decodeField(scanner: XmlScanner, field: Field, context: DecodeContext): unknown {
  if (isNil(scanner)) {
    scanner.skipElement();
    return null;
  }
  return decodeValue(scanner, field.type, context);
}

function decodeValue(scanner: XmlScanner, type: AnyType, context: DecodeContext): unknown {
  switch (type.kind) {
    case 'simple':
      return parseSimple(type, scanner.readText());
    case 'complex':
      return decodeComplex(scanner, type, context);
    case 'array':
      return decodeArray(scanner, type, context);
    case 'ints':
      return decodeInts(scanner, type, context);
  }
}

function decodeArray(scanner: XmlScanner, type: ArrayType, context: DecodeContext): unknown[] {
  const items: unknown[] = [];
  eachItem(scanner, type.item, context, () => {
    if (items.length >= context.limits.arrayItems) throw tooMany(context.limits.arrayItems);
    items.push(decodeValue(scanner, type.itemType, context));
  });
  return items;
}

// Decoding is not interrupted, so one list at a time is collected here and then copied at its length.
let scratch = new Int32Array(4096);

function decodeInts(scanner: XmlScanner, type: IntArrayType, context: DecodeContext): Int32Array {
  const { ints } = context.limits;
  // Room for as many as there can be at most: an item takes at least eight bytes, as in <i>1</i>.
  const most = Math.min(ints, Math.ceil((scanner.bytes.length - scanner.end) / 8));
  if (scratch.length < most) scratch = new Int32Array(most);
  const ids = scratch.subarray(0, most);
  let length = 0;
  if (context.namespaces.includes(scanner.resolvePrefix('') ?? ''))
    length = scanner.readDigitItems(type.item, ids);
  eachItem(scanner, type.item, context, () => {
    if (length >= ints) throw tooMany(ints);
    ids[length++] = parseSimple(int, scanner.readText()) as number;
  });
  return ids.slice(0, length);
}

/** Calls `visit` on each item of the array the scanner is in; `visit` consumes the item. Nil ones are dropped. */
function eachItem(scanner: XmlScanner, item: string, context: DecodeContext, visit: () => void): void {
  // A SOAP-encoded array names its items as it likes (SOAP 1.1, 5.4.2).
  const encoded =
    scanner.token === Token.StartElement && scanner.attribute('arrayType', SOAP_ENCODING) !== undefined;
  const { depth } = scanner;
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return;
    if (token !== Token.StartElement) continue;
    const isItem =
      encoded || (scanner.localName === item && context.namespaces.includes(scanner.namespaceUri));
    if (isItem && !isNil(scanner)) visit();
    else scanner.skipElement();
  }
}

function parseSimple(type: AnySimpleType, text: string): unknown {
  const value = type.parse(type.schemaName === 's:string' ? text : text.trim());
  if (value !== undefined) return value;
  throw new OakumError('OAK_SOAP_VALUE', { detail: `Expected ${type.schemaName.replace(/^\w+:/, '')}.` });
}

function isNil(scanner: XmlScanner): boolean {
  if (scanner.attributeCount === 0) return false;
  const nil = scanner.attribute('nil', XSI)?.trim();
  return nil === 'true' || nil === '1';
}

function tooMany(limit: number): OakumError {
  return new OakumError('OAK_SOAP_LIST_TOO_LONG', { detail: `At most ${limit} entries are accepted.` });
}

/** An error from inside an element, with the element's name in front of its path. */
function within(name: string, error: unknown): unknown {
  if (!(error instanceof OakumError) || !error.code.startsWith('OAK_SOAP_')) return error;
  const parameter = error.parameter === undefined ? name : `${name}.${error.parameter}`;
  return new OakumError(error.code, { parameter, detail: error.detail, cause: error.cause });
}
