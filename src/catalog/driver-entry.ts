import type { DriverMetadata } from '../metadata/driver-metadata.ts';

/** One row of the Driver Table ([MS-WUSP] 3.1.1): a driver revision and one hardware id it drives. */
export interface DriverEntry extends DriverMetadata {
  readonly ordinal: number;
}
