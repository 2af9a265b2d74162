import { OakumError } from '../errors/oakum-error.ts';
import { AgentFailure } from './agent-failure.ts';
import { hresultOfStatus, type HresultName } from './hresult.ts';
import { PeerStatusError, SoapFault } from './soap-caller.ts';
import { TransportError, type TransportProblem } from './transport-error.ts';

const OF_TRANSPORT: Readonly<Record<TransportProblem, HresultName>> = {
  unreachable: 'WU_E_ENDPOINT_UNREACHABLE',
  'name-not-resolved': 'WU_E_PT_WINHTTP_NAME_NOT_RESOLVED',
  // What a real agent's own time-out looks like in its log.
  'too-slow': 'WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT',
  'broken-off': 'WU_E_PT_SOAPCLIENT_READ',
  'too-long': 'WU_E_INVALID_FORMAT',
};

/**
 * What a real agent would log for an error: everything that a server can cause becomes an AgentFailure.
 *
 * @param otherwise the code of errors that say nothing about the conversation, for example metadata that
 *   cannot be read
 * @throws the error itself when it is not one of Oakum's, because then the fault is here
 */
export function failureOf(error: unknown, otherwise: HresultName): AgentFailure {
  if (error instanceof AgentFailure) return error;
  if (!(error instanceof OakumError)) throw error;
  return new AgentFailure(nameOf(error) ?? otherwise, error.message, error);
}

function nameOf(error: OakumError): HresultName | undefined {
  if (error instanceof TransportError) return OF_TRANSPORT[error.problem];
  if (error instanceof PeerStatusError) return hresultOfStatus(error.status);
  if (error instanceof SoapFault) return 'WU_E_PT_SOAPCLIENT_SOAPFAULT';
  if (error.code === 'OAK_PEER_UNREACHABLE') return 'WU_E_ENDPOINT_UNREACHABLE';
  if (error.code === 'OAK_PEER_ANSWER') return 'WU_E_INVALID_FORMAT';
  return undefined;
}
