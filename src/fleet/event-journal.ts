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
  /** Why it is only counted and not stored. Its texts are empty then. */
  readonly refused?: EventRefusal;
}

/** What was wrong with events that were not taken as they are. */
export type EventRefusal = 'OAK_EVENT_OVERSIZED' | 'OAK_EVENT_CONTRADICTORY' | 'OAK_EVENT_UNKNOWN_UPDATE';

/** Where reported events go. */
export interface EventJournal {
  /**
   * Stores a batch as a whole, once per computer and instance id, with what follows from it for the states of
   * updates. Durable when it resolves.
   *
   * @param skewMs how far the computer's clock is behind: what follows happens at the time of the event plus this
   */
  append(events: readonly ClientEvent[], skewMs?: number): Promise<void>;
}
