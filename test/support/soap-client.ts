import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest, type AgentOptions } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { FRAMING, soapAction, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import type { ComplexType, Decoded, Encodable } from '../../src/soap/message-type.ts';
import { xpressDecode } from '../../src/soap/xpress.ts';
import { decodeAs, encodeWireMessage } from './wire-message.ts';

/** An answer as it came over the wire, its body decoded. */
export interface HttpReply {
  readonly status: number;
  /** Names and values in wire order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Bytes the body had on the wire. */
  readonly wireBytes: number;
  /** The value of a field by its name in any letter case. */
  header(name: string): string | undefined;
}

/** What a fault says ([MS-WUSP] 2.2.2.4). */
export class SoapFault extends Error {
  readonly status: number;
  readonly errorCode: string;
  /** The element Message: the path of the offending parameter, or empty. */
  readonly parameter: string;
  readonly id: string;
  readonly method: string;

  constructor(reply: HttpReply) {
    const text = reply.body.toString();
    const child = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
    super(`${reply.status} ${text}`);
    this.status = reply.status;
    this.errorCode = child('ErrorCode');
    this.parameter = child('Message');
    this.id = child('ID');
    this.method = child('Method');
  }
}

export interface SendOptions {
  readonly method?: string;
  /** Fields in wire order; Host and Content-Length are added where they are missing. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
}

/** Where Windows Update Agents post to, which is not always where the service description says. */
const AGENT_PATHS: Readonly<Record<string, string>> = {
  '/ClientWebService/Client.asmx': '/ClientWebService/client.asmx',
};

/** The fields a Windows 11 agent sends, in its order. */
export function agentFields(action: string, length: number, host: string): [string, string][] {
  return [
    ['Cache-Control', 'no-cache'],
    ['Connection', 'Keep-Alive'],
    ['Pragma', 'no-cache'],
    ['Content-Type', 'text/xml; charset=utf-8'],
    ['Accept-Encoding', 'xpress'],
    ['User-Agent', 'Windows-Update-Agent/1507.2601.30012.0 Client-Protocol/2.90'],
    ['SOAPAction', `"${action}"`],
    ['Content-Length', String(length)],
    ['Host', host],
  ];
}

/** A client that frames its calls as an agent does and keeps its connections alive. */
export class SoapClient implements Disposable {
  readonly #url: () => string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #secureAgent: SecureAgent;

  /**
   * @param url `http://host:port`, asked for at each call because a server that restarts has another port
   * @param secure what it trusts, and shows of itself, over https
   */
  constructor(url: () => string, secure: AgentOptions = {}) {
    this.#url = url;
    this.#secureAgent = new SecureAgent({ keepAlive: true, ...secure });
  }

  /** Sends exactly these fields. */
  send(path: string, options: SendOptions = {}): Promise<HttpReply> {
    const { method = 'POST', fields = [], body } = options;
    const { protocol, hostname, port, host } = new URL(this.#url());
    const names = fields.map(([name]) => name.toLowerCase());
    const added = names.includes('host') ? [] : [['Host', host]];
    if (body !== undefined && !names.includes('content-length') && !names.includes('transfer-encoding'))
      added.push(['Content-Length', String(body.length)]);
    const headers = [...fields, ...added].flat();
    const isSecure = protocol === 'https:';
    const agent = isSecure ? this.#secureAgent : this.#agent;
    const target = { hostname, port, path, method, headers, agent };
    return new Promise((resolve, reject) => {
      const outgoing = (isSecure ? secureRequest : request)(target, (incoming) => {
        incoming.toArray().then((chunks: Buffer[]) => {
          const { statusCode: status = 0, rawHeaders } = incoming;
          const pairs = Array.from(
            { length: rawHeaders.length / 2 },
            (_, index) => [rawHeaders[2 * index] ?? '', rawHeaders[2 * index + 1] ?? ''] as const,
          );
          resolve(toReply(status, pairs, Buffer.concat(chunks)));
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Posts bytes to a service as an agent does. */
  post(
    service: ServiceDeclaration,
    operation: Operation,
    body: Uint8Array,
    changes: Readonly<Record<string, string | undefined>> = {},
  ): Promise<HttpReply> {
    const { host } = new URL(this.#url());
    const fields = agentFields(soapAction(service, operation.name), body.length, host).map(
      ([name, value]) => [name, Object.hasOwn(changes, name) ? changes[name] : value] as const,
    );
    const kept = fields.filter((field): field is [string, string] => field[1] !== undefined);
    return this.send(AGENT_PATHS[service.path] ?? service.path, { fields: kept, body });
  }

  /** Calls an operation and shows the answer as it came. */
  exchange<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    message: Encodable<I>,
  ): Promise<HttpReply> {
    const { request: type } = operation;
    return this.post(service, operation, encodeWireMessage(service, FRAMING.agentRequest, type, message));
  }

  /** Calls an operation. Throws a {@link SoapFault} when that is the answer. */
  async call<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    message: Encodable<I>,
  ): Promise<Decoded<O>> {
    const reply = await this.exchange(service, operation, message);
    if (reply.status !== 200) throw new SoapFault(reply);
    return decodeAs(service, operation.response, reply.body) as Decoded<O>;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }
}

function toReply(status: number, fields: readonly (readonly [string, string])[], wire: Buffer): HttpReply {
  const header = (name: string): string | undefined =>
    fields.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1];
  const coding = header('Content-Encoding');
  const body =
    coding === 'xpress' ? xpressDecode(wire, 1 << 26) : coding === 'gzip' ? gunzipSync(wire) : wire;
  return { status, fields, header, body, wireBytes: wire.length };
}

/** The fault a call is answered with, as `ErrorCode` or `ErrorCode at parameter`; 'none' if it is answered. */
export async function faultOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'none';
  } catch (error) {
    if (!(error instanceof SoapFault)) throw error;
    return error.parameter === '' ? error.errorCode : `${error.errorCode} at ${error.parameter}`;
  }
}
