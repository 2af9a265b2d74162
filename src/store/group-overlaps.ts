import type { Guid } from '../soap/simple-type.ts';
import type { DbOrTx } from './schema.ts';

/** A computer that belongs to more than one group. */
export interface OverlappingComputer {
  readonly clientId: string;
  readonly name: string;
  readonly groupIds: readonly Guid[];
}

/** Computers in several groups at once: only for these can groups want different things. */
export async function computersInSeveralGroups(db: DbOrTx): Promise<OverlappingComputer[]> {
  const rows = await db
    .selectFrom('computer_group')
    .innerJoin('computer', 'computer.client_id', 'computer_group.client_id')
    .select(['computer.client_id', 'dns_name', 'group_id'])
    .where('computer.client_id', 'in', (several) =>
      several
        .selectFrom('computer_group as one')
        .select('one.client_id')
        .groupBy('one.client_id')
        .having(({ fn }) => fn.countAll<number>(), '>', 1),
    )
    .orderBy('dns_name')
    .orderBy('computer.client_id')
    .execute();
  return [...Map.groupBy(rows, (row) => row.client_id)].map(([clientId, memberships]) => ({
    clientId,
    name: memberships[0].dns_name,
    groupIds: memberships.map((row) => row.group_id as Guid),
  }));
}
