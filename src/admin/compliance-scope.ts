import type { GroupRow } from '../catalog/catalog-rows.ts';
import { nearestNames } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { belongsTo } from '../fleet/compliance-scope.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { parseUpdateId } from '../metadata/update-identity.ts';
import { listCategories, type ListedCategory } from '../store/category-list.ts';
import { CategoryTree } from '../store/category-tree.ts';
import { listGroups } from '../store/groups.ts';
import type { DbOrTx } from '../store/schema.ts';
import { numbersOfUpdates } from '../store/update-numbers.ts';
import { findGroup } from './groups.ts';

/** Whom a summary is about. At most one of these; of everybody without any. */
export interface ComplianceScope {
  /** A group with those below it, by name or id. */
  readonly group?: string;
  /** A product, or a family or company of products, by name or id. */
  readonly product?: string;
  readonly classification?: string;
}

/** Which of the sums that are kept make up a scope. */
export type ChosenSets =
  | {
      readonly kind: 'group';
      readonly has: (placement: {
        readonly groupIds: readonly string[];
        readonly requestedGroups: string;
      }) => boolean;
    }
  | { readonly kind: 'category'; readonly has: (set: { readonly categories: readonly number[] }) => boolean };

/**
 * Which of the kept sums make up what somebody asks for.
 *
 * @throws OakumError OAK_GROUP_UNKNOWN, OAK_CATEGORY_UNKNOWN with the nearest names
 */
export async function chooseSets(
  db: DbOrTx,
  scope: ComplianceScope,
  targeting: TargetingMode,
): Promise<ChosenSets> {
  const below = await categoriesNamed(db, scope);
  if (below !== undefined)
    return { kind: 'category', has: ({ categories }) => categories.some((one) => below.has(one)) };
  const { group } = scope;
  if (group === undefined) return { kind: 'group', has: () => true };
  const groups: readonly GroupRow[] = await listGroups(db);
  const { id } = await findGroup(db, group);
  return { kind: 'group', has: (placement) => belongsTo(placement, id, { groups, targeting }) };
}

/** The numbers of the category that is meant and of those inside it. */
export async function categoriesNamed(
  db: DbOrTx,
  scope: ComplianceScope,
): Promise<ReadonlySet<number> | undefined> {
  const category = await categoryOf(db, scope);
  if (category === undefined) return undefined;
  const number = (await numbersOfUpdates(db, [category.updateId])).get(category.updateId)!;
  return (await CategoryTree.read(db)).below(number);
}

async function categoryOf(db: DbOrTx, scope: ComplianceScope): Promise<ListedCategory | undefined> {
  const by = scope.product === undefined ? 'classification' : 'product';
  const name = scope.product ?? scope.classification;
  if (name === undefined) return undefined;
  const candidates = (await listCategories(db)).filter((one) => isKind(one, by));
  const id = parseUpdateId(name);
  const wanted = name.trim().toLowerCase();
  const found = candidates.find((one) => one.updateId === id || one.title.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const nearest = nearestNames(
    name,
    candidates.map((one) => one.title),
  );
  const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.map((one) => `"${one}"`).join(' or ')}?`;
  throw new OakumError('OAK_CATEGORY_UNKNOWN', { detail: `"${name}".${hint}` });
}

/** Classifications are one kind of category; products, families and companies are the other. */
export function isKind(category: ListedCategory, by: 'product' | 'classification'): boolean {
  return (category.categoryType === 'UpdateClassification') === (by === 'classification');
}
