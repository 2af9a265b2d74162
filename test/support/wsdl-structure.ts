import { SaxesParser } from 'saxes';

/** What the prefixes in this file stand for. */
const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  wsdl: ['http://schemas.xmlsoap.org/wsdl/'],
  s: ['http://www.w3.org/2001/XMLSchema'],
  soap: ['http://schemas.xmlsoap.org/wsdl/soap/', 'http://schemas.xmlsoap.org/wsdl/soap12/'],
};

/**
 * What a WSDL 1.1 document says, prefixes, formatting and the order of independent components aside. Order
 * is kept where it has a meaning: elements of a sequence, values of an enumeration. Names are written
 * `{namespace}local`.
 *
 * Reads with an independent parser, and throws on every element and attribute it does not know, so that
 * nothing can be left out of a comparison by accident.
 */
export function readWsdlStructure(source: string): unknown {
  return parse(source).only('wsdl:definitions', (definitions) => ({
    targetNamespace: definitions.attribute('targetNamespace'),
    schemas: definitions.only('wsdl:types', (types) => types.each('s:schema', 'targetNamespace', readSchema)),
    messages: definitions.each('wsdl:message', 'name', (message) =>
      message.each('wsdl:part', 'name', (part) => part.qualified('element')),
    ),
    portTypes: definitions.each('wsdl:portType', 'name', (portType) =>
      portType.each('wsdl:operation', 'name', (operation) => ({
        input: operation.only('wsdl:input', (input) => input.qualified('message')),
        output: operation.only('wsdl:output', (output) => output.qualified('message')),
      })),
    ),
    bindings: definitions.each('wsdl:binding', 'name', readBinding),
    services: definitions.each('wsdl:service', 'name', (service) =>
      service.each('wsdl:port', 'name', (port) => ({
        binding: port.qualified('binding'),
        address: port.only('soap:address', (address) => [address.uri, address.attribute('location')]),
      })),
    ),
  }));
}

function readSchema(schema: Element): unknown {
  return {
    elementFormDefault: schema.attribute('elementFormDefault'),
    imports: schema.list('s:import', (imported) => imported.attribute('namespace')),
    elements: schema.each('s:element', 'name', (element) => element.only('s:complexType', readComplexType)),
    complexTypes: schema.each('s:complexType', 'name', readComplexType),
    simpleTypes: schema.each('s:simpleType', 'name', (type) =>
      type.only('s:restriction', (restriction) => ({
        base: restriction.qualified('base'),
        enumerations: restriction.list('s:enumeration', (value) => value.attribute('value')),
        patterns: restriction.list('s:pattern', (value) => value.attribute('value')),
      })),
    ),
  };
}

function readComplexType(type: Element): unknown {
  const sequences = type.list('s:sequence', (sequence) =>
    sequence.list('s:element', (field) => ({
      name: field.attribute('name'),
      type: field.qualified('type'),
      min: field.attribute('minOccurs', '1'),
      max: field.attribute('maxOccurs', '1'),
      nillable: field.attribute('nillable', 'false'),
    })),
  );
  return {
    fields: sequences.flat(),
    attributes: type.each('s:attribute', 'name', (attribute) => ({
      type: attribute.qualified('type'),
      use: attribute.attribute('use', 'optional'),
    })),
  };
}

function readBinding(binding: Element): unknown {
  const readBody = (direction: Element): unknown =>
    direction.only('soap:body', (body) => [body.uri, body.attribute('use')]);
  return {
    type: binding.qualified('type'),
    extension: binding.only('soap:binding', (soap) => [soap.uri, soap.attribute('transport')]),
    operations: binding.each('wsdl:operation', 'name', (operation) => ({
      extension: operation.only('soap:operation', (soap) => [
        soap.uri,
        soap.attribute('soapAction'),
        soap.attribute('style'),
      ]),
      input: operation.only('wsdl:input', readBody),
      output: operation.only('wsdl:output', readBody),
    })),
  };
}

/** An element that knows what has been read of it. Every reader of children fails if they hold any more. */
class Element {
  readonly uri: string;
  readonly local: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly #attributes: Map<string, string>;
  #children: Element[] = [];

  constructor(
    uri: string,
    local: string,
    scope: Readonly<Record<string, string>>,
    attributes: Map<string, string>,
  ) {
    this.uri = uri;
    this.local = local;
    this.scope = scope;
    this.#attributes = attributes;
  }

  add(child: Element): void {
    this.#children.push(child);
  }

  attribute(name: string, otherwise?: string): string {
    const value = this.#attributes.get(name) ?? otherwise;
    if (value === undefined) throw new Error(`${this.local} has no ${name}`);
    this.#attributes.delete(name);
    return value;
  }

  /** An attribute that holds a qualified name, resolved. */
  qualified(name: string): string {
    const [local, prefix = ''] = this.attribute(name).split(':').toReversed();
    const uri = this.scope[prefix];
    if (uri === undefined) throw new Error(`${this.local} uses the unbound prefix ${prefix}`);
    return `{${uri}}${local}`;
  }

  /** What `read` makes of the children of a name such as `wsdl:types`, in document order. */
  list<T>(name: string, read: (element: Element) => T): T[] {
    const [prefix, local] = name.split(':');
    const isNamed = (child: Element): boolean =>
      child.local === local && (NAMESPACES[prefix] ?? []).includes(child.uri);
    const found = this.#children.filter(isNamed);
    this.#children = this.#children.filter((child) => !isNamed(child));
    return found.map((child) => {
      const value = read(child);
      child.#done();
      return value;
    });
  }

  /** The same for a child that stands there exactly once. */
  only<T>(name: string, read: (element: Element) => T): T {
    const values = this.list(name, read);
    if (values.length !== 1) throw new Error(`${this.local} has ${values.length} elements ${name}`);
    return values[0];
  }

  /** The same for children that are told apart by an attribute. */
  each(name: string, key: string, read: (element: Element) => unknown): Readonly<Record<string, unknown>> {
    const entries = this.list(name, (child) => [child.attribute(key), read(child)] as const);
    const values = Object.fromEntries(entries);
    if (Object.keys(values).length !== entries.length) throw new Error(`two ${name} have one ${key}`);
    return values;
  }

  #done(): void {
    const rest = [...this.#attributes.keys(), ...this.#children.map((child) => child.local)];
    if (rest.length > 0) throw new Error(`${this.local} has unknown ${rest.join(', ')}`);
  }
}

function parse(source: string): Element {
  const root = new Element('', 'document', {}, new Map());
  const open = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    const parent = open.at(-1) ?? root;
    const attributes = Object.values(tag.attributes)
      .filter((attribute) => attribute.prefix !== 'xmlns')
      .map((attribute) => [attribute.name, attribute.value] as const);
    const element = new Element(tag.uri, tag.local, { ...parent.scope, ...tag.ns }, new Map(attributes));
    parent.add(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', (text) => {
    if (text.trim() !== '') throw new Error(`text in a service description: ${text}`);
  });
  parser.write(source).close();
  return root;
}
