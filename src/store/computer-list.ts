import type { Guid } from '../soap/simple-type.ts';
import type { ComputerTable, DbOrTx } from './schema.ts';

/** A computer as administrators see it: its row, and the groups it is assigned to. */
export type ListedComputer = ComputerTable & { readonly groupIds: readonly Guid[] };

export interface ComputerFilter {
  /** A client id, or part of the name. */
  readonly text?: string;
  readonly limit?: number;
}

export async function listComputers(db: DbOrTx, filter: ComputerFilter): Promise<ListedComputer[]> {
  let query = db.selectFrom('computer').selectAll().orderBy('dns_name').orderBy('client_id');
  const text = filter.text?.trim().toLowerCase();
  if (text !== undefined && text !== '') {
    query = query.where((eb) =>
      eb.or([eb('client_id', '=', text), eb('dns_name', 'like', `%${text.replaceAll(/[%_]/g, '')}%`)]),
    );
  }
  const rows = await query.limit(filter.limit ?? 1_000_000).execute();
  const memberships = await db.selectFrom('computer_group').selectAll().execute();
  const byComputer = Map.groupBy(memberships, (row) => row.client_id);
  return rows.map((row) => ({
    ...row,
    groupIds: (byComputer.get(row.client_id) ?? []).map((one) => one.group_id as Guid),
  }));
}
