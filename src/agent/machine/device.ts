import type { Guid } from '../../soap/simple-type.ts';

/** A device as agents describe it in SystemSpec ([MS-WUSP] 2.2.2.2.4). */
export interface Device {
  /** Most specific first. */
  readonly hardwareIds: readonly string[];
  readonly compatibleIds: readonly string[];
  /** Absent for a device that has no driver. */
  readonly driver?: InstalledDriver;
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
  /** 0xSSGGTHHH of the plug and play manager, the feature score in its second byte; -1 for no rank. */
  readonly rank: number;
  readonly skipProviderFiltering?: boolean;
  readonly isGeneric?: boolean;
}
