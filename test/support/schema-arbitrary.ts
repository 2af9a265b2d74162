import fc, { type Arbitrary } from 'fast-check';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

const LONGEST = 40;

/** Values that a JSON schema allows, strange ones before all. */
export function valuesOf(schema: Schema): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valuesOf));
  switch (schema.type) {
    case 'string':
      return textsOf(schema);
    case 'integer':
    case 'number': {
      const min = schema.minimum ?? Number.MIN_SAFE_INTEGER;
      const max = schema.maximum ?? Number.MAX_SAFE_INTEGER;
      return fc.oneof(
        fc.constantFrom(min, max),
        fc.maxSafeInteger().map((n) => Math.min(max, Math.max(min, n))),
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, Math.max(5, schema.minItems ?? 0)),
      });
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, property]) => [name, valuesOf(property)]),
        ),
        { requiredKeys: [...(schema.required ?? [])] },
      );
    case undefined:
    default:
      return fc.jsonValue();
  }
}

function textsOf({ minLength = 0, maxLength = LONGEST, pattern }: Schema): Arbitrary<string> {
  // Anchored patterns without look-around, as declarations have them.
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'));
  const within = (text: string): boolean => text.length >= minLength && text.length <= maxLength;
  return fc.oneof(
    fc
      .string({ unit: 'binary', minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONGEST)) })
      .filter(within),
    fc
      .constantFrom(
        'Berlin',
        'All Computers',
        '%',
        "' OR 1=1 --",
        '\u0000',
        '../..',
        '__proto__',
        '*',
        '"',
        'KB5066835',
      )
      .filter(within),
    fc.uuid().filter(within),
  );
}
