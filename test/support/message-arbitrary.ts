import fc, { type Arbitrary } from 'fast-check';
import type { AnyType, ComplexType } from '../../src/soap/message-type.ts';
import { dateTimeFromMs, type AnySimpleType } from '../../src/soap/simple-type.ts';

// Everything a document can carry, with what is easily lost on the way drawn often.
const character = fc.oneof(
  fc.constantFrom(
    ' ',
    '\n',
    '\t',
    '\r',
    '<',
    '>',
    '&',
    '"',
    "'",
    ']]>',
    '\u0085',
    '\u2028',
    '\u{1F600}',
    'é',
  ),
  fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 1 }).filter(isXml),
);
const text = fc.string({ unit: character, maxLength: 12 });

// XML 1.0, 2.2, as the complement.
function isXml(candidate: string): boolean {
  return !/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u.test(candidate);
}

const SIMPLE: Readonly<Record<string, Arbitrary<unknown>>> = {
  's:string': text,
  's:boolean': fc.boolean(),
  's:unsignedByte': fc.integer({ min: 0, max: 0xff }),
  's:short': fc.integer({ min: -0x8000, max: 0xffff }),
  's:int': fc.integer(),
  's:unsignedInt': fc.integer({ min: 0, max: 0xffff_ffff }),
  's:long': fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  's:dateTime': fc
    .integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.UTC(9999, 11, 31) })
    .map(dateTimeFromMs),
  's:base64Binary': fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  's2:guid': fc.uuid(),
};

/** Values that a declaration allows, as the encoder takes them. */
export function messageArbitrary(type: ComplexType): Arbitrary<Readonly<Record<string, unknown>>> {
  const parts: Record<string, Arbitrary<unknown>> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const value = arbitraryOf(field.type);
    parts[name] = field.nillable ? fc.option(value) : value;
    if (field.min === 1) required.push(name);
  }
  for (const [name, attribute] of Object.entries(type.attributes)) {
    parts[name] = simple(attribute.type);
    if (attribute.required) required.push(name);
  }
  return fc.record(parts, { requiredKeys: required, noNullPrototype: true });
}

function arbitraryOf(type: AnyType): Arbitrary<unknown> {
  switch (type.kind) {
    case 'simple':
      return simple(type);
    case 'ints':
      return fc.array(fc.integer(), { maxLength: 200 }).map((ids) => Int32Array.from(ids));
    case 'array':
      return fc.array(arbitraryOf(type.itemType), { maxLength: 3 });
    case 'complex':
      return messageArbitrary(type);
  }
}

function simple(type: AnySimpleType): Arbitrary<unknown> {
  return type.values === undefined ? SIMPLE[type.schemaName] : fc.constantFrom(...type.values);
}
