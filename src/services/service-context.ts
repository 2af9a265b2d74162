import type { Catalog } from '../catalog/catalog.ts';
import type { MetadataSource } from '../catalog/metadata-source.ts';
import type { PageLimits } from '../catalog/page.ts';
import type { ComputerRegistry } from '../fleet/computer-registry.ts';
import type { EventJournal } from '../fleet/event-journal.ts';
import type { ServerState } from '../fleet/server-state.ts';
import type { KeyRing } from './cookies/key-ring.ts';
import type { PassageMemory } from './passage-memory.ts';
import type { ScanObserver } from './scan-observer.ts';

/** Settings that the client-facing services follow. Times in milliseconds. */
export interface ServiceSettings {
  readonly cookieLifetimeMs: number;
  readonly registrationRequired: boolean;
  readonly maxExtendedUpdatesPerRequest: number;
  /** UNC path told to clients as the place to repair MSI packages from. */
  readonly packageServerShare: string;
  readonly page: PageLimits;
  /**
   * What content URLs begin with by configuration; empty when each client is told the address it asked.
   * Clients that were told another one get FileLocationChanged and ask again.
   */
  readonly fileBase: string;
}

/** Everything the services need, passed in by the composition root. The functions return what holds now. */
export interface ServiceContext {
  readonly keys: () => KeyRing;
  readonly server: () => ServerState;
  readonly catalog: () => Catalog;
  readonly metadata: MetadataSource;
  /** Parts of answers that are asked for again and again. */
  readonly passages: PassageMemory;
  readonly computers: ComputerRegistry;
  readonly events: EventJournal;
  readonly scans: ScanObserver;
  readonly settings: ServiceSettings;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the transport knows of one request. */
export interface Call {
  readonly address: string;
  /** Stands for the request, so that whatever is logged of it can be found together. */
  readonly request: object;
  /** What content URLs begin with, for example `http://wsus.example:8530`. Kept only in what is answered to the same word: it may be the caller's own. */
  readonly contentBase: string;
}
