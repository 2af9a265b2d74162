import type { Database, DbOrTx, Tx } from './schema.ts';

type SequenceName = Database['sequence']['name'];

/**
 * Moves a counter on and returns its first new value. Change numbers moved here are what makes every
 * server process load the next generation.
 */
export async function advance(tx: Tx, name: SequenceName, by = 1): Promise<number> {
  const row = await tx
    .updateTable('sequence')
    .set((eb) => ({ value: eb('value', '+', by) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value - by + 1;
}

/** Where a counter stands. */
export async function readSequence(db: DbOrTx, name: SequenceName): Promise<number> {
  const row = await db
    .selectFrom('sequence')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.value;
}
