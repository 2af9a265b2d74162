import type { Guid } from '../soap/simple-type.ts';
import type { UpdateIdentity } from '../metadata/update-identity.ts';

/** An event a client reported ([MS-WUSP] 2.2.2.3.1). Its texts are text for ever, never interpreted. */
export interface ClientEvent {
  readonly instanceId: Guid;
  readonly clientId: string;
  readonly namespaceId: number;
  readonly eventId: number;
  readonly sourceId: number;
  readonly timeMs: number;
  /** Undefined when the event is about no update. */
  readonly update: UpdateIdentity | undefined;
  /** Signed, as it is sent. */
  readonly hresult: number;
  readonly appName: string;
  readonly replacementStrings: readonly string[];
  readonly miscData: readonly string[];
}

/** Where reported events go. */
export interface EventJournal {
  /** Stores a batch as a whole, once per computer and instance id. Durable when it resolves. */
  append(events: readonly ClientEvent[]): Promise<void>;
}
