import { sql } from 'kysely';
import { UPDATE_TYPES } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { type DbOrTx } from './schema.ts';
import { UpdateRelation } from './schema/catalogue-tables.ts';

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

export interface CategoryRow extends ListedCategory {
  /** Ids of the categories that it lies in. */
  readonly parents: readonly UpdateId[];
  /** Updates and categories that are in it themselves. */
  readonly members: number;
}

/** Published categories with what they lie in, and how much lies in them. */
export async function listCategoriesWithParents(db: DbOrTx): Promise<CategoryRow[]> {
  const category = sql.lit(UPDATE_TYPES.indexOf('Category'));
  const kind = sql.lit(UpdateRelation.Category);
  const { rows } = await sql<ListedCategory & { readonly parents: string; readonly members: number }>`
    SELECT update_id AS "updateId", title, coalesce(category_type, '') AS "categoryType",
      (SELECT json_group_array(outer_entry.update_id) FROM update_relation AS up
        JOIN update_entry AS outer_entry ON outer_entry.number = up.target
        WHERE up.number = listed_update.number AND up.kind = ${kind}) AS parents,
      (SELECT count(*) FROM update_relation AS down
        WHERE down.target = listed_update.number AND down.kind = ${kind}) AS members
    FROM listed_update
    JOIN revision ON revision.id = revision_id
    JOIN update_entry ON update_entry.number = listed_update.number
    WHERE revision.type = ${category}
    ORDER BY title, update_id`.execute(db);
  return rows.map((row) => ({ ...row, parents: JSON.parse(row.parents) as UpdateId[] }));
}
