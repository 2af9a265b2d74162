import type { ComputerDetails } from '../fleet/computer-registry.ts';
import type { ComputerTable } from './schema/fleet-tables.ts';

/** Where each detail of a registration is stored. */
export const DETAIL_COLUMNS = {
  dnsName: 'dns_name',
  osMajor: 'os_major',
  osMinor: 'os_minor',
  osBuild: 'os_build',
  osServicePackMajor: 'os_sp_major',
  osServicePackMinor: 'os_sp_minor',
  osLocale: 'os_locale',
  manufacturer: 'manufacturer',
  model: 'model',
  biosVersion: 'bios_version',
  biosName: 'bios_name',
  biosReleaseDate: 'bios_release_date',
  processorArchitecture: 'processor_architecture',
  suiteMask: 'suite_mask',
  oldProductType: 'old_product_type',
  newProductType: 'new_product_type',
  systemMetrics: 'system_metrics',
  clientVersion: 'client_version',
  osDescription: 'os_description',
  oem: 'oem',
  deviceType: 'device_type',
  firmwareVersion: 'firmware_version',
  mobileOperator: 'mobile_operator',
} as const satisfies { readonly [Name in keyof ComputerDetails]: keyof ComputerTable };

/** The details in the order in which statements bind them. */
export const DETAIL_NAMES = Object.keys(DETAIL_COLUMNS) as readonly (keyof ComputerDetails)[];
