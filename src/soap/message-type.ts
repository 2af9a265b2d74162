import type { Passage } from './passage.ts';
import type { AnySimpleType, SimpleType } from './simple-type.ts';

/**
 * Messages are declared once, as data: name, order, type and occurrence of every element, with the
 * section that specifies it. The static types below, the decoder, the encoder and the WSDL all come from
 * the declaration.
 */
export type AnyType = AnySimpleType | ComplexType | ArrayType | IntArrayType;

export interface Field<T extends AnyType = AnyType> {
  readonly type: T;
  readonly min: 0 | 1;
  readonly nillable: boolean;
  /** Real clients send it, the published WSDL does not have it: understood, but left out of the WSDL. */
  readonly observed: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Attribute<T extends AnySimpleType = AnySimpleType> {
  readonly type: T;
  readonly required: boolean;
}

export type Attributes = Readonly<Record<string, Attribute>>;

export interface ComplexType<F extends Fields = Fields, A extends Attributes = Attributes> {
  readonly kind: 'complex';
  /** Name of the type in the WSDL. */
  readonly name: string;
  /** Section of the specification. */
  readonly section: string;
  /** In schema order, which is the order on the wire. */
  readonly fields: F;
  /** Their values stand beside those of the fields, so a type has no field and attribute of one name. */
  readonly attributes: A;
}

/** A complex type that is nothing but a repeated element; its value is simply an array. */
export interface ArrayType<I extends AnyType = AnyType> {
  readonly kind: 'array';
  readonly name: string;
  readonly item: string;
  readonly itemType: I;
  readonly itemNillable: boolean;
  readonly itemMin: 0 | 1;
}

/** ArrayOfInt: revision ids, up to tens of thousands per request, so its value is a typed array. */
export interface IntArrayType {
  readonly kind: 'ints';
  readonly name: string;
  readonly item: string;
}

/** What decoding yields: whatever the sender left out is undefined, whatever it nilled is null. */
export type Decoded<T> =
  T extends SimpleType<infer V>
    ? V
    : T extends IntArrayType
      ? Int32Array
      : T extends ArrayType<infer I>
        ? readonly Decoded<I>[]
        : T extends ComplexType<infer F, infer A>
          ? { readonly [K in keyof F]?: Decoded<F[K]['type']> | null } & DecodedAttributes<A>
          : never;

/** Types without attributes of their own have the general `Attributes`, which name none. */
type DecodedAttributes<A extends Attributes> = string extends keyof A
  ? unknown
  : { readonly [K in keyof A]?: Decoded<A[K]['type']> };

/** A type whose content is sent to many clients alike, so that it may be given as a {@link Passage}. */
export interface Kept {
  readonly kept: true;
}

/** Declares that an element's content may be encoded before and kept. */
export function kept<T extends AnySimpleType | ArrayType | ComplexType>(type: T): T & Kept {
  return { ...type, kept: true };
}

/**
 * What encoding takes: required elements and attributes must be there. Kept content may also be given as it
 * was encoded before.
 */
export type Encodable<T> =
  T extends SimpleType<infer V>
    ? V
    : T extends IntArrayType
      ? Int32Array | readonly number[]
      : T extends ArrayType<infer I>
        ? readonly Encodable<I>[]
        : T extends ComplexType<infer F, infer A>
          ? { readonly [K in RequiredFields<F>]: EncodableField<F[K]['type']> } & {
              readonly [K in keyof F]?: EncodableField<F[K]['type']> | null | undefined;
            } & EncodableAttributes<A>
          : never;

type EncodableField<T> = Encodable<T> | (T extends Kept ? Passage : never);

type EncodableAttributes<A extends Attributes> = string extends keyof A
  ? unknown
  : { readonly [K in RequiredAttributes<A>]: Decoded<A[K]['type']> } & {
      readonly [K in keyof A]?: Decoded<A[K]['type']> | undefined;
    };

type RequiredFields<F extends Fields> = { [K in keyof F]: F[K]['min'] extends 1 ? K : never }[keyof F];
type RequiredAttributes<A extends Attributes> = {
  [K in keyof A]: A[K]['required'] extends true ? K : never;
}[keyof A];

/** Declares a complex type. The order of `fields` is the order on the wire. */
export function complexType<const F extends Fields, const A extends Attributes = Attributes>(
  name: string,
  section: string,
  fields: F,
  attributes: A = {} as A,
): ComplexType<F, A> {
  return Object.freeze({ kind: 'complex', name, section, fields, attributes });
}

interface OccurrenceOptions {
  readonly nillable?: boolean;
}

/** minOccurs="1". Missing ones are still tolerated when decoding: old clients leave them out. */
export function required<T extends AnyType>(
  type: T,
  options: OccurrenceOptions = {},
): Field<T> & { readonly min: 1 } {
  return { type, min: 1, nillable: options.nillable ?? false, observed: false };
}

/** minOccurs="0". */
export function optional<T extends AnyType>(
  type: T,
  options: OccurrenceOptions = {},
): Field<T> & { readonly min: 0 } {
  return { type, min: 0, nillable: options.nillable ?? false, observed: false };
}

/** Sent by real clients although the published WSDL does not have it. */
export function observed<T extends AnyType>(type: T): Field<T> & { readonly min: 0 } {
  return { type, min: 0, nillable: true, observed: true };
}

/** use="required". A missing one is tolerated when decoding, like a missing element. */
export function requiredAttribute<T extends AnySimpleType>(
  type: T,
): Attribute<T> & { readonly required: true } {
  return { type, required: true };
}

/** An attribute that may be left out. */
export function optionalAttribute<T extends AnySimpleType>(
  type: T,
): Attribute<T> & { readonly required: false } {
  return { type, required: false };
}

interface ArrayOptions extends OccurrenceOptions {
  readonly min?: 0 | 1;
}

/** Declares an array type with the name its items have on the wire. */
export function arrayOf<T extends AnyType>(
  name: string,
  item: string,
  itemType: T,
  options: ArrayOptions = {},
): ArrayType<T> {
  return Object.freeze({
    kind: 'array',
    name,
    item,
    itemType,
    itemNillable: options.nillable ?? true,
    itemMin: options.min ?? 0,
  });
}

/** Declares an array type of integers, whose value is an Int32Array. */
export function intArray(name: string, item: string): IntArrayType {
  return Object.freeze({ kind: 'ints', name, item });
}
