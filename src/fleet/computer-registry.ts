import type { Guid } from '../soap/simple-type.ts';

/** What the server knows of a computer while it scans. Shared by all computers of which the same is true. */
export interface ComputerStanding {
  readonly registered: boolean;
  /** The groups it belongs to directly; never empty, Unassigned Computers is one. */
  readonly groupIds: readonly Guid[];
}

/** What a computer says of itself when it asks for an authorization cookie. */
export interface ComputerGreeting {
  readonly clientId: string;
  readonly dnsName: string;
  /** Names separated by `;`, as the client sent them. */
  readonly requestedGroups: string;
  readonly address: string;
}

/** The fields of RegisterComputer ([MS-WUSP] 2.2.2.2.3). Undefined is what the client left out. */
export interface ComputerDetails {
  readonly dnsName: string | undefined;
  readonly osMajor: number | undefined;
  readonly osMinor: number | undefined;
  readonly osBuild: number | undefined;
  readonly osServicePackMajor: number | undefined;
  readonly osServicePackMinor: number | undefined;
  readonly osLocale: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly biosVersion: string | undefined;
  readonly biosName: string | undefined;
  readonly biosReleaseDate: string | undefined;
  readonly processorArchitecture: string | undefined;
  readonly suiteMask: number | undefined;
  readonly oldProductType: number | undefined;
  readonly newProductType: number | undefined;
  readonly systemMetrics: number | undefined;
  readonly clientVersion: string | undefined;
  readonly osDescription: string | undefined;
  readonly oem: string | undefined;
  readonly deviceType: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly mobileOperator: string | undefined;
}

/** The computers of the fleet, as the client services need them. */
export interface ComputerRegistry {
  /** Undefined for a computer that never greeted, or was deleted. */
  find(clientId: string): ComputerStanding | undefined;
  /** Notes that a computer is there now. A crash may lose the last seconds of it. */
  seen(clientId: string): void;
  /**
   * Notes that a computer scanned for everything, and which non-leaf updates it said are installed, as revision
   * ids. A crash may lose the last seconds of it.
   *
   * @param installed must not change any more; the same object again costs nothing
   */
  scanned(clientId: string, installed: Int32Array): void;
  /** Remembers a computer that asks for an authorization cookie. Durable when it resolves. */
  greet(greeting: ComputerGreeting): Promise<void>;
  /**
   * Remembers what a computer registered, also when it was deleted since it greeted: its cookie outlives
   * the deletion. Durable when it resolves.
   */
  register(clientId: string, address: string, details: ComputerDetails): Promise<void>;
}
