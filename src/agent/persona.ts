import type { ComputerInfo, Device } from '../protocol/wusp/client.ts';
import type { Encodable } from '../soap/message-type.ts';
import type { Guid } from '../soap/simple-type.ts';

/** How a computer presents itself on the wire: what its requests are made of, besides what it holds. */
export interface Persona {
  readonly userAgent: string;
  /** In GetConfig and GetCookie, for example 2.90. */
  readonly protocolVersion: string;
  readonly computerInfo: Encodable<typeof ComputerInfo>;
  readonly devices: readonly Encodable<typeof Device>[];
  /** Most specific first. */
  readonly computerHardwareIds: readonly Guid[];
  /** For example AMD64.10.0. */
  readonly featureScoreKey: string;
  readonly deviceAttributes: string;
  readonly products: string;
  /** Name of the program that asked for the scan; {@link processCaller} for one that came through the API. */
  readonly callerId: string;
  /** Who made the firmware, which reports tell; the computer's manufacturer where it is not known. */
  readonly biosVendor?: string;
  readonly locales: readonly string[];
  /** Three letters. */
  readonly geoId: string;
  /** Windows 10 and later: sends the elements that the published WSDL does not have. */
  readonly modern: boolean;
}

/** What the agent says about the program that asked for the scan (observed). */
export function callerAttributes(persona: Persona): string {
  return `Interactive=0;SheddingAware=1;Id=${persona.callerId};AADDeviceTokenState=WU:0x00248002;`;
}

const PROCESS = '<<PROCESS>>: ';

/** How a program without a name of its own is called that scans through the API, for example powershell.exe. */
export function processCaller(executable: string): string {
  return `${PROCESS}${executable}`;
}

/** The executable of a {@link processCaller}. */
export function executableOf(callerId: string): string | undefined {
  return callerId.startsWith(PROCESS) ? callerId.slice(PROCESS.length) : undefined;
}
