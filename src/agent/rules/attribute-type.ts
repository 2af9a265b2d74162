import { parseDottedVersion, type DottedVersion } from '../machine/dotted-version.ts';
import { REGISTRY_VALUE_TYPES, type RegistryValueType } from '../machine/registry.ts';
import { dateTimeToMs, parseDateTime, parseGuid, type Guid } from '../../soap/simple-type.ts';
import {
  SCALAR_COMPARISONS,
  STRING_COMPARISONS,
  type ScalarComparison,
  type StringComparison,
} from './comparison.ts';

/** How an attribute of a rule is read ([MS-WUSP] 7, BaseTypes). */
export interface AttributeType<T> {
  /** Completes "is no ...". */
  readonly what: string;
  /** Undefined when the text is no value of the type. */
  readonly parse: (text: string) => T | undefined;
}

/** One attribute in an operator's declaration. `D` is what an absent one stands for. */
export interface AttributeDeclaration<T, D> {
  readonly type: AttributeType<T>;
  readonly isRequired: boolean;
  readonly otherwise: D;
}

export type AttributeTable = Readonly<Record<string, AttributeDeclaration<unknown, unknown>>>;

/** The values that the attributes of a table have. */
export type AttributeValues<T extends AttributeTable> = {
  readonly [K in keyof T]: T[K] extends AttributeDeclaration<infer V, infer D> ? V | D : never;
};

export function required<T>(type: AttributeType<T>): AttributeDeclaration<T, never> {
  return { type, isRequired: true, otherwise: undefined as never };
}

export function optional<T>(type: AttributeType<T>): AttributeDeclaration<T, undefined>;
export function optional<T>(type: AttributeType<T>, otherwise: NoInfer<T>): AttributeDeclaration<T, T>;
export function optional<T>(type: AttributeType<T>, otherwise?: T): AttributeDeclaration<T, T | undefined> {
  return { type, isRequired: false, otherwise };
}

function digits(what: string, minimum: number, maximum: number): AttributeType<number> {
  return {
    what,
    parse: (text) => {
      if (!/^\s*[+-]?\d{1,16}\s*$/.test(text)) return undefined;
      const value = Number(text);
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

/** One of some words. Letter case does not count: ProductReleaseVersion writes `greaterthan` (observed). */
function oneOf<const V extends string>(what: string, words: readonly V[]): AttributeType<V> {
  const known = new Map<string, V>(words.map((word) => [word.toLowerCase(), word]));
  return { what, parse: (text) => known.get(text.trim().toLowerCase()) };
}

export const anyText: AttributeType<string> = { what: 'text', parse: (text) => text };
export const someText: AttributeType<string> = {
  what: 'text of at least one character',
  parse: (text) => (text === '' ? undefined : text),
};
/** Text of a bounded length: what is done with paths costs more than their length. */
function shortText(what: string, minimum: number, maximum: number): AttributeType<string> {
  return { what, parse: (text) => (text.length >= minimum && text.length <= maximum ? text : undefined) };
}

export const filePath = shortText('FilePath', 1, 260);
export const registrySubkey = shortText('Subkey', 0, 255);
export const flag: AttributeType<boolean> = {
  what: 'boolean',
  parse: (text) => {
    const word = text.trim().toLowerCase();
    return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : undefined;
  },
};
export const int = digits('32-bit number', -0x8000_0000, 0x7fff_ffff);
export const unsignedShort = digits('number of 16 bits', 0, 0xffff);
export const unsignedInt = digits('number of 32 bits', 0, 0xffff_ffff);
export const fileSize = digits('file size', 0, Number.MAX_SAFE_INTEGER);
export const dottedVersion: AttributeType<DottedVersion> = { what: 'version', parse: parseDottedVersion };
export const guid: AttributeType<Guid> = { what: 'GUID', parse: (text) => parseGuid(text.trim()) };
/** Milliseconds since 1970; the further digits of a file time are cut off on both sides of a comparison. */
export const fileTime: AttributeType<number> = {
  what: 'dateTime',
  parse: (text) => {
    const time = parseDateTime(text.trim());
    return time === undefined ? undefined : dateTimeToMs(time);
  },
};
export const scalarComparison: AttributeType<ScalarComparison> = oneOf(
  'ScalarComparison',
  SCALAR_COMPARISONS,
);
export const stringComparison: AttributeType<StringComparison> = oneOf(
  'StringComparison',
  STRING_COMPARISONS,
);
export const anyComparison = oneOf('comparison', [...SCALAR_COMPARISONS, ...STRING_COMPARISONS]);
export const registryValueType: AttributeType<RegistryValueType> = oneOf(
  'RegistryValueType',
  REGISTRY_VALUE_TYPES,
);
export const registryRoot = oneOf('RegistryKey', ['HKEY_LOCAL_MACHINE', 'HKEY_LOOP_TARGET']);
export const loopLogic = oneOf('LoopLogic', ['Any', 'All', 'None']);
export const attributeKind = oneOf('DeviceAttribute type', ['String', 'Version']);
