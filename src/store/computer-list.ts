import { sql } from 'kysely';
import { operatingSystemOf, type OperatingSystem } from '../fleet/operating-system.ts';
import type { Guid } from '../soap/simple-type.ts';
import type { ComputerTable, DbOrTx } from './schema.ts';

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
  readonly limit?: number;
}

export async function listComputers(db: DbOrTx, filter: ComputerFilter): Promise<ListedComputer[]> {
  let query = db.selectFrom('computer').selectAll().orderBy('dns_name').orderBy('client_id');
  const text = filter.text?.trim().toLowerCase() ?? '';
  if (text !== '')
    query = query.where((eb) =>
      eb.or([eb('client_id', '=', text), eb('dns_name', 'like', containing(text))]),
    );
  const model = filter.model?.trim() ?? '';
  if (model !== '') {
    query = query.where((eb) =>
      eb.or([eb('model', 'like', containing(model)), eb('manufacturer', 'like', containing(model))]),
    );
  }
  if (filter.silentSinceMs !== undefined) query = query.where('last_contact_ms', '<', filter.silentSinceMs);
  if (filter.groupIds !== undefined) {
    const listed = JSON.stringify(filter.groupIds);
    query = query.where(sql<boolean>`(
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
    query = query.where(
      sql<boolean>`EXISTS (SELECT 1 FROM json_each(${listed}) AS one WHERE ${sql.join(same, sql` AND `)})`,
    );
  }
  if (filter.clientIds !== undefined) {
    const listed = JSON.stringify(filter.clientIds);
    query = query.where(sql<boolean>`client_id IN (SELECT value FROM json_each(${listed}))`);
  }
  const rows = await query.limit(filter.limit ?? 1_000_000).execute();
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
