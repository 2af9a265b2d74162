import { listCategoriesWithParents, type CategoryRow } from '../store/category-list.ts';
import type { DbOrTx } from '../store/schema.ts';

/** Categories whose id or title, and type, are what was asked for. */
export async function viewCategories(
  db: DbOrTx,
  filter: { readonly text?: string; readonly type?: string },
): Promise<CategoryRow[]> {
  const text = filter.text?.trim().toLowerCase() ?? '';
  const type = filter.type?.trim().toLowerCase();
  return (await listCategoriesWithParents(db)).filter(
    (one) =>
      (type === undefined || one.categoryType.toLowerCase() === type) &&
      (one.updateId === text || one.title.toLowerCase().includes(text)),
  );
}
