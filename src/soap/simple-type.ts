import { Buffer } from 'node:buffer';

declare const guidBrand: unique symbol;
declare const dateTimeBrand: unique symbol;

/** A GUID without braces, in lower case: how .NET services write it, and fit for comparison. */
export type Guid = string & { readonly [guidBrand]: true };

/**
 * An xs:dateTime as written. Kept as text, so that seven fraction digits survive a round trip and the
 * hot path never parses a time it does not look at; {@link dateTimeToMs} reads it.
 */
export type DateTime = string & { readonly [dateTimeBrand]: true };

/** Any type of XML Schema, its values unknown. What can be done with all of them alike. */
export interface AnySimpleType {
  readonly kind: 'simple';
  /** Name in the WSDL: `s:int`, `s2:guid`, or `tns:DeploymentAction` for an enumeration. */
  readonly schemaName: string;
  /** Returns undefined when the text is no value of the type. Surrounding white space is gone already. */
  readonly parse: (text: string) => unknown;
  readonly format: (value: never) => string;
  /** The values of an enumeration. */
  readonly values?: readonly string[];
}

/** A type of XML Schema (or an enumeration over strings) and how its values are read and written. */
export interface SimpleType<T> extends AnySimpleType {
  readonly parse: (text: string) => T | undefined;
  readonly format: (value: T) => string;
}

function simple<T>(
  schemaName: string,
  parse: (text: string) => T | undefined,
  format: (value: T) => string,
): SimpleType<T> {
  return Object.freeze({ kind: 'simple', schemaName, parse, format });
}

function integer(schemaName: string, minimum: number, maximum: number): SimpleType<number> {
  return simple(
    schemaName,
    (text) => {
      if (!/^[+-]?\d{1,12}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= minimum && value <= maximum ? value : undefined;
    },
    String,
  );
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A GUID from text in any letter case, with or without braces; undefined if it is none. */
export function parseGuid(text: string): Guid | undefined {
  const bare = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  return GUID.test(bare) ? (bare.toLowerCase() as Guid) : undefined;
}

const DATE_TIME = /^(-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?$/;

/** A dateTime from its lexical form (XML Schema 2, 3.2.7); undefined if it is none. */
export function parseDateTime(text: string): DateTime | undefined {
  return DATE_TIME.test(text) && !Number.isNaN(dateTimeToMs(text as DateTime))
    ? (text as DateTime)
    : undefined;
}

/** Milliseconds since 1970. A time without a zone is UTC, as every peer of these protocols means it. */
export function dateTimeToMs(value: DateTime): number {
  const parts = DATE_TIME.exec(value);
  if (parts === null) return Number.NaN;
  const milliseconds = (parts[2] ?? '').padEnd(3, '0').slice(0, 3);
  return Date.parse(`${parts[1]}.${milliseconds}${parts[3] ?? 'Z'}`);
}

/** The dateTime of an instant, as .NET writes it: UTC, without trailing zeros in the fraction. */
export function dateTimeFromMs(ms: number): DateTime {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, 'Z') as DateTime;
}

// Looks for what does not belong, so that it never backtracks: a pattern for the whole text exhausts the
// stack of the regular expression engine on some megabytes.
const NOT_BASE64 = /[^A-Za-z0-9+/]/;

function parseBase64(text: string): Buffer | undefined {
  const compact = /[ \t\r\n]/.test(text) ? text.replace(/[ \t\r\n]+/g, '') : text;
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  const digits = padding === 0 ? compact : compact.slice(0, -padding);
  if (compact.length % 4 !== 0 || NOT_BASE64.test(digits)) return undefined;
  return Buffer.from(compact, 'base64');
}

/** The values of 64 bits; like {@link short}, both readings of the top bit are accepted. */
function parseLong(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -(2n ** 63n) && value < 2n ** 64n ? BigInt.asIntN(64, value) : undefined;
}

export const string: SimpleType<string> = simple(
  's:string',
  (text) => text,
  (value) => value,
);
export const int = integer('s:int', -0x8000_0000, 0x7fff_ffff);
/** Windows sends masks with the top bit set either way, so both readings of 16 bits are accepted. */
export const short = integer('s:short', -0x8000, 0xffff);
export const unsignedByte = integer('s:unsignedByte', 0, 0xff);
export const unsignedInt = integer('s:unsignedInt', 0, 0xffff_ffff);
export const boolean: SimpleType<boolean> = simple(
  's:boolean',
  (text) => (text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined),
  String,
);
export const long: SimpleType<bigint> = simple('s:long', parseLong, String);
export const dateTime: SimpleType<DateTime> = simple('s:dateTime', parseDateTime, (value) => value);
export const guid: SimpleType<Guid> = simple('s2:guid', parseGuid, (value) => value);
export const base64Binary: SimpleType<Buffer> = simple('s:base64Binary', parseBase64, (value) =>
  value.toString('base64'),
);

/**
 * A string restricted to a list. Letter case counts.
 *
 * @param options.otherwise the value that stands for every text outside the list. For lists that grow
 * with Windows, where one unknown word must not cost the message it stands in. Without it such a text is
 * no value of the type.
 */
export function enumeration<const V extends string>(
  name: string,
  values: readonly V[],
  options: { readonly otherwise?: NoInfer<V> } = {},
): SimpleType<V> {
  const known = new Map<string, V>(values.map((value) => [value, value]));
  return Object.freeze({
    kind: 'simple',
    schemaName: `tns:${name}`,
    parse: (text: string) => known.get(text) ?? options.otherwise,
    format: (value: V) => value,
    values,
  });
}
