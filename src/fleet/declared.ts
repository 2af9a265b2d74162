import type { Static, TSchema } from 'typebox';
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
  const [first] = Value.Errors(schema, whole);
  const where = first.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const name = where === '' ? '' : `"${where}" `;
  throw new OakumError(code, { detail: `${name}${first.message.replace(/\.$/, '')}.` });
}
