import { randomUUID } from 'node:crypto';
import { AgentSession, CLIENT_PATH } from '../../src/agent/agent-session.ts';
import { freshState, type AgentState, type HeldUpdate } from '../../src/agent/agent-state.ts';
import { SoapCaller } from '../../src/agent/soap-caller.ts';
import { personaOf } from '../../src/agent/persona-of-profile.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { syncSoftware } from '../../src/agent/software-sync.ts';
import type { IdLists } from '../../src/agent/sync-parameters.ts';
import { UpdateCache } from '../../src/agent/update-cache.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { writeBodyElement, writeEnvelope } from '../../src/soap/envelope.ts';
import type { ComplexType, Encodable } from '../../src/soap/message-type.ts';
import { FRAMING, soapAction, type Operation, type ServiceDeclaration } from '../../src/soap/service.ts';
import { clientService } from '../../src/protocol/wusp/client.ts';
import type { Prepared } from './against-floor.ts';

/** A computer that has scanned, with what it takes to send its requests again and again. */
export interface PreparedComputer {
  readonly state: AgentState;
  readonly persona: Persona;
  /** What it lists in SyncUpdates. */
  readonly lists: IdLists;
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

const PROFILE = profile('windows-11-25h2');

function benchPersona(server: string): Persona {
  return personaOf(PROFILE, PROFILE.machine, 'bench', { server });
}

/** A Windows 11 computer that has done its handshake and a whole scan, so that the next one brings nothing new. */
export async function scannedComputer(url: string): Promise<PreparedComputer> {
  const cache = new UpdateCache(PROFILE.machine);
  return scanned(url, (state) => cache.installed(state));
}

/** A computer that calls every non-leaf update installed, and so was sent nearly the whole catalogue. */
export async function fullComputer(url: string): Promise<PreparedComputer> {
  return scanned(url, ({ updates }) => new Set([...updates.values()].map((update) => update.id)));
}

async function scanned(
  url: string,
  installed: (state: AgentState) => ReadonlySet<number>,
): Promise<PreparedComputer> {
  const persona = benchPersona(url);
  const state = freshState(randomUUID());
  using caller = new SoapCaller(url, {
    userAgent: persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 30,
  });
  const session = new AgentSession({ caller, persona, state, now: Date.now });
  await session.ready();
  await syncSoftware({
    ...{ session, state, persona, filter: [], maxTrips: 1000 },
    installed: () => installed(state),
  });
  return prepared(url, state, persona, installed(state));
}

/** A computer that has a cookie and nothing else. */
export async function freshComputer(url: string): Promise<PreparedComputer> {
  const persona = benchPersona(url);
  const state = freshState(randomUUID());
  using caller = new SoapCaller(url, {
    userAgent: persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 30,
  });
  await new AgentSession({ caller, persona, state, now: Date.now }).ready();
  return prepared(url, state, persona, new Set());
}

function prepared(
  url: string,
  state: AgentState,
  persona: Persona,
  installed: ReadonlySet<number>,
): PreparedComputer {
  const held = [...state.updates.values()].sort((one, other) => one.id - other.id);
  const isListed = (update: HeldUpdate): boolean => !update.isLeaf && installed.has(update.id);
  const ids = (updates: readonly HeldUpdate[]): number[] => updates.map((update) => update.id);
  return {
    lists: {
      installed: ids(held.filter(isListed)),
      other: ids(held.filter((update) => !isListed(update))),
      drivers: [],
    },
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
