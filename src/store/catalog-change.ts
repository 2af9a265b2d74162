import type { DbOrTx } from './schema.ts';

/** The change number of what is published now: when it moves, a new snapshot is due. */
export async function readCatalogChange(db: DbOrTx): Promise<number> {
  const row = await db
    .selectFrom('sequence')
    .select('value')
    .where('name', '=', 'catalog_change')
    .executeTakeFirstOrThrow();
  return row.value;
}
