import type { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import { decodeBody } from '../soap/content-coding.ts';
import { decodeMessage } from '../soap/decode.ts';
import { closeEnvelope, openEnvelope, writeBodyElement, writeEnvelope } from '../soap/envelope.ts';
import {
  complexType,
  optional,
  type ComplexType,
  type Decoded,
  type Encodable,
} from '../soap/message-type.ts';
import { FRAMING, soapAction, type Operation, type ServiceDeclaration } from '../soap/service.ts';
import { string } from '../soap/simple-type.ts';
import { DEFAULT_XML_LIMITS } from '../xml/limits.ts';
import { clientService } from '../protocol/wusp/client.ts';
import { HttpConnections, type HttpAnswer } from './http-exchange.ts';

/** A fault of the server, as far as a client can tell. */
export class SoapFault extends OakumError {
  /** The ErrorCode a client acts upon; empty when the fault carries none. */
  readonly errorCode: string;
  readonly faultId: string;

  constructor(errorCode: string, message: string, faultId: string, reason: string) {
    const named = errorCode === '' ? reason : errorCode;
    const detail = [named, message === '' ? '' : `(${message})`, faultId === '' ? '' : `fault id ${faultId}`];
    super('OAK_PEER_FAULT', { detail: `${detail.filter((part) => part !== '').join(' ')}.` });
    this.errorCode = errorCode;
    this.faultId = faultId;
  }
}

/** An answer that is no SOAP at all: an error page, a proxy's word, a closed door. */
export class PeerStatusError extends OakumError {
  readonly status: number;

  constructor(status: number, reason: string, cause: unknown) {
    super('OAK_PEER_ANSWER', { detail: `HTTP ${status}, not SOAP: ${reason}`, cause });
    this.status = status;
  }
}

/** What went over the wire, for whoever wants to show it. */
export interface ExchangeReport {
  readonly operation: string;
  readonly requestBytes: number;
  /** Bytes of the answer as it travelled, and after decoding. */
  readonly wireBytes: number;
  readonly decodedBytes: number;
  readonly coding: string;
  readonly milliseconds: number;
}

export interface SoapCallerOptions {
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly onExchange?: (report: ExchangeReport) => void;
  /** Sixteen characters that begin the correlation vector agents since Windows 10 send. */
  readonly correlation?: string;
  /** Authorities in PEM that are trusted over https instead of the public ones. */
  readonly ca?: string;
}

const FaultDetail = complexType('detail', '2.2.2.4', {
  ErrorCode: optional(string),
  Message: optional(string),
  ID: optional(string),
});

const Fault = complexType('Fault', '2.2.2.4', {
  faultstring: optional(string),
  detail: optional(FaultDetail),
  Detail: optional(FaultDetail),
});

/** Calls SOAP services the way a Windows Update Agent does. Treats whatever answers as hostile. */
export class SoapCaller implements Disposable {
  readonly #base: URL;
  readonly #options: SoapCallerOptions;
  readonly #connections: HttpConnections;
  #correlated = 0;

  /** @param base for example `http://wsus.example:8530` */
  constructor(base: string, options: SoapCallerOptions) {
    const url = URL.canParse(base) ? new URL(base) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      throw new OakumError('OAK_PEER_UNREACHABLE', { detail: `"${base}" is no http or https address.` });
    }
    this.#base = url;
    this.#options = options;
    this.#connections = new HttpConnections(options.ca);
  }

  /**
   * @param path where the service is, when the server says something else than the declaration
   * @throws SoapFault, or OakumError OAK_PEER_UNREACHABLE, OAK_PEER_ANSWER
   */
  async call<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    request: Encodable<I>,
    path = service.path,
  ): Promise<Decoded<O>> {
    const body = writeEnvelope(FRAMING.agentRequest, '1.1', (writer) => {
      writeBodyElement(writer, service.namespace, operation.name, operation.request, request);
    }).toBuffer();
    const url = new URL(path.replace(/^\/*/, '/'), this.#base);
    const started = performance.now();
    const answer = await this.#connections.post(
      url,
      this.#headers(service, operation.name, body, url),
      body,
      {
        timeoutMs: this.#options.timeoutMs,
        maxBytes: this.#options.maxAnswerBytes,
      },
    );
    const decoded = decodeAnswer(answer, this.#options.maxAnswerBytes);
    this.#options.onExchange?.({
      operation: operation.name,
      requestBytes: body.length,
      wireBytes: answer.body.length,
      decodedBytes: decoded.length,
      coding: answer.headers['content-encoding'] ?? 'identity',
      milliseconds: performance.now() - started,
    });
    return this.#read(service, operation, answer.status, decoded);
  }

  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]();
  }

  /** The headers of the agent, in its order (observed). */
  #headers(service: ServiceDeclaration, operationName: string, body: Buffer, url: URL): string[] {
    return [
      ...['Cache-Control', 'no-cache'],
      ...['Connection', 'Keep-Alive'],
      ...['Pragma', 'no-cache'],
      ...['Content-Type', 'text/xml; charset=utf-8'],
      ...['Accept-Encoding', 'xpress'],
      ...['User-Agent', this.#options.userAgent],
      ...['SOAPAction', `"${soapAction(service, operationName)}"`],
      ...this.#correlationHeader(service),
      ...['Content-Length', String(body.length)],
      ...['Host', url.host],
    ];
  }

  /** Sent to the client service only, counting its calls (observed). */
  #correlationHeader(service: ServiceDeclaration): string[] {
    const { correlation } = this.#options;
    if (correlation === undefined || service.name !== clientService.name) return [];
    return ['MS-CV', `${correlation}.1.0.0.2.${++this.#correlated}`];
  }

  #read<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    status: number,
    bytes: Buffer,
  ): Decoded<O> {
    const context = {
      namespaces: [service.namespace, ''],
      limits: { arrayItems: 100_000, ints: 1_000_000 },
    };
    try {
      const limits = { ...DEFAULT_XML_LIMITS, elements: 4_000_000, textBytes: 256 * 1024 * 1024 };
      const { scanner } = openEnvelope(bytes, limits);
      if (scanner.localName === 'Fault') {
        const fault = decodeMessage(scanner, Fault, { ...context, namespaces: ['', scanner.namespaceUri] });
        const detail = fault.detail ?? fault.Detail;
        throw new SoapFault(
          detail?.ErrorCode ?? '',
          detail?.Message ?? '',
          detail?.ID ?? '',
          fault.faultstring ?? '',
        );
      }
      if (scanner.localName !== operation.response.name || scanner.namespaceUri !== service.namespace) {
        throw new OakumError('OAK_PEER_ANSWER', { detail: `It is no ${operation.response.name}.` });
      }
      const response = decodeMessage(scanner, operation.response, context);
      closeEnvelope(scanner);
      return response;
    } catch (error) {
      if (error instanceof OakumError && !error.code.startsWith('OAK_PEER_')) {
        throw status === 200
          ? new OakumError('OAK_PEER_ANSWER', { detail: `It is not SOAP: ${error.message}`, cause: error })
          : new PeerStatusError(status, error.message, error);
      }
      throw error;
    }
  }
}

function decodeAnswer(answer: HttpAnswer, maxBytes: number): Buffer {
  try {
    return decodeBody(answer.headers['content-encoding'], answer.body, maxBytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new OakumError('OAK_PEER_ANSWER', { detail: reason, cause });
  }
}
