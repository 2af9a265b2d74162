import { sql, type RawBuilder } from 'kysely';
import { FINDING_KINDS, type FindingKind } from '../fleet/finding.ts';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import { type DbOrTx } from './schema.ts';
import { IdentityKind } from './schema/fleet-tables.ts';

/** Something that is wrong with one computer. */
export interface StoredFinding {
  readonly kind: FindingKind;
  readonly clientId: string;
  readonly firstMs: number;
  readonly lastMs: number;
  /** How often it was noticed; 1 for what is a state. */
  readonly times: number;
}

/** Since when computers must have done nothing. */
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

export interface FindingFilter extends FindingLimits {
  readonly kind?: FindingKind;
  readonly clientId?: string;
  /** What computers may ask for, as they ask, that names a group which does not exist. */
  readonly unknownRequests: readonly string[];
}

const RANK = sql.raw(
  `CASE one.kind ${FINDING_KINDS.map((kind, rank) => `WHEN '${kind}' THEN ${rank}`).join(' ')} END`,
);

/**
 * What findings can be sorted by; kinds in the order in which they are declared. Each page goes through all
 * computers: most findings are what their rows say, compared with the time it is now.
 */
export const FINDING_SORTS: SortTable = {
  usual: 'kind',
  keys: {
    kind: [RANK, sql`one.first_ms`, sql`one.client_id`],
    name: [sql`computer.dns_name`, RANK, sql`one.client_id`],
    firstMs: [sql`one.first_ms`, RANK, sql`one.client_id`],
    lastMs: [sql`one.last_ms`, RANK, sql`one.client_id`],
  },
};

interface FindingRow {
  readonly kind: FindingKind;
  readonly client_id: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly times: number;
}

const findingOf = (row: FindingRow): StoredFinding => ({
  kind: row.kind,
  clientId: row.client_id,
  firstMs: row.first_ms,
  lastMs: row.last_ms,
  times: row.times,
});

/** All findings, kind by kind, those that are oldest first. */
export async function listFindings(db: DbOrTx, filter: FindingFilter): Promise<StoredFinding[]> {
  const { rows } = await sql<FindingRow>`
    SELECT * FROM (${findings(filter)}) AS one ORDER BY ${RANK}, one.first_ms, one.client_id`.execute(db);
  return rows.map(findingOf);
}

/** A finding with what its computer is called and asks for. */
export interface FindingOfComputer extends StoredFinding {
  readonly name: string;
  readonly requestedGroups: string;
}

export async function pageOfFindings(
  db: DbOrTx,
  filter: FindingFilter,
  page: ListPage,
): Promise<ListPart<FindingOfComputer>> {
  const { keys, behind, order, limit } = keyset(FINDING_SORTS, page);
  const { rows } = await sql<
    FindingRow & KeyColumns & { readonly dns_name: string; readonly requested_groups: string }
  >`
    SELECT one.*, computer.dns_name, computer.requested_groups, ${keys}
    FROM (${findings(filter)}) AS one JOIN computer ON computer.client_id = one.client_id
    WHERE ${behind} ORDER BY ${order} LIMIT ${limit}`.execute(db);
  return partOf(rows, page, (row) => ({
    ...findingOf(row),
    name: row.dns_name,
    requestedGroups: row.requested_groups,
  }));
}

/** What was noticed while it happened, and what computers' rows say now. */
function findings(filter: FindingFilter): RawBuilder<unknown> {
  const { kind, clientId, silentSinceMs, notScanningSinceMs, notReportingSinceMs } = filter;
  const state = (of: FindingKind, since: RawBuilder<unknown>, is: RawBuilder<unknown>) =>
    [
      of,
      sql`SELECT ${of} AS kind, client_id, ${since} AS first_ms, ${since} AS last_ms, 1 AS times FROM computer
          WHERE ${is}`,
    ] as const;
  const scannedMs = sql`coalesce(last_scan_ms, first_seen_ms)`;
  const reportedMs = sql`coalesce(last_report_ms, first_seen_ms)`;
  const states = [
    state(
      'not-registered',
      sql`first_seen_ms`,
      sql`registered_ms IS NULL AND first_seen_ms < last_contact_ms - 3600000`,
    ),
    state('silent', sql`last_contact_ms`, sql`last_contact_ms < ${silentSinceMs}`),
    state(
      'not-scanning',
      scannedMs,
      sql`registered_ms IS NOT NULL AND last_contact_ms >= ${silentSinceMs} AND ${scannedMs} < ${notScanningSinceMs}`,
    ),
    state(
      'not-reporting',
      reportedMs,
      sql`last_contact_ms >= ${silentSinceMs} AND last_scan_ms >= ${notScanningSinceMs}
        AND ${reportedMs} < ${notReportingSinceMs}`,
    ),
    state(
      'unknown-group',
      sql`last_contact_ms`,
      sql`requested_groups IN (SELECT value FROM json_each(${JSON.stringify(filter.unknownRequests)}))`,
    ),
  ];
  const mine = clientId === undefined ? sql`TRUE` : sql`client_id = ${clientId}`;
  const noticed = sql`SELECT kind, client_id, first_ms, last_ms, times FROM finding
    WHERE ${kind === undefined ? sql`TRUE` : sql`kind = ${kind}`} AND ${mine}`;
  const said = states
    .filter(([of]) => kind === undefined || kind === of)
    .map(([, select]) => sql`${select} AND ${mine}`);
  return sql.join([noticed, ...said], sql` UNION ALL `);
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

/** What computers ask for, each different request as it was sent. */
export async function listRequests(db: DbOrTx): Promise<string[]> {
  const rows = await db
    .selectFrom('placement')
    .select('requested_groups')
    .distinct()
    .where('requested_groups', '<>', '')
    .execute();
  return rows.map((row) => row.requested_groups);
}
