import type { UpdateId } from '../metadata/update-identity.ts';
import { groupPairs, type Lists } from './lists.ts';
import { eachDependency } from './scope.ts';
import { CategoryKind, Type, updateNumberOf, type CatalogSnapshot } from './snapshot.ts';

export interface RequestedCategory {
  /** Categories with the same number are ANDed, the groups are ORed. */
  readonly andGroup: number;
  readonly categoryId: UpdateId;
}

export interface PreferredCategories {
  readonly preferred: readonly UpdateId[];
  readonly inError: readonly UpdateId[];
}

/** Which categories a client shall filter by, of those it would like to ([MS-WUSP] 3.1.5.6). */
export function preferCategories(
  snapshot: CatalogSnapshot,
  requested: readonly RequestedCategory[],
): PreferredCategories {
  const inError = [
    ...new Set(
      requested.map((one) => one.categoryId).filter((id) => categoryKind(snapshot, id) === undefined),
    ),
  ];
  const groups = Map.groupBy(requested, (one) => one.andGroup);
  const preferred: UpdateId[] = [];
  for (const group of groups.values()) {
    const ids = group.map((one) => one.categoryId);
    // A group that names an unknown category is dropped as a whole.
    if (ids.some((id) => inError.includes(id))) continue;
    const product = preferredOf(snapshot, ids);
    // "All other cases are not allowed": the list is cleared and processing stops.
    if (product === undefined) return { preferred: [], inError };
    if (!preferred.includes(product)) preferred.push(product);
  }
  return { preferred, inError };
}

/** [product], or [product and classification]: the product. Anything else is not allowed. */
function preferredOf(snapshot: CatalogSnapshot, ids: readonly UpdateId[]): UpdateId | undefined {
  const products = ids.filter((id) => categoryKind(snapshot, id) === CategoryKind.Product);
  const classifications = ids.filter((id) => categoryKind(snapshot, id) === CategoryKind.Classification);
  const allowed =
    products.length === 1 && products.length + classifications.length === ids.length && ids.length <= 2;
  return allowed ? products[0] : undefined;
}

function categoryKind(snapshot: CatalogSnapshot, id: UpdateId): number | undefined {
  const update = updateNumberOf(snapshot, id);
  const ordinal = update === undefined ? -1 : snapshot.latest[update];
  return ordinal >= 0 && snapshot.types[ordinal] === Type.Category
    ? snapshot.categoryKinds[ordinal]
    : undefined;
}

/** By update number of a category: the revisions in scope that say they belong to it, as ordinals. */
export function buildCategoryMembers(
  snapshot: Pick<CatalogSnapshot, 'inScope' | 'clauseStarts' | 'clauses' | 'clauseIsCategory'>,
): Lists {
  const { inScope, clauseStarts, clauses, clauseIsCategory } = snapshot;
  return groupPairs(inScope.length, (pair) => {
    for (const ordinal of inScope) {
      if (ordinal < 0) continue;
      for (let clause = clauseStarts[ordinal]; clause < clauseStarts[ordinal + 1]; clause++) {
        if (clauseIsCategory[clause] === 0) continue;
        const to = clauses.starts[clause + 1];
        for (let at = clauses.starts[clause]; at < to; at++) pair(clauses.values[at], ordinal);
      }
    }
  });
}

/**
 * The revisions a category-limited scan is about: the categories themselves, every update that belongs
 * to one of them, and what those need. One byte per ordinal.
 *
 * @param categories update numbers
 */
export function categoryScope(snapshot: CatalogSnapshot, categories: readonly number[]): Uint8Array {
  const members = snapshot.categoryMembers;
  const scope = new Uint8Array(snapshot.updates.length);
  const queue: number[] = [];
  const reach = (ordinal: number): void => {
    const sent = ordinal < 0 ? -1 : snapshot.inScope[snapshot.updates[ordinal]];
    if (sent < 0 || scope[sent] === 1) return;
    scope[sent] = 1;
    queue.push(sent);
  };
  for (const category of categories) {
    reach(snapshot.latest[category]);
    for (let at = members.starts[category]; at < members.starts[category + 1]; at++)
      reach(members.values[at]);
  }
  for (let ordinal = queue.pop(); ordinal !== undefined; ordinal = queue.pop()) {
    eachDependency(snapshot, ordinal, reach);
  }
  return scope;
}
