import { AgentSession } from '../../src/agent/agent-session.ts';
import { freshState, type AgentState } from '../../src/agent/agent-state.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { personaOf, type PersonaOptions } from '../../src/agent/persona-of-profile.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { SoapCaller } from '../../src/agent/soap-caller.ts';
import type { DateTime } from '../../src/soap/simple-type.ts';
import type { RecordingServer } from './recording-server.ts';

export const CLIENT_NAMESPACE = 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService';

/** What a client service says, as far as the agent reads it. */
export function soapAnswer(operation: string, content: string, namespace = CLIENT_NAMESPACE): string {
  const body = `<${operation}Response xmlns="${namespace}">${content}</${operation}Response>`;
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
}

/** A session of an agent that has shaken hands long ago, so that one operation can be looked at alone. */
export class AgentTalk implements Disposable {
  readonly state: AgentState;
  readonly persona: Persona;
  readonly session: AgentSession;
  readonly caller: SoapCaller;

  constructor(server: RecordingServer, profileName: string, options: PersonaOptions = {}) {
    const known = profile(profileName);
    this.persona = personaOf(known, known.machine, 'rope.example', options);
    this.state = {
      ...freshState('0a4b0000-0000-4000-8000-000000000001'),
      config: {
        lastChange: '2026-01-01T00:00:00Z' as DateTime,
        registrationRequired: false,
        authorizationPath: 'SimpleAuthWebService/SimpleAuth.asmx',
        maxExtendedUpdates: 50,
        serverProtocolVersion: '3.2',
      },
      cookie: { expiration: '2026-01-01T01:00:00Z' as DateTime, data: Buffer.from('rope') },
    };
    this.caller = new SoapCaller(server.url, {
      userAgent: this.persona.userAgent,
      timeoutMs: 10_000,
      maxAnswerBytes: 1_000_000,
      ...(this.persona.modern && { correlation: 'AAAAAAAAAAAAAAAA' }),
    });
    const now = (): number => Date.UTC(2026, 0, 1);
    this.session = new AgentSession({ caller: this.caller, persona: this.persona, state: this.state, now });
  }

  [Symbol.dispose](): void {
    this.caller[Symbol.dispose]();
  }
}
