import { Buffer } from 'node:buffer';
import { CLIENT_PATH } from '../../src/agent/agent-session.ts';
import { clientService } from '../../src/protocol/wusp/client.ts';
import type { ComplexType, Decoded } from '../../src/soap/message-type.ts';
import { soapAction, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { readAnswer } from './answer-reader.ts';
import { callFailure } from './call-failure.ts';
import type { FleetTally } from './fleet-tally.ts';
import type { RunClock } from './open-loop.ts';
import { ScanConnection } from './scan-connection.ts';

export interface ComputerLineOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly tally: FleetTally;
  readonly clock: RunClock;
  readonly endMs: number;
  /** When the first call should have begun. */
  readonly intendedMs: number;
  readonly userAgent: string;
}

/** The conversation of one scan: its connection, and what is measured of each call. */
export class ComputerLine implements Disposable {
  readonly #options: ComputerLineOptions;
  readonly #connection: ScanConnection;
  #intendedMs: number | undefined;
  #trips = 0;

  constructor(options: ComputerLineOptions) {
    this.#options = options;
    this.#connection = new ScanConnection(options.url.href, options.timeoutMs);
    this.#intendedMs = options.intendedMs;
  }

  /** Calls so far. */
  get trips(): number {
    return this.#trips;
  }

  /**
   * The first call counts from when it should have begun, the others from when the computer could make them.
   *
   * @throws CallFailure
   */
  async call<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    body: Buffer,
    path = service.name === clientService.name ? CLIENT_PATH : service.path,
  ): Promise<Decoded<O>> {
    const { clock, tally, endMs } = this.#options;
    const startedMs = this.#intendedMs ?? clock();
    this.#intendedMs = undefined;
    this.#trips++;
    const head = this.#head(service, operation.name, path, body.length);
    const bytesOut = head.length + body.length;
    let bytesIn = 0;
    let endedMs: number | undefined;
    let error: string | undefined;
    try {
      const answer = await this.#connection.exchange(Buffer.concat([head, body]));
      endedMs = clock();
      bytesIn = answer.head.length + 4 + answer.body.length;
      return readAnswer(service, operation, answer);
    } catch (cause) {
      const failure = callFailure(cause);
      // A fault that agents recover from is how they learn something; the session counts it.
      if (failure.recoverableFault === undefined) error = failure.kind;
      throw failure;
    } finally {
      endedMs ??= clock();
      tally.record({
        operation: operation.name,
        milliseconds: endedMs - startedMs,
        bytesOut,
        bytesIn,
        error,
      });
      if (endedMs < endMs) tally.count('calls in time');
    }
  }

  #head(service: ServiceDeclaration, operation: string, path: string, length: number): Buffer {
    const lines = [
      `POST ${path.replace(/^\/*/, '/')} HTTP/1.1`,
      'Cache-Control: no-cache',
      'Connection: Keep-Alive',
      'Pragma: no-cache',
      'Content-Type: text/xml; charset=utf-8',
      'Accept-Encoding: xpress',
      `User-Agent: ${this.#options.userAgent}`,
      `SOAPAction: "${soapAction(service, operation)}"`,
      ...(service.name === clientService.name ? [`MS-CV: 6DdQBxIzrE+qz/uo.1.0.0.2.${this.#trips}`] : []),
      `Content-Length: ${length}`,
      `Host: ${this.#options.url.host}`,
    ];
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}
