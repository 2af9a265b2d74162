import { decodeMessage } from '../../src/soap/decode.ts';
import { decodeBody } from '../../src/soap/content-coding.ts';
import { openEnvelope } from '../../src/soap/envelope.ts';
import { complexType, optional, type ComplexType, type Decoded } from '../../src/soap/message-type.ts';
import type { Operation, ServiceDeclaration } from '../../src/soap/service.ts';
import { string } from '../../src/soap/simple-type.ts';
import { DEFAULT_XML_LIMITS } from '../../src/xml/limits.ts';
import type { RawAnswer } from '../support/raw-client.ts';
import { CallFailure } from './call-failure.ts';

const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const LIMITS = { ...DEFAULT_XML_LIMITS, elements: 4_000_000, textBytes: 256 * 1024 * 1024 };

const Detail = complexType('detail', '2.2.2.4', { ErrorCode: optional(string) });
const Fault = complexType('Fault', '2.2.2.4', { detail: optional(Detail) });

/**
 * What an answer says.
 *
 * @throws CallFailure for a fault, for a status without SOAP, and for what cannot be read
 */
export function readAnswer<I extends ComplexType, O extends ComplexType>(
  service: ServiceDeclaration,
  operation: Operation<I, O>,
  answer: RawAnswer,
): Decoded<O> {
  try {
    const coding = /\r\ncontent-encoding: *(\S+)/i.exec(answer.head)?.[1];
    const { scanner } = openEnvelope(decodeBody(coding, answer.body, MAX_ANSWER_BYTES), LIMITS);
    const context = {
      namespaces: [service.namespace, ''],
      limits: { arrayItems: 100_000, ints: 1_000_000 },
    };
    if (scanner.localName === 'Fault') {
      const fault = decodeMessage(scanner, Fault, {
        ...context,
        namespaces: ['', scanner.namespaceUri],
      });
      const faultCode = fault.detail?.ErrorCode ?? 'without a code';
      throw new CallFailure(`fault ${faultCode}`, { faultCode });
    }
    if (answer.status === 200 && scanner.localName === operation.response.name) {
      return decodeMessage(scanner, operation.response, context);
    }
  } catch (cause) {
    if (cause instanceof CallFailure) throw cause;
    throw new CallFailure(answer.status === 200 ? 'unreadable answer' : `status ${answer.status}`, { cause });
  }
  throw new CallFailure(answer.status === 200 ? 'wrong answer' : `status ${answer.status}`);
}
