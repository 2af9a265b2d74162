import type { Guid } from '../soap/simple-type.ts';

/** What a client may notice about this server as a whole. */
export interface ServerState {
  /** Sealed into every cookie. A new one tells clients ServerChanged. */
  readonly identity: Guid;
  /** The LastChange of GetConfig; a newer one tells clients ConfigChanged. */
  readonly configurationChangedMs: number;
}

/** The groups every server has, with the ids WSUS gives them. */
export const ALL_COMPUTERS = 'a0a08746-4dbe-4a37-9adf-9e7652c0b421' as Guid;
export const UNASSIGNED_COMPUTERS = 'b73ca6ed-5727-47f3-84de-015e03f6a88a' as Guid;
