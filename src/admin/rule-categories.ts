import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { AutoApprovalRule } from '../fleet/auto-approval-rule.ts';
import { parseUpdateId } from '../metadata/update-identity.ts';
import type { ListedCategory } from '../store/category-list.ts';

export const CATEGORY_LISTS = [
  'classifications',
  'products',
  'excludeClassifications',
  'excludeProducts',
] as const satisfies readonly (keyof AutoApprovalRule)[];

/**
 * A rule with the ids of the categories that it names.
 *
 * @param kept ids that are taken although no such category is imported any more
 * @throws OakumError OAK_UPDATE_UNKNOWN with the nearest title, OAK_UPDATE_AMBIGUOUS
 */
export function withCategoryIds(
  rule: AutoApprovalRule,
  categories: readonly ListedCategory[],
  kept: ReadonlySet<string> = new Set(),
): AutoApprovalRule {
  const resolved: AutoApprovalRule = { ...rule };
  for (const list of CATEGORY_LISTS) {
    const isClassification = list.toLowerCase().includes('classification');
    const fitting = categories.filter(
      (one) => (one.categoryType === 'UpdateClassification') === isClassification,
    );
    const ids = rule[list].map((name) => (kept.has(name) ? name : categoryId(name, fitting)));
    resolved[list] = [...new Set(ids)];
  }
  return resolved;
}

/** A rule with the titles of its categories, except for those that would not lead back to the one that is meant. */
export function withCategoryTitles(
  rule: AutoApprovalRule,
  titles: ReadonlyMap<string, string>,
): AutoApprovalRule {
  const shown: AutoApprovalRule = { ...rule };
  for (const list of CATEGORY_LISTS) shown[list] = rule[list].map((id) => titles.get(id) ?? id);
  return shown;
}

/** Titles by id, of the categories that share theirs with no other one. */
export function categoryTitles(categories: readonly ListedCategory[]): Map<string, string> {
  const byTitle = Map.groupBy(categories, (one) => one.title.trim().toLowerCase());
  const alone = [...byTitle.values()].filter((those) => those.length === 1).flat();
  return new Map(alone.map((one) => [one.updateId, one.title]));
}

/**
 * The category that a person means, by id or title.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN with the nearest title, OAK_UPDATE_AMBIGUOUS
 */
export function categoryId(name: string, categories: readonly ListedCategory[]): string {
  const id = parseUpdateId(name);
  const wanted = name.trim().toLowerCase();
  const found = categories.filter((one) => one.updateId === id || one.title.trim().toLowerCase() === wanted);
  if (found.length > 1) {
    const list = found.map((one) => `${one.updateId} (${one.categoryType})`);
    throw new OakumError('OAK_UPDATE_AMBIGUOUS', { detail: `"${name}" fits: ${list.join('; ')}.` });
  }
  if (found.length === 1) return found[0].updateId;
  const nearest = nearestName(
    name,
    categories.map((one) => one.title),
  );
  throw new OakumError('OAK_UPDATE_UNKNOWN', {
    detail: `No such category is imported: "${name}". ${nearest === undefined ? '"oakum updates --type Category" lists them.' : `Did you mean "${nearest}"?`}`,
  });
}
