import type { Operator } from '../operator.ts';
import { CBS_OPERATORS } from './cbs.ts';
import { CONSTANT_OPERATORS } from './constants.ts';
import { DRIVER_OPERATORS } from './driver.ts';
import { FILE_OPERATORS } from './file.ts';
import { INVENTORY_OPERATORS } from './inventory.ts';
import { MSI_APPLICATION_OPERATORS } from './msi-application.ts';
import { MSI_PATCH_OPERATORS } from './msi-patch.ts';
import { MSI_OPERATORS } from './msi.ts';
import { OS_INSTALLER_OPERATORS } from './os-installer.ts';
import { REGISTRY_OPERATORS } from './registry.ts';
import { SYSTEM_OPERATORS } from './system.ts';

/**
 * Every operator that asks the machine something, by its name in Core fragments. And, Or, Not and
 * RegKeyLoop, which hold other rules, are not among them.
 */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    ...CONSTANT_OPERATORS,
    ...SYSTEM_OPERATORS,
    ...FILE_OPERATORS,
    ...REGISTRY_OPERATORS,
    ...INVENTORY_OPERATORS,
    ...MSI_OPERATORS,
    ...MSI_APPLICATION_OPERATORS,
    ...MSI_PATCH_OPERATORS,
    ...CBS_OPERATORS,
    ...OS_INSTALLER_OPERATORS,
    ...DRIVER_OPERATORS,
  ].map((operator) => [operator.name, operator]),
);
