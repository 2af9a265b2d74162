import type { Guid } from '../../soap/simple-type.ts';

/** A device as agents describe it in SystemSpec ([MS-WUSP] 2.2.2.2.4). */
export interface Device {
  /** Most specific first. */
  readonly hardwareIds: readonly string[];
  readonly compatibleIds: readonly string[];
  /** Absent for a device that has no driver. */
  readonly driver?: InstalledDriver;
  /** Drivers that add to it; Windows 10 1709 and later ([MS-WUSP] note 17). */
  readonly extensionDrivers?: readonly ExtensionDriver[];
  /** Bit 0: not enumerated by plug and play, a printer for example. */
  readonly flags?: number;
}

export interface InstalledDriver {
  readonly matchingId: string;
  /** An xs:date. */
  readonly verDate: string;
  /** Four parts of 16 bits. */
  readonly verVersion: string;
  readonly class: string;
  readonly manufacturer: string;
  readonly provider: string;
  readonly model: string;
  readonly matchingComputerHardwareId?: Guid;
  /** 0xSSGGTHHH of the plug and play manager as a signed number; -1 for a driver that it did not rank. */
  readonly rank: number;
  readonly skipProviderFiltering?: boolean;
  readonly isGeneric?: boolean;
}

export interface ExtensionDriver {
  readonly extensionId: string;
  /** An xs:date. */
  readonly verDate: string;
  /** Four parts of 16 bits. */
  readonly verVersion: string;
  readonly class: string;
  /** As that of an {@link InstalledDriver}. */
  readonly rank: number;
  readonly matchingComputerHardwareId?: Guid;
}
