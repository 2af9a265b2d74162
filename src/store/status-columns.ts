import { sql } from 'kysely';
import { STATE_NAMES, StatusState, type StateName } from '../fleet/status-state.ts';

/** An update as lists of states show it: its latest revision. */
export interface StatusUpdate {
  readonly updateId: string;
  readonly title: string;
  readonly kbArticles: readonly string[];
  readonly cves: readonly string[];
  readonly severity: string | null;
}

export interface StatusComputer {
  readonly clientId: string;
  readonly name: string;
}

/** What is known of an update on a computer. */
export interface KnownState {
  readonly state: StateName;
  /** Null for what follows from not having been reported. */
  readonly sinceMs: number | null;
  /** Of a failure; null otherwise. */
  readonly hresult: number | null;
}

export interface UpdateColumns {
  readonly update_id: string;
  readonly title: string;
  readonly kb_articles: string;
  readonly cves: string;
  readonly msrc_severity: string | null;
}

export interface ComputerColumns {
  readonly client_id: string;
  readonly dns_name: string;
}

export interface StateColumns {
  readonly state: number;
  readonly since_ms: number | null;
  readonly hresult: number | null;
}

/** Sums that are kept. */
export interface TotalsColumns {
  readonly needed: number;
  readonly downloaded: number;
  readonly installed: number;
  readonly failed: number;
  readonly pending_reboot: number;
}

/** The latest published revision of `update_entry`. */
export const LATEST = sql`JOIN revision ON revision.update_number = update_entry.number AND revision.revision_number = (
  SELECT max(newest.revision_number) FROM revision AS newest
  WHERE newest.update_number = update_entry.number AND newest.change IS NOT NULL)`;

/** {@link UpdateColumns}. */
export const UPDATE_COLUMNS = sql`update_entry.update_id, revision.title, revision.kb_articles, revision.cves,
  revision.msrc_severity`;

export function updateOf(row: UpdateColumns): StatusUpdate {
  return {
    updateId: row.update_id,
    title: row.title,
    kbArticles: row.kb_articles === '' ? [] : row.kb_articles.split(' '),
    cves: row.cves === '' ? [] : row.cves.split(' '),
    severity: row.msrc_severity,
  };
}

export function computerOf(row: ComputerColumns): StatusComputer {
  return { clientId: row.client_id, name: row.dns_name };
}

export function stateOf(row: StateColumns): KnownState {
  const failed = row.state === StatusState.Failed;
  return { state: STATE_NAMES[row.state], sinceMs: row.since_ms, hresult: failed ? row.hresult : null };
}
