import { Type, type TNull, type TOptional, type TProperties, type TSchema, type TUnion } from 'typebox';

/** Properties of a declared object as the input of a change and as an answer, so that they are declared once. */

type Changes<Properties extends TProperties> = {
  [Name in keyof Properties]: TOptional<TUnion<[Properties[Name], TNull]>>;
};

/** Bounds of what may be sent. What was stored once is shown, however long the names in it have become. */
const BOUNDS = ['default', 'minLength', 'maxLength', 'minItems', 'maxItems'];

/** What an answer has. */
export function answered<Properties extends TProperties>(properties: Properties): Properties {
  return eachWithout(properties, BOUNDS);
}

/** What a change may say: any of it; null goes back to the default. */
export function changes<Properties extends TProperties>(properties: Properties): Changes<Properties> {
  // A default would change what was left out.
  const entries = Object.entries(eachWithout(properties, ['default'])).map(([name, schema]) => {
    const { description } = schema as { readonly description?: string };
    const either = Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
    return [name, Type.Optional(either)];
  });
  return Object.fromEntries(entries) as Changes<Properties>;
}

function eachWithout<Properties extends TProperties>(
  properties: Properties,
  names: readonly string[],
): Properties {
  const entries = Object.entries(properties).map(([name, schema]) => [name, without(schema, names)]);
  return Object.fromEntries(entries) as Properties;
}

/** A schema also has properties that are not enumerable: they tell its kind. */
function without(schema: TSchema, names: readonly string[]): TSchema {
  const kept = Object.entries(Object.getOwnPropertyDescriptors(schema)).filter(
    ([name]) => !names.includes(name),
  );
  const copy = Object.defineProperties({}, Object.fromEntries(kept)) as {
    items?: TSchema;
    properties?: TProperties;
  };
  if (copy.items !== undefined) copy.items = without(copy.items, names);
  if (copy.properties !== undefined) copy.properties = eachWithout(copy.properties, names);
  return copy;
}
