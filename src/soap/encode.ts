import { escapeAttribute } from '../xml/text.ts';
import { XmlWriter } from '../xml/writer.ts';
import type { AnyType, ArrayType, ComplexType, Encodable } from './message-type.ts';
import { ownBytes } from './own-bytes.ts';
import { blocksOf, Passage } from './passage.ts';
import { fieldsOf } from './service.ts';

/** How the Windows Update Agent writes a nil element. */
const NIL = ' a:nil="true" xmlns:a="http://www.w3.org/2001/XMLSchema-instance"';

/** Writes the content of an element; false if there is none, in which case nothing was written. */
type EncodeContent = (writer: XmlWriter, message: Message, open: string) => boolean;
type Encode = (writer: XmlWriter, value: unknown) => void;
type Message = Readonly<Record<string, unknown>>;

const encoders = new WeakMap<ComplexType, EncodeContent>();

/**
 * Writes a message as an element, its children in schema order; without content as an empty element. A
 * required element or attribute that is missing is a mistake of the program and raises a TypeError.
 *
 * @param value what the declaration says
 * @param declarations markup after the element's name, such as a namespace declaration
 */
export function encodeElement<T extends ComplexType>(
  writer: XmlWriter,
  name: string,
  type: T,
  value: Encodable<T>,
  declarations = '',
): void {
  const message = value as Message;
  const tag = name + declarations + attributesOf(type, message);
  if (contentEncoderOf(type)(writer, message, `<${tag}>`)) writer.markup(`</${name}>`);
  else writer.empty(tag);
}

/**
 * What stands inside an element: what may be given for the element itself from then on. Costs a copy; content
 * that is kept compressed stays so.
 */
export function encodeContent<T extends ArrayType | ComplexType>(
  type: T,
  value: Encodable<T>,
  emptyEnd: '/>' | ' />' = '/>',
): Passage {
  const writer = new XmlWriter(emptyEnd);
  if (type.kind === 'complex') contentEncoderOf(type)(writer, value as Message, '');
  else {
    const encodeItem = elementEncoder(type.item, type.itemType);
    for (const item of value as readonly unknown[]) encodeItem(writer, item);
  }
  return new Passage(ownBytes(...writer.pieces().map(blocksOf)));
}

function attributesOf(type: ComplexType, message: Message): string {
  let markup = '';
  for (const name in type.attributes) {
    const attribute = type.attributes[name];
    const value = message[name];
    if (value !== undefined) markup += ` ${name}="${escapeAttribute(attribute.type.format(value as never))}"`;
    else if (attribute.required) throw new TypeError(`${type.name}.${name} is missing`);
  }
  return markup;
}

// Compiled once per type: a page of 200 updates is 3,000 elements, and looking each declaration up
// again would cost more than writing it.
function contentEncoderOf(type: ComplexType): EncodeContent {
  const known = encoders.get(type);
  if (known !== undefined) return known;
  const fields = fieldsOf(type).map(([name, field]) => ({
    name,
    nil: `${name}${NIL}`,
    required: field.min === 1,
    encode: elementEncoder(name, field.type),
  }));
  const encode: EncodeContent = (writer, message, open) => {
    let opened = false;
    for (const field of fields) {
      const child = message[field.name];
      if (child === undefined) {
        if (field.required) throw new TypeError(`${type.name}.${field.name} is missing`);
        continue;
      }
      if (!opened) {
        writer.markup(open);
        opened = true;
      }
      if (child === null) writer.empty(field.nil);
      else field.encode(writer, child);
    }
    return opened;
  };
  encoders.set(type, encode);
  return encode;
}

function elementEncoder(name: string, type: AnyType): Encode {
  const open = `<${name}>`;
  const close = `</${name}>`;
  const encode = valueEncoder(name, type);
  return (writer, value) => {
    if (!(value instanceof Passage)) encode(writer, value);
    else if (value.blocks.length === 0) writer.empty(name);
    else writer.markup(open).encoded(value).markup(close);
  };
}

function valueEncoder(name: string, type: AnyType): Encode {
  const open = `<${name}>`;
  const close = `</${name}>`;
  switch (type.kind) {
    case 'simple':
      return (writer, value) => {
        const text = type.format(value as never);
        if (text === '') writer.empty(name);
        else writer.markup(open).text(text).markup(close);
      };
    case 'ints':
      return (writer, value) => {
        const ids = value as Int32Array | readonly number[];
        if (ids.length === 0) {
          writer.empty(name);
          return;
        }
        let markup = open;
        for (const id of ids) markup += `<${type.item}>${id}</${type.item}>`;
        writer.markup(markup + close);
      };
    case 'array': {
      const encodeItem = elementEncoder(type.item, type.itemType);
      return (writer, value) => {
        const items = value as readonly unknown[];
        if (items.length === 0) {
          writer.empty(name);
          return;
        }
        writer.markup(open);
        for (const item of items) encodeItem(writer, item);
        writer.markup(close);
      };
    }
    case 'complex':
      return (writer, value) => {
        encodeElement(writer, name, type, value as Encodable<ComplexType>);
      };
  }
}
