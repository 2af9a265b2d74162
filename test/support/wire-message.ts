import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/soap/decode.ts';
import { closeEnvelope, openEnvelope, writeBodyElement, writeEnvelope } from '../../src/soap/envelope.ts';
import type { ComplexType, Encodable } from '../../src/soap/message-type.ts';
import type { Framing, ServiceDeclaration } from '../../src/soap/service.ts';

/** Every body element a service knows: requests and answers. */
export function messageTypesOf(service: ServiceDeclaration): readonly ComplexType[] {
  return Object.values(service.operations).flatMap(({ request, response }) => [request, response]);
}

/** A message as bytes, framed. */
export function encodeWireMessage(
  service: ServiceDeclaration,
  framing: Framing,
  type: ComplexType,
  value: unknown,
): Buffer {
  return writeEnvelope(framing, '1.1', (writer) => {
    writeBodyElement(writer, service.namespace, type.name, type, value as Encodable<ComplexType>);
  }).toBuffer();
}

/** The body element of a message of a known type, whatever its name. */
export function decodeAs(
  service: ServiceDeclaration,
  type: ComplexType,
  bytes: Uint8Array,
): Readonly<Record<string, unknown>> {
  const { scanner } = openEnvelope(bytes);
  const namespaces = [service.namespace, ...(service.alsoUnderstood ?? [])];
  const value = decodeMessage(scanner, type, { namespaces, limits: DEFAULT_DECODE_LIMITS });
  closeEnvelope(scanner);
  return value;
}

export interface WireMessage {
  readonly service: ServiceDeclaration;
  readonly type: ComplexType;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A message of whichever service declares its body element. */
export function decodeWireMessage(services: readonly ServiceDeclaration[], bytes: Uint8Array): WireMessage {
  const { namespaceUri, localName } = openEnvelope(bytes).scanner;
  const service = services.find(({ namespace }) => namespace === namespaceUri);
  const type = service && messageTypesOf(service).find(({ name }) => name === localName);
  if (service === undefined || type === undefined) {
    throw new Error(`no service declares {${namespaceUri}}${localName}`);
  }
  return { service, type, value: decodeAs(service, type, bytes) };
}
