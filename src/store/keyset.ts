import { sql, type RawBuilder, type SqlBool } from 'kysely';
import { OakumError } from '../errors/oakum-error.ts';

/** The place of an item in a list: the values of the columns that order it. */
export type PlaceKey = readonly (string | number | null)[];

/** What is read of a list at once. */
export interface ListPage {
  /** At least 1. */
  readonly limit: number;
  /** The list's usual order when left out. */
  readonly sort?: string;
  readonly descending?: boolean;
  /** Only what comes behind this place. */
  readonly after?: PlaceKey;
}

export interface ListPart<Item> {
  readonly items: readonly Item[];
  /** The place of the last item when more follow. */
  readonly next?: PlaceKey;
}

/** In which orders a list can be read. */
export interface SortTable {
  /** One of the names, `-` before it: backwards. */
  readonly usual: string;
  /**
   * For each name the columns that order the list, the last of which tell equal ones apart. Only the first of them
   * may be NULL, which comes before everything else.
   */
  readonly keys: Readonly<Record<string, readonly RawBuilder<unknown>[]>>;
  /** Names whose first column is never NULL: only then does an index serve the list backwards. */
  readonly neverNull?: readonly string[];
}

/** The names that a list can be sorted by. */
export function sortNames({ usual, keys }: SortTable): [string, ...string[]] {
  const first = usual.replace(/^-/, '');
  return [first, ...Object.keys(keys).filter((name) => name !== first)];
}

/** What rows have when they were selected with {@link Keyset.keys}. */
export interface KeyColumns {
  readonly key_0: string | number | null;
  readonly key_1?: string | number | null;
  readonly key_2?: string | number | null;
}

/** What a query needs in order to begin behind a place, whatever was inserted or deleted before it meanwhile. */
export interface Keyset {
  readonly sort: string;
  readonly descending: boolean;
  /** For SELECT. */
  readonly keys: RawBuilder<unknown>;
  /** For WHERE. */
  readonly behind: RawBuilder<SqlBool>;
  /** For ORDER BY. */
  readonly order: RawBuilder<unknown>;
  /** For ORDER BY around a query that selects the keys: what is looked up for a page must not travel through its sort. */
  readonly orderOfKeys: RawBuilder<unknown>;
  /** For LIMIT: one more than the page, which tells whether more follow. */
  readonly limit: number;
}

/** @throws OakumError OAK_CURSOR for a place in a list that is ordered by something else */
export function keyset({ usual, keys, neverNull }: SortTable, page: ListPage): Keyset {
  const sort = page.sort ?? usual.replace(/^-/, '');
  const descending = page.sort === undefined ? usual.startsWith('-') : page.descending === true;
  const columns = keys[sort];
  const directed = (some: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
    sql.join(some.map((one) => (descending ? sql`${one} DESC` : one)));
  const names = columns.map((_, index) => sql.ref(`key_${index}`));
  return {
    sort,
    descending,
    keys: sql.join(columns.map((column, index) => sql`${column} AS ${names[index]}`)),
    behind:
      page.after === undefined
        ? sql<SqlBool>`TRUE`
        : behind(columns, page.after, { descending, mayBeNull: neverNull?.includes(sort) !== true }),
    order: directed(columns),
    orderOfKeys: directed(names),
    limit: page.limit + 1,
  };
}

function behind(
  columns: readonly RawBuilder<unknown>[],
  after: PlaceKey,
  { descending, mayBeNull }: { readonly descending: boolean; readonly mayBeNull: boolean },
): RawBuilder<SqlBool> {
  if (after.length !== columns.length) throw new OakumError('OAK_CURSOR');
  const [first, ...rest] = columns;
  const [value, ...values] = after;
  const row = (some: readonly unknown[]): RawBuilder<unknown> => sql`(${sql.join(some)})`;
  const operator = descending ? sql`<` : sql`>`;
  if (value === null) {
    const further = rest.length === 0 ? sql`FALSE` : sql`${row(rest)} ${operator} ${row(values)}`;
    return descending
      ? sql<SqlBool>`(${first} IS NULL AND ${further})`
      : sql<SqlBool>`(${first} IS NOT NULL OR ${further})`;
  }
  // A comparison of rows, because an index serves it. A column that is NULL is neither before nor behind.
  const compared = sql<SqlBool>`${row(columns)} ${operator} ${row(after)}`;
  return descending && mayBeNull ? sql<SqlBool>`(${compared} OR ${first} IS NULL)` : compared;
}

/** The items of rows that were read up to {@link Keyset.limit}. */
export function partOf<Row extends KeyColumns, Item>(
  rows: readonly Row[],
  { limit }: Pick<ListPage, 'limit'>,
  itemOf: (row: Row) => Item,
): ListPart<Item> {
  const items = rows.slice(0, limit).map(itemOf);
  const last = rows[limit - 1];
  return rows.length > limit ? { items, next: placeOf(last) } : { items };
}

function placeOf({ key_0: first, key_1: second, key_2: third }: KeyColumns): PlaceKey {
  return [first, second, third].filter((value) => value !== undefined);
}
