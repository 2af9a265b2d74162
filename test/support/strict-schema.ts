import type { TSchema } from 'typebox';

/** The same schema, in which objects have no other properties than those that are declared. */
export function strictly(schema: TSchema): TSchema {
  return closed(structuredClone(JSON.parse(JSON.stringify(schema)))) as TSchema;
}

function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([name, value]) => [name, closed(value)] as const);
  const object = Object.fromEntries(entries) as Record<string, unknown>;
  if (object['type'] === 'object' && object['properties'] !== undefined && !('patternProperties' in object))
    object['additionalProperties'] ??= false;
  return object;
}
