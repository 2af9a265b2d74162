import type { SyncKind } from './cookies/client-cookie.ts';

/** Told of each answer to SyncUpdates. */
export interface ScanObserver {
  /**
   * @param kind which of the client's memories it moves on
   * @param last whether the client has no reason to ask again: nothing was held back for the next page, and nothing
   * new could satisfy a prerequisite ([MS-WUSP] 3.1.5.7)
   */
  answered(kind: SyncKind, last: boolean): void;
}
