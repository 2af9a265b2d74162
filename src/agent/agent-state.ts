import type { Buffer } from 'node:buffer';
import type { DateTime } from '../soap/simple-type.ts';
import type { UpdateId } from '../metadata/update-identity.ts';

/** What GetConfig said, as far as it is kept. */
export interface KnownConfig {
  readonly lastChange: DateTime;
  readonly registrationRequired: boolean;
  /** Path of the authorization service, relative to the server. */
  readonly authorizationPath: string;
  readonly maxExtendedUpdates: number;
  readonly serverProtocolVersion: string;
}

export interface HeldCookie {
  readonly expiration: DateTime;
  readonly data: Buffer;
}

/** An update as the agent caches it. */
export interface HeldUpdate {
  /** This server's revision id. */
  readonly id: number;
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  readonly isLeaf: boolean;
  readonly isDriver: boolean;
  readonly deployment: HeldDeployment;
  /** The Core fragment. */
  readonly core: string;
  /** Extended and LocalizedProperties fragments, once asked for. */
  readonly extended?: string;
  readonly localized?: string;
}

export interface HeldDeployment {
  readonly id: number;
  readonly action: string;
  readonly isAssigned: boolean;
  readonly deadline: string | undefined;
}

/** Everything an agent remembers between scans, as it does on a real computer. */
export interface AgentState {
  /** SusClientId. */
  clientId: string;
  config: KnownConfig | undefined;
  cookie: HeldCookie | undefined;
  /** Text form of what was registered last; empty for never. */
  registeredAs: string;
  /** By this server's revision id. */
  updates: Map<number, HeldUpdate>;
  /** Where files are, by SHA-1 in base64. */
  fileLocations: Map<string, string>;
}

export function freshState(clientId: string): AgentState {
  return {
    clientId,
    config: undefined,
    cookie: undefined,
    registeredAs: '',
    updates: new Map(),
    fileLocations: new Map(),
  };
}
