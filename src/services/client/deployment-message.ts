import type { Deployment } from '../../catalog/deployment.ts';
import type { Deployment as DeploymentMessage } from '../../protocol/wusp/client.ts';
import type { Encodable } from '../../soap/message-type.ts';
import { dateTimeFromMs } from '../../soap/simple-type.ts';
import { atLeast, type ProtocolVersion } from '../protocol-version.ts';

/**
 * A deployment as a client of this protocol version is told it ([MS-WUSP] 2.2.2.2.4).
 *
 * @param hardwareIds ids a driver was matched by; sent from client version 1.6
 */
export function deploymentMessage(
  deployment: Deployment,
  version: ProtocolVersion,
  hardwareIds?: readonly string[],
): Encodable<typeof DeploymentMessage> {
  // The server MUST NOT send these three below 1.8; from then on they are "0".
  const zero = atLeast(version, 1, 8) ? '0' : undefined;
  return {
    ID: deployment.id,
    Action: deployment.action,
    Deadline: deployment.deadlineMs === null ? undefined : dateTimeFromMs(deployment.deadlineMs),
    IsAssigned: deployment.isAssigned,
    // A date without a time, as real WSUS sends it (and the text specifies).
    LastChangeTime: new Date(deployment.changedMs).toISOString().slice(0, 10),
    HardwareIds: hardwareIds !== undefined && atLeast(version, 1, 6) ? hardwareIds : undefined,
    AutoSelect: zero,
    AutoDownload: zero,
    SupersedenceBehavior: zero,
  };
}

/** Clients with the same class are told a deployment in the same words. */
export function deploymentClass(version: ProtocolVersion): 'before 1.8' | 'since 1.8' {
  return atLeast(version, 1, 8) ? 'since 1.8' : 'before 1.8';
}
