import type { ErrorDefinition, FaultCode } from '../errors/catalogue.ts';
import { escapeText } from '../xml/text.ts';
import type { XmlWriter } from '../xml/writer.ts';
import { writeEnvelope, type SoapVersion } from './envelope.ts';
import type { Framing } from './service.ts';

export interface Fault {
  readonly errorCode: FaultCode;
  /** Path of the offending parameter, or empty: real WSUS never puts prose here. */
  readonly message: string;
  /** Fresh for every fault; the log has an entry with it. */
  readonly id: string;
  /** The operation's SOAPAction, unquoted; undefined when the operation could not be told. */
  readonly soapAction: string | undefined;
  /** A faultcode of its own, instead of the side the ErrorCode puts the blame on. */
  readonly soapCode?: ErrorDefinition['soapCode'];
  /** URL of the service, for services whose faults carry a faultactor. */
  readonly actor: string | undefined;
}

const SERVERS_OWN: ReadonlySet<FaultCode> = new Set<FaultCode>(['InternalServerError', 'ServerBusy']);

/**
 * A fault exactly as real WSUS sends it ([MS-WUSP] 2.2.2.4): unqualified `detail` children, the Method
 * in literal quotes, no schema namespaces in the client service's faults.
 */
export function writeFault(framing: Framing, version: SoapVersion, fault: Fault): XmlWriter {
  const faultFraming: Framing =
    framing.schemaNamespacesOn === 'Body' ? { ...framing, schemaNamespacesOn: 'nothing' } : framing;
  return writeEnvelope(faultFraming, version, (writer) => {
    if (version === '1.1') writeFault11(writer, framing.prefix, fault);
    else writeFault12(writer, framing.prefix, fault);
  });
}

function writeFault11(writer: XmlWriter, prefix: string, fault: Fault): void {
  const side = fault.soapCode ?? (SERVERS_OWN.has(fault.errorCode) ? 'Server' : 'Client');
  writer.markup(
    `<${prefix}:Fault><faultcode>${prefix}:${side}</faultcode><faultstring>Fault occurred</faultstring>`,
  );
  if (fault.actor !== undefined) writer.markup('<faultactor>').text(fault.actor).markup('</faultactor>');
  writer.markup(`<detail>${detail(fault)}</detail></${prefix}:Fault>`);
}

// [MS-WSUSSS] 2.2.9.2: besides the Detail of SOAP 1.2 there is one in no namespace.
function writeFault12(writer: XmlWriter, prefix: string, fault: Fault): void {
  const side = fault.soapCode ?? (SERVERS_OWN.has(fault.errorCode) ? 'Receiver' : 'Sender');
  const content = detail(fault);
  writer.markup(
    `<${prefix}:Fault><${prefix}:Code><${prefix}:Value>${prefix}:${side}</${prefix}:Value></${prefix}:Code>`,
  );
  writer.markup(
    `<${prefix}:Reason><${prefix}:Text xml:lang="en">Fault occurred</${prefix}:Text></${prefix}:Reason>`,
  );
  if (fault.actor !== undefined)
    writer.markup(`<${prefix}:Node>`).text(fault.actor).markup(`</${prefix}:Node>`);
  writer.markup(
    `<${prefix}:Detail>${content}</${prefix}:Detail><Detail>${content}</Detail></${prefix}:Fault>`,
  );
}

function detail(fault: Fault): string {
  const method = fault.soapAction === undefined ? '' : `<Method>"${fault.soapAction}"</Method>`;
  const message = `<Message>${escapeText(fault.message)}</Message>`;
  return `<ErrorCode>${fault.errorCode}</ErrorCode>${message}<ID>${fault.id}</ID>${method}`;
}
