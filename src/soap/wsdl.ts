import type { Buffer } from 'node:buffer';
import { escapeAttribute } from '../xml/text.ts';
import { XmlWriter } from '../xml/writer.ts';
import type { AnyType, ArrayType, ComplexType, Field } from './message-type.ts';
import { fieldsOf, soapAction, type Operation, type ServiceDeclaration } from './service.ts';
import { guid, int } from './simple-type.ts';

const GUID_NAMESPACE = 'http://microsoft.com/wsdl/types/';

const NAMESPACES = {
  'xmlns:wsdl': 'http://schemas.xmlsoap.org/wsdl/',
  'xmlns:soap': 'http://schemas.xmlsoap.org/wsdl/soap/',
  'xmlns:soap12': 'http://schemas.xmlsoap.org/wsdl/soap12/',
  'xmlns:s': 'http://www.w3.org/2001/XMLSchema',
  'xmlns:s2': GUID_NAMESPACE,
};

/** Prefix of the extension elements of each SOAP version, and what its port's name ends in. */
const SOAP_BINDINGS = [
  { prefix: 'soap', suffix: '' },
  { prefix: 'soap12', suffix: '12' },
] as const;

/**
 * The service description that `?wsdl` answers: WSDL 1.1, document/literal, bound to SOAP 1.1 and 1.2, from
 * the same declaration that decodes the messages. Observed elements are left out.
 *
 * @param addressBase scheme and authority under which the service is reached, such as `http://host:8530`
 * @returns the document, in UTF-8
 * @throws TypeError if the declaration has two different types of one name
 */
export function writeWsdl(service: ServiceDeclaration, addressBase: string): Buffer {
  const operations = Object.values(service.operations);
  const location = addressBase + (service.wsdlPath ?? service.path);
  const definitions = element(
    'wsdl:definitions',
    { ...NAMESPACES, 'xmlns:tns': service.namespace, targetNamespace: service.namespace },
    [
      element('wsdl:types', {}, schemas(service, operations)),
      ...operations.flatMap(({ name, request, response }) => [
        message(`${name}SoapIn`, request.name),
        message(`${name}SoapOut`, response.name),
      ]),
      portType(service, operations),
      ...SOAP_BINDINGS.map(({ prefix, suffix }) => binding(service, operations, prefix, suffix)),
      element(
        'wsdl:service',
        { name: service.name },
        SOAP_BINDINGS.map(({ prefix, suffix }) => {
          const name = service.portName + suffix;
          const address = element(`${prefix}:address`, { location });
          return element('wsdl:port', { name, binding: `tns:${name}` }, [address]);
        }),
      ),
    ],
  );
  const writer = new XmlWriter();
  writer.markup('<?xml version="1.0" encoding="utf-8"?>\n');
  render(writer, definitions, '');
  return writer.toBuffer();
}

// --- Types -----------------------------------------------------------------------------------------

function schemas(service: ServiceDeclaration, operations: readonly Operation[]): readonly Element[] {
  const known = new Set<AnyType>();
  const components: Element[] = [];
  for (const { request, response } of operations) {
    for (const type of [request, response]) {
      components.push(element('s:element', { name: type.name }, [complexType(type, {})]));
      for (const part of partsOf(type)) collect(part, known, components);
    }
  }
  for (const type of service.furtherTypes ?? []) collect(type, known, components);
  checkNames(known);
  if (!known.has(guid)) return [schema(service.namespace, components)];
  const imported = element('s:import', { namespace: GUID_NAMESPACE });
  return [schema(service.namespace, [imported, ...components]), schema(GUID_NAMESPACE, [GUID_TYPE])];
}

function schema(targetNamespace: string, components: readonly Element[]): Element {
  return element('s:schema', { elementFormDefault: 'qualified', targetNamespace }, components);
}

/** Adds a type where it is used first, and behind it the types it is made of; each once. */
function collect(type: AnyType, known: Set<AnyType>, components: Element[]): void {
  if (known.has(type)) return;
  known.add(type);
  const component = componentOf(type);
  if (component !== undefined) components.push(component);
  for (const part of partsOf(type)) collect(part, known, components);
}

function checkNames(types: ReadonlySet<AnyType>): void {
  const named = [...types].map(typeName).filter((name) => name.startsWith('tns:'));
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`two types are called ${twice}`);
}

/** The types that a type's own definition refers to. */
function partsOf(type: AnyType): readonly AnyType[] {
  if (type.kind === 'array') return [type.itemType];
  if (type.kind !== 'complex') return [];
  return [...describedFields(type), ...Object.entries(type.attributes)].map(([, part]) => part.type);
}

function describedFields(type: ComplexType): readonly (readonly [string, Field])[] {
  return fieldsOf(type).filter(([, field]) => !field.observed);
}

/** The definition of a type that has one of its own; undefined for those of XML Schema, and for guid. */
function componentOf(type: AnyType): Element | undefined {
  switch (type.kind) {
    case 'complex':
      return complexType(type, { name: type.name });
    case 'array':
      return arrayType(type);
    case 'ints':
      return arrayType({ ...type, kind: 'array', itemType: int, itemMin: 0, itemNillable: false });
    case 'simple':
      return type.values && enumeration(type.schemaName.replace('tns:', ''), type.values);
  }
}

function complexType(type: ComplexType, naming: Attributes): Element {
  const fields = describedFields(type).map(([name, field]) =>
    element('s:element', {
      minOccurs: String(field.min),
      maxOccurs: '1',
      name,
      nillable: field.nillable ? 'true' : undefined,
      type: typeName(field.type),
    }),
  );
  const attributes = Object.entries(type.attributes).map(([name, attribute]) =>
    element('s:attribute', {
      name,
      type: typeName(attribute.type),
      use: attribute.required ? 'required' : undefined,
    }),
  );
  const sequence = fields.length === 0 ? [] : [element('s:sequence', {}, fields)];
  return element('s:complexType', naming, [...sequence, ...attributes]);
}

function arrayType(type: ArrayType): Element {
  const item = element('s:element', {
    minOccurs: String(type.itemMin),
    maxOccurs: 'unbounded',
    name: type.item,
    nillable: type.itemNillable ? 'true' : undefined,
    type: typeName(type.itemType),
  });
  return element('s:complexType', { name: type.name }, [element('s:sequence', {}, [item])]);
}

function enumeration(name: string, values: readonly string[]): Element {
  const restriction = element(
    's:restriction',
    { base: 's:string' },
    values.map((value) => element('s:enumeration', { value })),
  );
  return element('s:simpleType', { name }, [restriction]);
}

const GUID_TYPE = element('s:simpleType', { name: 'guid' }, [
  element('s:restriction', { base: 's:string' }, [
    element('s:pattern', {
      value: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
    }),
  ]),
]);

function typeName(type: AnyType): string {
  return type.kind === 'simple' ? type.schemaName : `tns:${type.name}`;
}

// --- Messages, port type, bindings -----------------------------------------------------------------

function message(name: string, bodyElement: string): Element {
  const part = element('wsdl:part', { name: 'parameters', element: `tns:${bodyElement}` });
  return element('wsdl:message', { name }, [part]);
}

function portType(service: ServiceDeclaration, operations: readonly Operation[]): Element {
  return element(
    'wsdl:portType',
    { name: service.portName },
    operations.map(({ name }) =>
      element('wsdl:operation', { name }, [
        element('wsdl:input', { message: `tns:${name}SoapIn` }),
        element('wsdl:output', { message: `tns:${name}SoapOut` }),
      ]),
    ),
  );
}

function binding(
  service: ServiceDeclaration,
  operations: readonly Operation[],
  prefix: string,
  suffix: string,
): Element {
  const literal = element(`${prefix}:body`, { use: 'literal' });
  return element('wsdl:binding', { name: service.portName + suffix, type: `tns:${service.portName}` }, [
    element(`${prefix}:binding`, { transport: 'http://schemas.xmlsoap.org/soap/http' }),
    ...operations.map(({ name }) =>
      element('wsdl:operation', { name }, [
        element(`${prefix}:operation`, { soapAction: soapAction(service, name), style: 'document' }),
        element('wsdl:input', {}, [literal]),
        element('wsdl:output', {}, [literal]),
      ]),
    ),
  ]);
}

// --- The document ----------------------------------------------------------------------------------

type Attributes = Readonly<Record<string, string | undefined>>;

interface Element {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly Element[];
}

function element(name: string, attributes: Attributes, children: readonly Element[] = []): Element {
  return { name, attributes, children };
}

function render(writer: XmlWriter, { name, attributes, children }: Element, indent: string): void {
  let tag = name;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${attribute}="${escapeAttribute(value)}"`;
  }
  writer.markup(indent);
  if (children.length === 0) {
    writer.empty(tag).markup('\n');
    return;
  }
  writer.markup(`<${tag}>\n`);
  for (const child of children) render(writer, child, `${indent}  `);
  writer.markup(`${indent}</${name}>\n`);
}
