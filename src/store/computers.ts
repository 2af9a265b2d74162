import type { Guid } from '../soap/simple-type.ts';
import type { DbOrTx, Tx } from './schema.ts';
import { advance } from './sequence.ts';

/**
 * Makes a computer belong directly to exactly these groups.
 *
 * @param assignedBy who chose them: a person unless said otherwise, after which no rule moves the computer;
 *   `rule:ID` for a rule; null gives a computer back to the rules
 */
export async function assignComputer(
  tx: Tx,
  clientId: string,
  groupIds: readonly Guid[],
  assignedBy: string | null = 'manual',
): Promise<void> {
  await tx
    .updateTable('computer')
    .set({ assigned_by: assignedBy })
    .where('client_id', '=', clientId)
    .execute();
  await tx.deleteFrom('computer_group').where('client_id', '=', clientId).execute();
  if (groupIds.length > 0) {
    await tx
      .insertInto('computer_group')
      .values(groupIds.map((groupId) => ({ client_id: clientId, group_id: groupId })))
      .execute();
  }
  await advance(tx, 'fleet_change');
}

/** Forgets a computer. It registers again by itself. */
export async function deleteComputer(tx: Tx, clientId: string): Promise<boolean> {
  const result = await tx.deleteFrom('computer').where('client_id', '=', clientId).executeTakeFirst();
  await advance(tx, 'fleet_change');
  return result.numDeletedRows > 0n;
}

/** Changes whenever a computer moved or went, so that processes forget what they remember of it. */
export async function readFleetChange(db: DbOrTx): Promise<number> {
  const row = await db
    .selectFrom('sequence')
    .select('value')
    .where('name', '=', 'fleet_change')
    .executeTakeFirstOrThrow();
  return row.value;
}
