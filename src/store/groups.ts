import { sql } from 'kysely';
import type { GroupRow } from '../catalog/catalog-rows.ts';
import { UNASSIGNED_COMPUTERS } from '../fleet/server-state.ts';
import type { Guid } from '../soap/simple-type.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { advance } from './sequence.ts';

export async function listGroups(db: DbOrTx): Promise<GroupRow[]> {
  const rows = await db.selectFrom('target_group').selectAll().orderBy('name').execute();
  return rows.map((row) => ({ id: row.id as Guid, name: row.name, parentId: row.parent_id as Guid | null }));
}

/** Members by group id: computers that belong to it directly, and for Unassigned Computers those in no group. */
export async function countMembers(db: DbOrTx): Promise<Map<Guid, number>> {
  const { rows } = await sql<{ readonly id: Guid; readonly members: number }>`
    SELECT group_id AS id, count(*) AS members FROM computer_group GROUP BY group_id
    UNION ALL
    SELECT ${UNASSIGNED_COMPUTERS}, count(*) FROM computer
    WHERE NOT EXISTS (SELECT 1 FROM computer_group WHERE client_id = computer.client_id)`.execute(db);
  return new Map(rows.map(({ id, members }) => [id, members]));
}

/** Decisions about updates by the group they were made for. */
export async function countGroupApprovals(db: DbOrTx): Promise<Map<Guid, number>> {
  const rows = await db
    .selectFrom('approval')
    .select(({ fn }) => ['group_id', fn.countAll<number>().as('approvals')])
    .groupBy('group_id')
    .execute();
  return new Map(rows.map((row) => [row.group_id as Guid, row.approvals]));
}

export async function insertGroup(tx: Tx, group: GroupRow): Promise<void> {
  await tx
    .insertInto('target_group')
    .values({ id: group.id, name: group.name, parent_id: group.parentId })
    .execute();
  await advance(tx, 'catalog_change');
}

/** Deletes a group with its approvals and memberships. Its computers fall back to their other groups. */
export async function deleteGroup(tx: Tx, id: Guid): Promise<void> {
  await tx.deleteFrom('target_group').where('id', '=', id).execute();
  await advance(tx, 'catalog_change');
  await advance(tx, 'fleet_change');
}

/** Gives a group another name or another parent. */
export async function updateGroup(
  tx: Tx,
  id: Guid,
  change: { readonly name?: string; readonly parentId?: Guid },
): Promise<void> {
  await tx
    .updateTable('target_group')
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.parentId === undefined ? {} : { parent_id: change.parentId }),
    })
    .where('id', '=', id)
    .execute();
  await advance(tx, 'catalog_change');
}
