import { Type, type TObject, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { declared, declaredProperties } from '../fleet/declared.ts';
import { pathNames, type AnyListOperation, type AnyOperation } from './operation.ts';
import { readCursor, type Order, type PageRequest } from './page.ts';

export type Input = Readonly<Record<string, unknown>>;

/** How much of a list is read at once at most, and unless something else is asked for. */
export const MOST_ITEMS = 1000;
const USUAL_ITEMS = 100;

/** What every list takes beside its filters. */
export const PAGING = Type.Object({
  limit: Type.Integer({
    default: USUAL_ITEMS,
    minimum: 1,
    maximum: MOST_ITEMS,
    description: 'Items of a page.',
  }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, description: 'Where the last page ended: its `next`.' }),
  ),
  sort: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'The order; `-` before the name: backwards.' }),
  ),
  fields: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 64,
      description: 'Only these properties of the items.',
    }),
  ),
});

/**
 * What an operation was asked for, as its declaration says, with the defaults.
 *
 * @throws OakumError OAK_INPUT_INVALID naming the first fault
 */
export function parseInput(operation: Pick<AnyOperation, 'input'>, given: Input): Input {
  return declared(operation.input, given, 'OAK_INPUT_INVALID');
}

/**
 * Texts of a query or a path as the values that the declaration wants. What cannot be one is left as it is, and
 * refused by {@link parseInput} in words about what was written.
 */
export function fromTexts(
  schema: TObject,
  texts: Readonly<Record<string, string | readonly string[]>>,
): Input {
  const properties: Readonly<Record<string, TSchema>> = schema.properties;
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      Object.hasOwn(properties, name) ? fromText(properties[name], text) : text,
    ]),
  );
}

function fromText(schema: TSchema, text: string | readonly string[]): unknown {
  const { type, items } = schema as { readonly type?: string; readonly items?: TSchema };
  if (type === 'array' && items !== undefined) {
    const texts = typeof text === 'string' ? [text] : text;
    return texts.map((one) => fromText(items, one));
  }
  if (typeof text !== 'string') return text;
  if (type === 'integer' || type === 'number') return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return { true: true, false: false }[text] ?? text;
  return text;
}

/** What a list was asked for: its filters, the page, and the properties of the items. */
export interface ListRequest {
  readonly filters: Input;
  readonly page: PageRequest;
  readonly fields: readonly string[] | undefined;
}

/** @throws OakumError OAK_INPUT_INVALID, OAK_CURSOR */
export function parseListInput(operation: AnyListOperation, given: Input): ListRequest {
  const isPaging = (name: string): boolean => Object.hasOwn(PAGING.properties, name);
  const entries = Object.entries(given);
  const filters = parseInput(operation, Object.fromEntries(entries.filter(([name]) => !isPaging(name))));
  const paging = declared(
    PAGING,
    Object.fromEntries(entries.filter(([name]) => isPaging(name))),
    'OAK_INPUT_INVALID',
  );
  const order = orderOf(operation, paging.sort);
  const names = Object.keys(declaredProperties(operation.item));
  return {
    filters,
    // Names have no commas; texts of other lists may.
    fields: paging.fields
      ?.flatMap((one) => one.split(','))
      .map((name) => known(name.trim(), names, 'fields')),
    page: {
      ...order,
      limit: paging.limit,
      ...(paging.cursor === undefined ? {} : { after: readCursor(order, paging.cursor) }),
    },
  };
}

/**
 * The order in which a list is read: what was asked for, or its usual one.
 *
 * @throws OakumError OAK_INPUT_INVALID
 */
export function orderOf(
  { sorts, usualSort = sorts[0] }: Pick<AnyListOperation, 'sorts' | 'usualSort'>,
  wanted = usualSort,
): Order {
  const descending = wanted.startsWith('-');
  return { sort: known(descending ? wanted.slice(1) : wanted, sorts, 'sort'), descending };
}

function known(name: string, names: readonly string[], parameter: string): string {
  if (names.includes(name)) return name;
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `Known are ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
  throw new OakumError('OAK_INPUT_INVALID', {
    detail: `"${parameter}" names "${name.slice(0, 80)}". ${hint}`,
  });
}

/** Only some properties of an object. */
export function onlyFields(item: Input, fields: readonly string[] | undefined): Input {
  if (fields === undefined) return item;
  return Object.fromEntries(
    fields.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]),
  );
}

/** The inputs of an operation or another route by where they travel. */
export function inputParts(
  operation: Pick<AnyOperation, 'input' | 'method' | 'path'> & {
    readonly kind?: AnyOperation['kind'];
    readonly isUpload?: boolean;
  },
): {
  readonly path: TObject;
  readonly query: TObject;
  readonly body: TObject | undefined;
} {
  const inPath = pathNames(operation);
  const rest = Object.keys(operation.input.properties).filter((name) => !inPath.includes(name));
  const isQuery = operation.method === 'GET' || operation.method === 'DELETE' || operation.isUpload === true;
  const picked = (names: readonly string[]): TObject => Type.Pick(operation.input, [...names]);
  const paging = operation.kind === 'list' ? PAGING.properties : {};
  return {
    path: picked(inPath),
    query: Type.Object({ ...(isQuery ? picked(rest).properties : {}), ...paging }),
    body: isQuery ? undefined : picked(rest),
  };
}

/** Whether a value is what a declaration says; for tests and for what comes from other servers. */
export function fits(schema: TSchema, value: unknown): boolean {
  return Value.Check(schema, value);
}
