import { UPDATE_TYPES } from '../metadata/update-document.ts';
import { categoriesOf } from './counted-updates.ts';
import type { DbOrTx } from './schema.ts';

/** Which categories lie in which: products in families, families in companies. By the numbers of their updates. */
export class CategoryTree {
  readonly #inside: ReadonlyMap<number, readonly number[]>;

  private constructor(inside: ReadonlyMap<number, readonly number[]>) {
    this.#inside = inside;
  }

  static async read(db: DbOrTx): Promise<CategoryTree> {
    const rows = await db
      .selectFrom('revision')
      .select(['update_number', 'relations'])
      .where('type', '=', UPDATE_TYPES.indexOf('Category'))
      .where('change', 'is not', null)
      .execute();
    const inside = new Map<number, number[]>();
    for (const { update_number: number, relations } of rows) {
      for (const outer of categoriesOf(relations)) inside.set(outer, [...(inside.get(outer) ?? []), number]);
    }
    return new CategoryTree(inside);
  }

  /** A category and everything inside it. */
  below(number: number): ReadonlySet<number> {
    const below = new Set([number]);
    // A set is visited in the order it grows.
    for (const one of below) for (const inner of this.#inside.get(one) ?? []) below.add(inner);
    return below;
  }
}
