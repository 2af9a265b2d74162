/** What the Windows Update Agent of a system says about itself on the wire. */
export interface AgentGeneration {
  /** Four parts, as RegisterComputer splits it. */
  readonly clientVersion: string;
  /** In the bodies of GetConfig and GetCookie. The user agent's may differ. */
  readonly protocolVersion: string;
  readonly userAgent: string;
  readonly downloader: 'delivery-optimization' | 'bits';
  readonly downloaderUserAgent: string;
  /** Windows 10 and later: sends elements that the published WSDL does not have, and DeviceAttributes. */
  readonly isModern: boolean;
}

const modern = (clientVersion: string, protocolVersion: string, inUserAgent: string): AgentGeneration => ({
  clientVersion,
  protocolVersion,
  userAgent: `Windows-Update-Agent/${clientVersion} Client-Protocol/${inUserAgent}`,
  downloader: 'delivery-optimization',
  downloaderUserAgent: 'Microsoft-Delivery-Optimization/10.1',
  isModern: true,
});

/**
 * Agents by era. Observed: Windows 11 25H2 entirely, the other user agents each. The body's version of Windows
 * 7 to 8.1 and of Windows 10 1809 and 20H2 is [MS-WUSP] note 11; of the others it is inferred, and so is that
 * Windows 11 and Windows Server 2025 share the agent of the update stack that all of them receive.
 */
export const AGENT_GENERATIONS = {
  'windows-7': {
    clientVersion: '7.6.7601.24436',
    protocolVersion: '1.8',
    userAgent: 'Windows-Update-Agent',
    downloader: 'bits',
    downloaderUserAgent: 'Microsoft BITS/7.5',
    isModern: false,
  },
  'windows-8.1': {
    clientVersion: '7.9.9600.19670',
    protocolVersion: '1.8',
    userAgent: 'Windows-Update-Agent/7.9.9600.19670 Client-Protocol/1.21',
    downloader: 'bits',
    downloaderUserAgent: 'Microsoft BITS/7.7',
    isModern: false,
  },
  'windows-10-1607': modern('10.0.10011.16384', '1.8', '1.40'),
  'windows-10-1809': modern('10.0.10011.16384', '1.9', '1.81'),
  'windows-10-20h2': modern('10.0.10011.16384', '2.4', '2.40'),
  'windows-10-22h2': modern('10.0.10011.16384', '2.50', '2.50'),
  'windows-11': modern('1507.2601.30012.0', '2.90', '2.90'),
} as const satisfies Readonly<Record<string, AgentGeneration>>;

export type AgentGenerationName = keyof typeof AGENT_GENERATIONS;
