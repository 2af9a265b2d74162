import { Buffer } from 'node:buffer';
import type { Cookie } from '../../src/protocol/wusp/common.ts';
import { writeBodyElement, writeEnvelope } from '../../src/soap/envelope.ts';
import type { ComplexType, Encodable } from '../../src/soap/message-type.ts';
import { FRAMING, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { parseDateTime, type DateTime } from '../../src/soap/simple-type.ts';

export type WireCookie = Encodable<typeof Cookie> & {
  readonly Expiration: DateTime;
  readonly EncryptedData: Buffer;
};

/** A request's bytes as agents write them. */
export function requestBody<I extends ComplexType, O extends ComplexType>(
  service: ServiceDeclaration,
  operation: Operation<I, O>,
  message: Encodable<I>,
): Buffer {
  return writeEnvelope(FRAMING.agentRequest, '1.1', (writer) => {
    writeBodyElement(writer, service.namespace, operation.name, operation.request, message);
  }).toBuffer();
}

const PLACE_OF_EXPIRATION = '1999-12-31T23:59:59Z';
const PLACE_OF_DATA = Buffer.from('here goes the cookie of a computer');

/**
 * A request that is the same for many computers but for the cookie: encoded once, because a driver call of
 * 50 KB for each of 100,000 computers would load this side more than the server.
 */
export class RequestTemplate {
  readonly #parts: readonly Buffer[];

  /** @param write encodes the request with the cookie it is given, which must come before everything else */
  constructor(write: (cookie: WireCookie) => Buffer) {
    const expiration = parseDateTime(PLACE_OF_EXPIRATION);
    if (expiration === undefined) throw new Error('the placeholder is no time');
    const whole = write({ Expiration: expiration, EncryptedData: PLACE_OF_DATA });
    const [beforeExpiration, rest] = cut(whole, PLACE_OF_EXPIRATION);
    const [beforeData, end] = cut(rest, PLACE_OF_DATA.toString('base64'));
    this.#parts = [beforeExpiration, beforeData, end];
  }

  with(cookie: WireCookie): Buffer {
    const [start, between, end] = this.#parts;
    const data = cookie.EncryptedData.toString('base64');
    return Buffer.concat([start, Buffer.from(cookie.Expiration), between, Buffer.from(data), end]);
  }
}

function cut(bytes: Buffer, text: string): [Buffer, Buffer] {
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error('the request carries no cookie');
  return [bytes.subarray(0, at), bytes.subarray(at + text.length)];
}
