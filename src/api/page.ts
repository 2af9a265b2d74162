import { OakumError } from '../errors/oakum-error.ts';

/** What orders a list: the value it is sorted by, then whatever tells equal ones apart. */
export type SortKey = readonly (string | number | null)[];

export interface Order {
  /** One of the list's sorts. */
  readonly sort: string;
  readonly descending: boolean;
}

export interface PageRequest extends Order {
  /** At least 1. */
  readonly limit: number;
  /** The page begins behind the item with this key. */
  readonly after?: SortKey;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The key of the last item when more follow. */
  readonly next?: SortKey;
}

/**
 * A page of what a repository found when it was asked for one item more than the page holds: that one is only
 * the sign that more follow.
 */
export function pageOf<Item>(
  found: readonly Item[],
  { limit }: PageRequest,
  keyOf: (item: Item) => SortKey,
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return last !== undefined && found.length > limit ? { items, next: keyOf(last) } : { items };
}

/**
 * A page of a list that is short enough to be read as a whole each time: groups, rules, accounts.
 *
 * @param identity what tells items apart that are sorted alike
 * @param sortedBy what stands for an item in a sort, where that is not the property of this name
 */
export function pageOfAll<Item extends object>(
  all: readonly Item[],
  page: PageRequest,
  identity: (item: Item) => string | number,
  sortedBy: Readonly<Record<string, (item: Item) => unknown>> = {},
): Page<Item> {
  const valueOf =
    sortedBy[page.sort] ?? ((item: Item) => (item as Readonly<Record<string, unknown>>)[page.sort]);
  const keyOf = (item: Item): SortKey => [sortValue(valueOf(item)), identity(item)];
  const direction = page.descending ? -1 : 1;
  const sorted = all
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((one, other) => direction * compareKeys(one.key, other.key));
  const { after } = page;
  const start =
    after === undefined ? 0 : sorted.findIndex(({ key }) => direction * compareKeys(key, after) > 0);
  const found = start < 0 ? [] : sorted.slice(start, start + page.limit + 1);
  return pageOf(
    found.map(({ item }) => item),
    page,
    keyOf,
  );
}

function sortValue(value: unknown): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number') return value;
  // A list before those that begin with it.
  if (Array.isArray(value)) return value.join('\0');
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Nothing before numbers before texts; texts in the order of their code units, as SQLite compares them. */
function compareKeys(one: SortKey, other: SortKey): number {
  for (const [index, value] of one.entries()) {
    const order = compareValues(value, other[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(one: string | number | null, other: string | number | null): number {
  const rank = (value: string | number | null): number =>
    value === null ? 0 : typeof value === 'number' ? 1 : 2;
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  if (one === other || one === null || other === null) return 0;
  return one < other ? -1 : 1;
}

const MOST_KEY_PARTS = 4;

/** A place in a list as callers carry it: opaque to them, and good for the same order only. */
export function writeCursor(order: Order, key: SortKey): string {
  return Buffer.from(JSON.stringify([orderName(order), ...key])).toString('base64url');
}

/** @throws OakumError OAK_CURSOR for what {@link writeCursor} did not write, or wrote for another order */
export function readCursor(order: Order, cursor: string): SortKey {
  const [forOrder, ...key] = parsed(cursor);
  const isKey =
    key.length > 0 &&
    key.length <= MOST_KEY_PARTS &&
    key.every((part) => part === null || typeof part === 'string' || Number.isFinite(part));
  if (forOrder !== orderName(order) || !isKey) throw new OakumError('OAK_CURSOR');
  return key as SortKey;
}

function orderName({ sort, descending }: Order): string {
  return `${descending ? '-' : ''}${sort}`;
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
