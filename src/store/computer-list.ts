import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { operatingSystemOf, type OperatingSystem } from '../fleet/operating-system.ts';
import type { Guid } from '../soap/simple-type.ts';
import { keyset, partOf, type KeyColumns, type ListPage, type ListPart, type SortTable } from './keyset.ts';
import type { DbOrTx } from './schema.ts';
import type { ComputerTable } from './schema/fleet-tables.ts';

/** A computer as administrators see it: its row, and the groups it is assigned to. */
export type ListedComputer = ComputerTable & { readonly groupIds: readonly Guid[] };

/** The properties that tell the operating system; a fleet has few combinations of them. */
export type SystemRow = Pick<
  ComputerTable,
  | 'os_major'
  | 'os_minor'
  | 'os_build'
  | 'suite_mask'
  | 'old_product_type'
  | 'new_product_type'
  | 'system_metrics'
  | 'processor_architecture'
  | 'os_description'
>;

const SYSTEM_COLUMNS = [
  'os_major',
  'os_minor',
  'os_build',
  'suite_mask',
  'old_product_type',
  'new_product_type',
  'system_metrics',
  'processor_architecture',
  'os_description',
] as const satisfies readonly (keyof SystemRow)[];

/** What a computer runs, by what it registered. */
export function systemOf(row: SystemRow): OperatingSystem {
  return operatingSystemOf({
    major: row.os_major,
    minor: row.os_minor,
    build: row.os_build,
    suiteMask: row.suite_mask,
    oldProductType: row.old_product_type,
    newProductType: row.new_product_type,
    systemMetrics: row.system_metrics,
    architecture: row.processor_architecture,
    description: row.os_description,
  });
}

/** What a list is limited to; all of it must hold. */
export interface ComputerFilter {
  /** A client id, or part of the name. */
  readonly text?: string;
  /** Members of any of these groups, directly. */
  readonly groupIds?: readonly Guid[];
  /** Also those in no group: with Unassigned Computers among the groups. */
  readonly unassigned?: boolean;
  /** Any of these combinations. */
  readonly systems?: readonly SystemRow[];
  /** Part of the manufacturer or the model. */
  readonly model?: string;
  /** Last contact before this time. */
  readonly silentSinceMs?: number;
  readonly clientIds?: readonly string[];
}

const by = (column: RawBuilder<unknown>): readonly RawBuilder<unknown>[] => [column, sql`client_id`];

/**
 * What computers can be sorted by. Each page looks at all rows once, but for `clientId`: an index on any other of
 * these columns would have to be written at every greeting or every contact.
 */
export const COMPUTER_SORTS: SortTable = {
  usual: 'name',
  keys: {
    name: by(sql`dns_name`),
    clientId: [sql`client_id`],
    address: by(sql`address`),
    manufacturer: by(sql`manufacturer`),
    model: by(sql`model`),
    firstSeenMs: by(sql`first_seen_ms`),
    registeredMs: by(sql`registered_ms`),
    lastContactMs: by(sql`last_contact_ms`),
    lastScanMs: by(sql`last_scan_ms`),
    lastReportMs: by(sql`last_report_ms`),
  },
  neverNull: ['clientId'],
};

/** All computers that fit, by name. */
export async function listComputers(db: DbOrTx, filter: ComputerFilter): Promise<ListedComputer[]> {
  const fitting = db.selectFrom('computer').selectAll().where(fits(filter));
  return withGroups(db, await fitting.orderBy('dns_name').orderBy('client_id').execute());
}

/** Some of the computers that fit. */
export async function pageOfComputers(
  db: DbOrTx,
  filter: ComputerFilter,
  page: ListPage,
): Promise<ListPart<ListedComputer>> {
  const { keys, behind, order, orderOfKeys, limit } = keyset(COMPUTER_SORTS, page);
  const { rows } = await sql<ComputerTable & KeyColumns>`
    SELECT computer.*, page.*
    FROM (
      SELECT client_id AS found, ${keys} FROM computer
      WHERE ${fits(filter)} AND ${behind} ORDER BY ${order} LIMIT ${limit}) AS page
    JOIN computer ON computer.client_id = page.found
    ORDER BY ${orderOfKeys}`.execute(db);
  const part = partOf(rows, page, (row): ComputerTable => row);
  return { ...part, items: await withGroups(db, part.items) };
}

function fits(filter: ComputerFilter): RawBuilder<SqlBool> {
  const conditions: RawBuilder<unknown>[] = [];
  const text = filter.text?.trim().toLowerCase() ?? '';
  if (text !== '') conditions.push(sql`(computer.client_id = ${text} OR dns_name LIKE ${containing(text)})`);
  const model = filter.model?.trim() ?? '';
  if (model !== '')
    conditions.push(sql`(model LIKE ${containing(model)} OR manufacturer LIKE ${containing(model)})`);
  if (filter.silentSinceMs !== undefined) conditions.push(sql`last_contact_ms < ${filter.silentSinceMs}`);
  if (filter.groupIds !== undefined) {
    const listed = JSON.stringify(filter.groupIds);
    conditions.push(sql`(
      client_id IN (
        SELECT client_id FROM computer_group WHERE group_id IN (SELECT value FROM json_each(${listed})))
      OR (${filter.unassigned === true ? 1 : 0}
        AND NOT EXISTS (SELECT 1 FROM computer_group WHERE client_id = computer.client_id)))`);
  }
  if (filter.systems !== undefined) {
    const listed = JSON.stringify(filter.systems.map((one) => SYSTEM_COLUMNS.map((name) => one[name])));
    const same = SYSTEM_COLUMNS.map(
      (name, index) => sql`computer.${sql.ref(name)} IS one.value ->> ${sql.lit(index)}`,
    );
    conditions.push(
      sql`EXISTS (SELECT 1 FROM json_each(${listed}) AS one WHERE ${sql.join(same, sql` AND `)})`,
    );
  }
  if (filter.clientIds !== undefined)
    conditions.push(sql`client_id IN (SELECT value FROM json_each(${JSON.stringify(filter.clientIds)}))`);
  return sql<SqlBool>`${sql.join([sql`TRUE`, ...conditions], sql` AND `)}`;
}

async function withGroups(db: DbOrTx, rows: readonly ComputerTable[]): Promise<ListedComputer[]> {
  const groups = await groupsOf(
    db,
    rows.map((row) => row.client_id),
  );
  return rows.map((row) => ({ ...row, groupIds: groups.get(row.client_id) ?? [] }));
}

/** The combinations of properties that occur, from which the operating system is told. */
export async function listSystems(db: DbOrTx): Promise<SystemRow[]> {
  return db.selectFrom('computer').select(SYSTEM_COLUMNS).distinct().execute();
}

async function groupsOf(db: DbOrTx, clientIds: readonly string[]): Promise<Map<string, Guid[]>> {
  const { rows } = await sql<{ readonly client_id: string; readonly group_id: string }>`
    SELECT client_id, group_id FROM computer_group
    WHERE client_id IN (SELECT value FROM json_each(${JSON.stringify(clientIds)}))`.execute(db);
  const groups = new Map<string, Guid[]>();
  for (const { client_id: clientId, group_id: groupId } of rows)
    groups.set(clientId, [...(groups.get(clientId) ?? []), groupId as Guid]);
  return groups;
}

/** A pattern for LIKE, in which nothing of the text is a wildcard. */
function containing(text: string): string {
  return `%${text.replaceAll(/[%_]/g, '')}%`;
}
