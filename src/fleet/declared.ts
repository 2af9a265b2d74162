import type { Static, TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Value } from 'typebox/value';
import type { ErrorCode } from '../errors/catalogue.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { OakumError } from '../errors/oakum-error.ts';

/** What declarations of objects look like from outside. */
export interface DeclaredProperty {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: DeclaredProperty;
  readonly enum?: readonly string[];
}

/** The properties of a declared object, by name, in the order of the declaration. */
export function declaredProperties(schema: TSchema): Readonly<Record<string, DeclaredProperty>> {
  return (schema as { readonly properties?: Record<string, DeclaredProperty> }).properties ?? {};
}

/**
 * Data from outside as its declaration says, with defaults for what is left out.
 *
 * @throws OakumError with the code given; the detail names the first fault and, for a wrong name, the nearest
 */
export function declared<Schema extends TSchema>(
  schema: Schema,
  data: unknown,
  code: ErrorCode,
): Static<Schema> {
  const known = Object.keys(declaredProperties(schema));
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new OakumError(code, { detail: 'It is not an object.' });
  }
  const unknown = Object.keys(data).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known);
    const hint = nearest === undefined ? `Known are ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
    throw new OakumError(code, { detail: `"${unknown.slice(0, 80)}" is not known. ${hint}` });
  }
  const whole = Value.Default(schema, structuredClone(data));
  if (Value.Check(schema, whole)) return whole;
  const faults = Value.Errors(schema, whole);
  const [first] = faults;
  const where = first.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const name = where === '' ? 'It ' : `"${where}" `;
  throw new OakumError(code, { detail: `${name}${faultText(faults)}.` });
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** The first thing that does not fit a declaration, in words that follow the name of the part; without a full stop. */
export function faultText(faults: readonly TLocalizedValidationError[]): string {
  const [first] = faults;
  // Each way to fit that did not is a fault of its own.
  const ways = faults.filter(({ instancePath }) => instancePath === first.instancePath);
  if (first.keyword === 'required')
    return `lacks ${first.params.requiredProperties.map((name) => `"${name}"`).join(' and ')}`;
  if (first.keyword === 'type') {
    const types = ways.flatMap((way) => (way.keyword === 'type' ? way.params.type : []));
    return `must be ${types.map((type) => TYPES[type] ?? type).join(' or ')}`;
  }
  if (first.keyword === 'const') {
    const values = ways.flatMap((way) => (way.keyword === 'const' ? [way.params.allowedValue] : []));
    return `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`;
  }
  if (first.keyword === 'enum') return `must be one of ${first.params.allowedValues.map(String).join(', ')}`;
  if (first.keyword === 'minimum') return `must be ${first.params.limit} or more`;
  if (first.keyword === 'maximum') return `must be ${first.params.limit} or less`;
  return first.message.replace(/\.$/, '');
}
