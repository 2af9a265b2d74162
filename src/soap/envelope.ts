import { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import type { XmlLimits } from '../xml/limits.ts';
import { Token, XmlScanner } from '../xml/scanner.ts';
import { XmlWriter } from '../xml/writer.ts';
import type { ComplexType, Encodable } from './message-type.ts';
import { encodeElement } from './encode.ts';
import { Passage } from './passage.ts';
import type { Framing } from './service.ts';

export type SoapVersion = '1.1' | '1.2';

export const ENVELOPE_NAMESPACE: Readonly<Record<SoapVersion, string>> = Object.freeze({
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
});

const SCHEMA_NAMESPACES =
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

export interface OpenedEnvelope {
  readonly version: SoapVersion;
  /** Stands on the StartElement of the body element. */
  readonly scanner: XmlScanner;
}

/**
 * Opens a SOAP envelope and stops at its body element. The version follows from the envelope's
 * namespace, whatever the Content-Type says.
 *
 * @param onVersion told of the version as soon as it is known: what is refused after that is refused in it
 * @throws OakumError OAK_SOAP_ENVELOPE, OAK_SOAP_VERSION, OAK_SOAP_MUST_UNDERSTAND, or what the scanner raises
 */
export function openEnvelope(
  bytes: Uint8Array,
  limits?: XmlLimits,
  onVersion?: (version: SoapVersion) => void,
): OpenedEnvelope {
  const scanner = new XmlScanner(bytes, limits);
  nextElement(scanner);
  const root = scanner.localName;
  if (root !== 'Envelope') throw new OakumError('OAK_SOAP_ENVELOPE', { detail: 'The root is no Envelope.' });
  const version = versionOf(scanner.namespaceUri);
  if (version === undefined) throw new OakumError('OAK_SOAP_VERSION');
  onVersion?.(version);
  const namespace = ENVELOPE_NAMESPACE[version];
  for (;;) {
    if (!nextElement(scanner) || scanner.namespaceUri !== namespace) break;
    if (scanner.localName === 'Body') {
      if (nextElement(scanner)) return { version, scanner };
      break;
    }
    if (scanner.localName !== 'Header') break;
    readHeader(scanner, version);
  }
  throw new OakumError('OAK_SOAP_ENVELOPE', { detail: 'There is no body element.' });
}

function versionOf(namespace: string): SoapVersion | undefined {
  if (namespace === ENVELOPE_NAMESPACE['1.1']) return '1.1';
  return namespace === ENVELOPE_NAMESPACE['1.2'] ? '1.2' : undefined;
}

/**
 * Where a header addresses its reader, and the values that mean this server, beside none at all (SOAP 1.1,
 * 4.2.2; SOAP 1.2 part 1, 2.2).
 */
const ADDRESSEE: Readonly<
  Record<SoapVersion, { readonly attribute: string; readonly own: readonly string[] }>
> = {
  '1.1': { attribute: 'actor', own: ['', 'http://schemas.xmlsoap.org/soap/actor/next'] },
  '1.2': {
    attribute: 'role',
    own: [
      ...['', `${ENVELOPE_NAMESPACE['1.2']}/role/next`],
      `${ENVELOPE_NAMESPACE['1.2']}/role/ultimateReceiver`,
    ],
  },
};

// [MS-WUSP] 2.2: headers are not used. Optional ones are passed over, mandatory ones refused (SOAP 1.1, 4.2.3).
function readHeader(scanner: XmlScanner, version: SoapVersion): void {
  const namespace = ENVELOPE_NAMESPACE[version];
  const { attribute, own } = ADDRESSEE[version];
  while (nextElement(scanner)) {
    const must = scanner.attribute('mustUnderstand', namespace);
    const isMandatory = must === '1' || must === 'true';
    const isOurs = own.includes(scanner.attribute(attribute, namespace) ?? '');
    if (isMandatory && isOurs) throw new OakumError('OAK_SOAP_MUST_UNDERSTAND');
    scanner.skipElement();
  }
}

/** Moves to the next StartElement among the children; false at the parent's EndElement. */
function nextElement(scanner: XmlScanner): boolean {
  for (;;) {
    const token = scanner.next();
    if (token === Token.StartElement) return true;
    if (token !== Token.Text) return false;
    refuseText(scanner);
  }
}

function refuseText(scanner: XmlScanner): void {
  if (scanner.isWhiteSpace()) return;
  throw new OakumError('OAK_SOAP_ENVELOPE', { detail: 'There is text between its elements.' });
}

/** Reads what may follow the body element, so that a broken end is noticed before anything is done. */
export function closeEnvelope(scanner: XmlScanner): void {
  while (scanner.next() !== Token.EndOfDocument) {
    if (scanner.token === Token.StartElement) {
      throw new OakumError('OAK_SOAP_ENVELOPE', { detail: 'There is a second body element.' });
    }
    if (scanner.token === Token.Text) refuseText(scanner);
  }
}

/** Writes an envelope around a body, framed as the service frames its messages. */
export function writeEnvelope(
  framing: Framing,
  version: SoapVersion,
  body: (writer: XmlWriter) => void,
): XmlWriter {
  const { prefix } = framing;
  const writer = new XmlWriter(framing.emptyEnd).encoded(envelopeStart(framing, version));
  body(writer);
  return writer.markup(`</${prefix}:Body></${prefix}:Envelope>`);
}

const envelopeStarts: Readonly<Record<SoapVersion, WeakMap<Framing, Passage>>> = {
  '1.1': new WeakMap(),
  '1.2': new WeakMap(),
};

/** What every message of a service begins with, compressed once. */
function envelopeStart(framing: Framing, version: SoapVersion): Passage {
  const known = envelopeStarts[version].get(framing);
  if (known !== undefined) return known;
  const { prefix } = framing;
  const declaration = framing.declaration ? '<?xml version="1.0" encoding="utf-8"?>' : '';
  const onEnvelope = framing.schemaNamespacesOn === 'Envelope' ? SCHEMA_NAMESPACES : '';
  const onBody = framing.schemaNamespacesOn === 'Body' ? SCHEMA_NAMESPACES : '';
  const envelope = `<${prefix}:Envelope xmlns:${prefix}="${ENVELOPE_NAMESPACE[version]}"${onEnvelope}>`;
  const start = Passage.of(Buffer.from(`${declaration}${envelope}<${prefix}:Body${onBody}>`));
  envelopeStarts[version].set(framing, start);
  return start;
}

/** Writes a body element: the message under its name, in the service's namespace. */
export function writeBodyElement<T extends ComplexType>(
  writer: XmlWriter,
  namespace: string,
  name: string,
  type: T,
  value: Encodable<T>,
): void {
  encodeElement(writer, name, type, value, ` xmlns="${namespace}"`);
}
