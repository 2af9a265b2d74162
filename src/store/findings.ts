import { sql } from 'kysely';
import type { FindingKind } from '../fleet/finding.ts';
import { IdentityKind, type DbOrTx } from './schema.ts';

/** Something that is wrong with one computer. */
export interface StoredFinding {
  readonly kind: FindingKind;
  readonly clientId: string;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How often it was noticed; 1 for what is a state. */
  readonly times: number;
}

/** Findings that are a state of the computer's row: which columns say since when, and which rows have it. */
export interface FindingLimits {
  readonly silentSinceMs: number;
  readonly notScanningSinceMs: number;
  readonly notReportingSinceMs: number;
}

/** What was noticed while it happened. */
export async function listNoticed(db: DbOrTx, kind?: FindingKind): Promise<StoredFinding[]> {
  let query = db.selectFrom('finding').selectAll().orderBy('last_ms', 'desc');
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return (await query.execute()).map((row) => ({
    kind: row.kind as FindingKind,
    clientId: row.client_id,
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    times: row.times,
  }));
}

/** What is wrong with computers by what their rows say now. */
export async function listStates(db: DbOrTx, limits: FindingLimits): Promise<StoredFinding[]> {
  const { silentSinceMs, notScanningSinceMs, notReportingSinceMs } = limits;
  const { rows } = await sql<{ kind: FindingKind; client_id: string; since: number }>`
    SELECT kind, client_id, since FROM (
      SELECT 'not-registered' AS kind, client_id, first_seen_ms AS since FROM computer
      WHERE registered_ms IS NULL AND first_seen_ms < last_contact_ms - 3600000
      UNION ALL
      SELECT 'silent', client_id, last_contact_ms FROM computer WHERE last_contact_ms < ${silentSinceMs}
      UNION ALL
      SELECT 'not-scanning', client_id, coalesce(last_scan_ms, first_seen_ms) FROM computer
      WHERE registered_ms IS NOT NULL AND last_contact_ms >= ${silentSinceMs}
        AND coalesce(last_scan_ms, first_seen_ms) < ${notScanningSinceMs}
      UNION ALL
      SELECT 'not-reporting', client_id, coalesce(last_report_ms, first_seen_ms) FROM computer
      WHERE last_contact_ms >= ${silentSinceMs} AND last_scan_ms >= ${notScanningSinceMs}
        AND coalesce(last_report_ms, first_seen_ms) < ${notReportingSinceMs})
    ORDER BY since`.execute(db);
  return rows.map((row) => ({
    kind: row.kind,
    clientId: row.client_id,
    firstMs: row.since,
    lastMs: row.since,
    times: 1,
  }));
}

/** Names or hardware that were seen under one client id, latest first; what it is now is not among them. */
export async function listIdentities(
  db: DbOrTx,
  clientId: string,
): Promise<{ readonly names: readonly string[]; readonly hardware: readonly string[] }> {
  const rows = await db
    .selectFrom('computer_identity')
    .select(['kind', 'identity'])
    .where('client_id', '=', clientId)
    .orderBy('last_ms', 'desc')
    .execute();
  const of = (kind: number): string[] => rows.filter((row) => row.kind === kind).map((row) => row.identity);
  return { names: of(IdentityKind.Name), hardware: of(IdentityKind.Hardware) };
}

/** Groups that computers ask for, and who asks: one row for each different request. */
export async function listRequests(
  db: DbOrTx,
): Promise<{ readonly requestedGroups: string; readonly clientIds: readonly string[] }[]> {
  const { rows } = await sql<{ requested_groups: string; client_ids: string }>`
    SELECT requested_groups, json_group_array(client_id) AS client_ids FROM computer
    WHERE requested_groups <> '' GROUP BY requested_groups`.execute(db);
  return rows.map((row) => ({
    requestedGroups: row.requested_groups,
    clientIds: JSON.parse(row.client_ids) as string[],
  }));
}
