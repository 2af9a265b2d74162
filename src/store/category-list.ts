import { sql } from 'kysely';
import { UPDATE_TYPES } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { DbOrTx } from './schema.ts';

export interface ListedCategory {
  readonly updateId: UpdateId;
  readonly title: string;
  /** Product, ProductFamily, Company, UpdateClassification… */
  readonly categoryType: string;
}

/** Published categories, by their newest revision. */
export async function listCategories(db: DbOrTx): Promise<ListedCategory[]> {
  const rows = await db
    .selectFrom('revision')
    .innerJoin('update_entry', 'update_entry.number', 'revision.update_number')
    .select(['update_id', 'title', 'category_type', 'revision_number'])
    .where(sql<boolean>`type = ${sql.lit(UPDATE_TYPES.indexOf('Category'))}`)
    .where('change', 'is not', null)
    .orderBy('revision_number')
    .execute();
  // The last one of each stays.
  return [
    ...new Map(
      rows.map((row) => [
        row.update_id,
        { updateId: row.update_id as UpdateId, title: row.title, categoryType: row.category_type ?? '' },
      ]),
    ).values(),
  ];
}
