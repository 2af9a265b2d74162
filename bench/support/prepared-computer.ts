import { randomUUID } from 'node:crypto';
import { AgentSession, CLIENT_PATH } from '../../src/agent/agent-session.ts';
import { freshState, type AgentState } from '../../src/agent/agent-state.ts';
import { SoapCaller } from '../../src/agent/soap-caller.ts';
import { syncSoftware, type InstalledOracle } from '../../src/agent/software-sync.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { writeBodyElement, writeEnvelope } from '../../src/soap/envelope.ts';
import type { ComplexType, Encodable } from '../../src/soap/message-type.ts';
import { FRAMING, soapAction, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { clientService } from '../../src/protocol/wusp/client.ts';
import type { Prepared } from './against-floor.ts';
import { benchPersona } from './bench-persona.ts';

/** A computer that has scanned, with what it takes to send its requests again and again. */
export interface PreparedComputer {
  readonly state: AgentState;
  readonly persona: Persona;
  /** A request as this computer's agent would send it now. */
  prepare<I extends ComplexType, O extends ComplexType>(
    service: ServiceDeclaration,
    operation: Operation<I, O>,
    message: Encodable<I>,
  ): Prepared;
  cookie(): {
    readonly Expiration: NonNullable<AgentState['cookie']>['expiration'];
    readonly EncryptedData: Buffer;
  };
}

/** Calls up to `installedCount` non-leaf updates installed, in the order they came. */
export function firstInstalled(installedCount: number): InstalledOracle {
  return (updates) => {
    const ids = new Set<number>();
    for (const update of updates.values()) {
      if (ids.size >= installedCount) break;
      if (!update.isLeaf) ids.add(update.id);
    }
    return ids;
  };
}

/** Lets a computer do its handshake and a whole scan, so that the next one brings nothing new. */
export async function scannedComputer(url: string, installedCount: number): Promise<PreparedComputer> {
  const persona = benchPersona();
  const state = freshState(randomUUID());
  using caller = new SoapCaller(url, {
    userAgent: persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 30,
  });
  const session = new AgentSession({ caller, persona, state, now: Date.now });
  await session.ready();
  await syncSoftware({
    session,
    state,
    persona,
    installed: firstInstalled(installedCount),
    filter: [],
    maxTrips: 1000,
  });
  return prepared(url, state, persona);
}

/** A computer that has a cookie and nothing else. */
export async function freshComputer(url: string): Promise<PreparedComputer> {
  const persona = benchPersona();
  const state = freshState(randomUUID());
  using caller = new SoapCaller(url, {
    userAgent: persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 30,
  });
  await new AgentSession({ caller, persona, state, now: Date.now }).ready();
  return prepared(url, state, persona);
}

function prepared(url: string, state: AgentState, persona: Persona): PreparedComputer {
  return {
    state,
    persona,
    cookie: () => {
      if (state.cookie === undefined) throw new Error('the computer has no cookie');
      return { Expiration: state.cookie.expiration, EncryptedData: state.cookie.data };
    },
    prepare: (service, operation, message) => {
      const body = writeEnvelope(FRAMING.agentRequest, '1.1', (writer) => {
        writeBodyElement(writer, service.namespace, operation.name, operation.request, message);
      }).toBuffer();
      return {
        path: service.name === clientService.name ? CLIENT_PATH : service.path,
        headers: agentHeaders(url, service, operation.name, persona, body.length),
        body,
      };
    },
  };
}

function agentHeaders(
  url: string,
  service: ServiceDeclaration,
  operation: string,
  persona: Persona,
  length: number,
): string {
  const headers = [
    'Cache-Control: no-cache',
    'Connection: Keep-Alive',
    'Pragma: no-cache',
    'Content-Type: text/xml; charset=utf-8',
    'Accept-Encoding: xpress',
    `User-Agent: ${persona.userAgent}`,
    `SOAPAction: "${soapAction(service, operation)}"`,
    ...(service.name === clientService.name ? ['MS-CV: 6DdQBxIzrE+qz/uo.1.0.0.2.1'] : []),
    `Content-Length: ${length}`,
    `Host: ${new URL(url).host}`,
  ];
  return headers.map((header) => `${header}\r\n`).join('');
}
