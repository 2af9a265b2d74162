import { sql, type RawBuilder } from 'kysely';
import type { UpdateId } from '../metadata/update-identity.ts';
import { type DbOrTx } from './schema.ts';
import { UpdateRelation } from './schema/catalogue-tables.ts';

/** An update where another one is told of. */
export interface RelatedUpdate {
  readonly updateId: UpdateId;
  /** Empty for what was never imported. */
  readonly title: string;
}

export interface RelatedCategory extends RelatedUpdate {
  /** Product, ProductFamily, Company, UpdateClassification… */
  readonly categoryType: string;
}

/** The categories that the newest revisions of updates are in themselves, by the numbers of the updates. */
export async function categoriesOfUpdates(
  db: DbOrTx,
  numbers: readonly number[],
): Promise<Map<number, RelatedCategory[]>> {
  const { rows } = await sql<RelatedCategory & { readonly number: number }>`
    SELECT related.number, update_id AS "updateId", title, coalesce(category_type, '') AS "categoryType"
    FROM update_relation AS related INDEXED BY update_relation_number
    JOIN update_entry ON update_entry.number = related.target
    JOIN listed_update ON listed_update.number = related.target
    JOIN revision ON revision.id = revision_id
    WHERE related.number IN (SELECT value FROM json_each(${JSON.stringify(numbers)}))
      AND kind = ${UpdateRelation.Category}
    ORDER BY title, update_id`.execute(db);
  const found = new Map<number, RelatedCategory[]>();
  for (const { number, ...category } of rows) {
    const those = found.get(number) ?? [];
    found.set(number, those);
    those.push(category);
  }
  return found;
}

/** Updates whose newest revision says this of an update: that it is a member of theirs, or superseded by them. */
export function updatesThatSay(
  db: DbOrTx,
  kind: (typeof UpdateRelation)['Bundle' | 'Supersedence'],
  target: number,
): Promise<RelatedUpdate[]> {
  return related(
    db,
    sql`SELECT number FROM update_relation WHERE target = ${target} AND kind = ${sql.lit(kind)}`,
  );
}

/** Updates with their titles, in the order of the ids. */
export async function titlesOfUpdates(
  db: DbOrTx,
  updateIds: readonly UpdateId[],
): Promise<Map<UpdateId, string>> {
  const found = await related(
    db,
    sql`SELECT number FROM update_entry
      WHERE update_id IN (SELECT value FROM json_each(${JSON.stringify(updateIds)}))`,
  );
  return new Map(found.map((one) => [one.updateId, one.title]));
}

async function related(db: DbOrTx, numbers: RawBuilder<unknown>): Promise<RelatedUpdate[]> {
  const { rows } = await sql<RelatedUpdate>`
    SELECT update_id AS "updateId", title FROM update_entry
    JOIN listed_update ON listed_update.number = update_entry.number
    JOIN revision ON revision.id = revision_id
    WHERE update_entry.number IN (${numbers}) ORDER BY title, update_id`.execute(db);
  return rows;
}

/** A revision that the store has. */
export interface StoredRevision {
  readonly revisionId: number;
  readonly revisionNumber: number;
  readonly importedMs: number;
}

/** Published revisions of an update, the newest first. */
export async function revisionsOf(db: DbOrTx, number: number): Promise<StoredRevision[]> {
  const { rows } = await sql<StoredRevision>`
    SELECT id AS "revisionId", revision_number AS "revisionNumber", imported_ms AS "importedMs" FROM revision
    WHERE update_number = ${number} AND change IS NOT NULL ORDER BY revision_number DESC`.execute(db);
  return rows;
}
