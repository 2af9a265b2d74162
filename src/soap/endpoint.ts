import { randomUUID } from 'node:crypto';
import type { ErrorCode, FaultCode } from '../errors/catalogue.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { XmlLimits } from '../xml/limits.ts';
import { Token, type XmlScanner } from '../xml/scanner.ts';
import type { XmlWriter } from '../xml/writer.ts';
import { decodeMessage, type DecodeContext, type DecodeLimits } from './decode.ts';
import {
  closeEnvelope,
  openEnvelope,
  writeBodyElement,
  writeEnvelope,
  type SoapVersion,
} from './envelope.ts';
import { writeFault } from './fault.ts';
import type { ComplexType, Decoded, Encodable } from './message-type.ts';
import { RequestMemory, type KnownRequest } from './request-memory.ts';
import { soapAction, type Operation, type ServiceDeclaration } from './service.ts';

/**
 * The implementation of one operation. `Call` is what the server knows of the caller, `Session` what the
 * guard made of the message's credential.
 */
export interface OperationHandler<
  Call,
  Session,
  I extends ComplexType = ComplexType,
  O extends ComplexType = ComplexType,
> {
  readonly operation: Operation<I, O>;
  /** Checks the credential before anything else of the message is decoded. */
  readonly guard?: Guard<Call, Session>;
  /** Whether many send the same request but for its credential, so that it is worth recognising. */
  readonly repeated?: boolean;
  /** What a value that cannot be decoded means, by the field it stands in; OAK_SOAP_VALUE unless said. */
  readonly invalid?: Readonly<Record<string, ErrorCode>>;
  /**
   * @param likeness stands for everything in the request but its credential: one object for all requests that
   * were recognised as alike
   */
  handle(
    call: Call,
    request: Decoded<I>,
    session: Session,
    likeness: object,
  ): Encodable<O> | Promise<Encodable<O>>;
}

/** An operation's implementation whatever its types: what an endpoint holds. */
export interface AnyOperationHandler<Call> {
  readonly operation: Operation;
  readonly guard?: Guard<Call, unknown>;
  readonly repeated?: boolean;
  readonly invalid?: Readonly<Record<string, ErrorCode>>;
  handle(call: Call, request: never, session: never, likeness: object): unknown;
}

/** Binds an implementation to its declaration, which gives request, session and answer their types. */
export function implement<Call, Session, I extends ComplexType, O extends ComplexType>(
  operation: Operation<I, O>,
  implementation: Omit<OperationHandler<Call, Session, I, O>, 'operation'>,
): OperationHandler<Call, Session, I, O> {
  return { operation, ...implementation };
}

/** Names the request's element that carries the credential, and opens it. */
export interface Guard<Call, Session> {
  readonly field: string;
  open(call: Call, credential: unknown): Session;
}

export interface SoapAnswer {
  /** 200, or 500 for a fault (SOAP 1.1, 6.2). */
  readonly status: number;
  readonly contentType: string;
  readonly body: XmlWriter;
  /** What was answered: the operation's name, if one was recognised. */
  readonly operation: string | undefined;
  /** What the client was told instead of an answer. */
  readonly fault?: FaultCode;
}

/** A fault that was sent, for the log: its id is what the client's administrator will quote. */
export interface FaultReport {
  readonly id: string;
  readonly errorCode: FaultCode;
  readonly operation: string | undefined;
  readonly error: OakumError;
}

export interface EndpointOptions<Call = unknown> {
  readonly xmlLimits: XmlLimits;
  readonly decodeLimits: DecodeLimits;
  readonly onFault: (report: FaultReport, call: Call) => void;
  /** Memory for requests that come again, in bytes. */
  readonly requestMemoryBytes: number;
}

const CONTENT_TYPE: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'text/xml; charset=utf-8',
  '1.2': 'application/soap+xml; charset=utf-8',
};

/** One SOAP service: takes a request's bytes and produces the answer. Knows nothing of HTTP. */
export class SoapEndpoint<Call> {
  readonly service: ServiceDeclaration;
  readonly #handlers: ReadonlyMap<string, AnyOperationHandler<Call>>;
  readonly #options: EndpointOptions<Call>;
  readonly #context: DecodeContext;
  readonly #memory: RequestMemory;

  constructor(
    service: ServiceDeclaration,
    handlers: readonly AnyOperationHandler<Call>[],
    options: EndpointOptions<Call>,
  ) {
    this.service = service;
    this.#handlers = new Map(handlers.map((handler) => [handler.operation.name, handler]));
    this.#options = options;
    this.#memory = new RequestMemory(options.requestMemoryBytes);
    this.#context = {
      namespaces: [service.namespace, ...(service.alsoUnderstood ?? [])],
      limits: options.decodeLimits,
    };
  }

  /** What requests that come again take in memory. */
  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /**
   * Answers a request. Whatever goes wrong inside becomes a fault, except bytes that are no XML at all:
   * those raise an OakumError, which the transport answers with its HTTP status.
   *
   * @param actor URL of the service as the caller knows it
   * @param refusal answered as a fault instead of calling the operation
   */
  async respond(call: Call, bytes: Uint8Array, actor: string, refusal?: OakumError): Promise<SoapAnswer> {
    let version: SoapVersion = '1.1';
    let operation: Operation | undefined;
    let handler: AnyOperationHandler<Call> | undefined;
    let received = false;
    try {
      const envelope = openEnvelope(bytes, this.#options.xmlLimits, (known) => (version = known));
      operation = this.#operation(envelope.scanner);
      handler = this.#handlers.get(operation.name);
      if (handler === undefined)
        throw new OakumError('OAK_SOAP_OPERATION_NOT_SERVED', { detail: operation.name });
      if (refusal !== undefined) throw refusal;
      const { request, session, likeness } = this.#decode(call, envelope.scanner, handler);
      received = true;
      const answer = handler.handle(call, request as never, session as never, likeness);
      const response = answer instanceof Promise ? await answer : answer;
      const { response: type } = operation;
      const { namespace, framing } = this.service;
      const body = writeEnvelope(framing, version, (writer) => {
        writeBodyElement(writer, namespace, type.name, type, response as Encodable<ComplexType>);
      });
      return { status: 200, contentType: CONTENT_TYPE[version], body, operation: operation.name };
    } catch (caught) {
      const error = meant(asOakumError(caught, received), handler?.invalid);
      if (error.code.startsWith('OAK_XML_')) throw error;
      const fault = {
        errorCode: error.definition.fault ?? 'InternalServerError',
        message: error.parameter ?? '',
        soapCode: error.definition.soapCode,
        id: randomUUID(),
        soapAction: operation && soapAction(this.service, operation.name),
        actor: this.service.faultActor ? actor : undefined,
      };
      const { id, errorCode } = fault;
      this.#options.onFault({ id, errorCode, operation: operation?.name, error }, call);
      const body = writeFault(this.service.framing, version, fault);
      return {
        ...{ status: 500, contentType: CONTENT_TYPE[version], body },
        ...{ operation: operation?.name, fault: errorCode },
      };
    }
  }

  // By the body element: the SOAPAction header is optional, and a caller could make it say anything.
  #operation(scanner: XmlScanner): Operation {
    const { operations, namespace } = this.service;
    const name = scanner.localName;
    if (scanner.namespaceUri !== namespace || !Object.hasOwn(operations, name)) {
      throw new OakumError('OAK_SOAP_OPERATION_UNKNOWN');
    }
    return operations[name];
  }

  #decode(call: Call, scanner: XmlScanner, handler: AnyOperationHandler<Call>): Received {
    const { guard, operation } = handler;
    const type = operation.request;
    if (guard === undefined) {
      const request = decodeMessage(scanner, type, this.#context);
      closeEnvelope(scanner);
      return { request, session: undefined, likeness: request };
    }
    const { bytes } = scanner;
    let session: unknown;
    let opened = false;
    let start = 0;
    let end = 0;
    let known: KnownRequest | undefined;
    const open = (credential: unknown): void => {
      opened = true;
      session = guard.open(call, credential);
    };
    try {
      const request: Readonly<Record<string, unknown>> = decodeMessage(scanner, type, this.#context, {
        before: (field) => {
          // Clients send the cookie first. Anybody who does not is made to show it before the rest is decoded.
          if (!opened && field !== guard.field) open(this.#findField(bytes, type, guard.field));
          if (field === guard.field) ({ start } = scanner);
        },
        after: (field, value) => {
          if (field !== guard.field) return false;
          if (!opened) open(value);
          ({ end } = scanner);
          if (handler.repeated === true) known = this.#memory.find(bytes, start, end);
          return known !== undefined;
        },
      });
      if (known !== undefined) {
        return {
          request: { ...known.content, [guard.field]: request[guard.field] },
          session,
          likeness: known,
        };
      }
      if (!opened) open(undefined);
      closeEnvelope(scanner);
      if (handler.repeated !== true || end === 0) return { request, session, likeness: request };
      const { [guard.field]: _credential, ...content } = request;
      return { request, session, likeness: this.#memory.remember(bytes, start, end, content) };
    } catch (error) {
      // A credential that cannot even be decoded is as good as none: the caller must hear which one it lacks.
      if (!opened && error instanceof OakumError && error.code.startsWith('OAK_SOAP_')) open(undefined);
      throw error;
    }
  }

  /** Decodes a single child of the body element, passing over all others. */
  #findField(bytes: Uint8Array, type: ComplexType, field: string): unknown {
    const { scanner } = openEnvelope(bytes, this.#options.xmlLimits);
    const only: ComplexType = { ...type, fields: { [field]: type.fields[field] } };
    const found = decodeMessage(scanner, only, this.#context) as Readonly<Record<string, unknown>>;
    while (scanner.next() !== Token.EndOfDocument);
    return found[field];
  }
}

interface Received {
  readonly request: unknown;
  readonly session: unknown;
  readonly likeness: object;
}

/** The error of a value that cannot be decoded, as the operation wants it told. */
function meant(error: OakumError, invalid: AnyOperationHandler<never>['invalid']): OakumError {
  if (error.code !== 'OAK_SOAP_VALUE') return error;
  const code = invalid?.[error.parameter?.split('.', 1)[0] ?? ''];
  return code === undefined ? error : new OakumError(code, { cause: error });
}

/**
 * Whatever was thrown, as an OakumError: what nobody foresaw is OAK_INTERNAL with its cause. So is bad XML
 * once the request has been received: it is XML of the server's own then, and not the client's mistake.
 */
export function asOakumError(caught: unknown, received = false): OakumError {
  const expected = caught instanceof OakumError && !(received && caught.code.startsWith('OAK_XML_'));
  return expected ? caught : new OakumError('OAK_INTERNAL', { cause: caught });
}
