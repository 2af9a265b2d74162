import type { AnyType, ComplexType, Field } from './message-type.ts';

/** How a service frames its answers. Real WSUS uses two styles, see {@link FRAMING}. */
export interface Framing {
  readonly prefix: string;
  readonly declaration: boolean;
  /** Where xsi and xsd are declared; requests declare neither. */
  readonly schemaNamespacesOn: 'Envelope' | 'Body' | 'nothing';
  readonly emptyEnd: '/>' | ' />';
}

/** Observed framings (real WSUS on Windows Server 2025, and the Windows 11 agent's requests). */
export const FRAMING = Object.freeze({
  /** The client service. */
  clientService: { prefix: 's', declaration: false, schemaNamespacesOn: 'Body', emptyEnd: '/>' },
  /** Every other service. */
  classicService: { prefix: 'soap', declaration: true, schemaNamespacesOn: 'Envelope', emptyEnd: ' />' },
  /** What a Windows Update Agent sends. */
  agentRequest: { prefix: 's', declaration: false, schemaNamespacesOn: 'nothing', emptyEnd: '/>' },
} as const satisfies Record<string, Framing>);

export interface Operation<I extends ComplexType = ComplexType, O extends ComplexType = ComplexType> {
  readonly name: string;
  readonly section: string;
  /** The body element of a request, and of its answer (`<name>Response`). */
  readonly request: I;
  readonly response: O;
}

export interface ServiceDeclaration {
  /** Name of the WSDL service, and of its port type and bindings. */
  readonly name: string;
  readonly portName: string;
  readonly section: string;
  readonly namespace: string;
  /** Canonical path. Requests are matched in any letter case and with doubled slashes. */
  readonly path: string;
  /** Path in the published WSDL's address, where it differs from the one clients post to. */
  readonly wsdlPath?: string;
  readonly framing: Framing;
  /** Cache-Control of its answers, as observed. */
  readonly cacheControl: string;
  /** Whether faults name the service in a faultactor, as observed. */
  readonly faultActor: boolean;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Types of the WSDL that no message reaches. */
  readonly furtherTypes?: readonly AnyType[];
  /** Namespaces besides its own in which a request's elements are understood. */
  readonly alsoUnderstood?: readonly string[];
}

/** Declares an operation: its request and response are the body elements. */
export function operation<I extends ComplexType, O extends ComplexType>(
  request: I,
  response: O,
): Operation<I, O> {
  return Object.freeze({ name: request.name, section: request.section, request, response });
}

/** The SOAPAction of an operation, unquoted. */
export function soapAction(service: ServiceDeclaration, operationName: string): string {
  return `${service.namespace}/${operationName}`;
}

/** The fields of a type in wire order. */
export function fieldsOf(type: ComplexType): readonly (readonly [string, Field])[] {
  return Object.entries(type.fields);
}
