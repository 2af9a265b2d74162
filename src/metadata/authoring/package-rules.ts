import type { Comparison } from './base-rules.ts';
import type { Rule } from './rule.ts';

/** Rules about packages of one installer: Windows Installer, CBS, OSInstaller, drivers. */

export interface MsiProductTest {
  /** A GUID in braces. */
  readonly productCode: string;
  readonly versionMin?: string;
  readonly versionMax?: string;
}

export function msiProductInstalled(test: MsiProductTest): Rule {
  return {
    element: 'mar:MsiProductInstalled',
    attributes: {
      ProductCode: test.productCode,
      VersionMax: test.versionMax,
      VersionMin: test.versionMin,
    },
  };
}

/** The product that the update's own metadata names is present. */
export const MSI_APPLICATION_INSTALLED: Rule = Object.freeze({ element: 'mar:MsiApplicationInstalled' });
export const MSI_APPLICATION_INSTALLABLE: Rule = Object.freeze({ element: 'mar:MsiApplicationInstallable' });

/** The package that the update's own metadata describes is present. */
export const CBS_PACKAGE_INSTALLED: Rule = Object.freeze({ element: 'cbsar:CbsPackageInstalled' });
export const CBS_PACKAGE_INSTALLABLE: Rule = Object.freeze({ element: 'cbsar:CbsPackageInstallable' });

export const DRIVER_INSTALLED: Rule = Object.freeze({ element: 'drv:WindowsDriverInstalled' });
export const DRIVER_SUPERSEDED: Rule = Object.freeze({ element: 'drv:WindowsDriverSuperseded' });
export const DRIVER_INSTALLABLE: Rule = Object.freeze({ element: 'drv:WindowsDriverInstallable' });

export function productReleaseInstalled(name: string, version: string): Rule {
  return { element: 'upd:ProductReleaseInstalled', attributes: { Name: name, Version: version } };
}

export interface DeviceAttributeTest {
  readonly name: string;
  readonly type: 'String' | 'Version';
  readonly comparison: Comparison;
  readonly value: string;
}

/** Something out of the DeviceAttributes string that clients send with SyncUpdates. */
export function deviceAttribute(test: DeviceAttributeTest): Rule {
  return {
    element: 'upd:DeviceAttribute',
    attributes: { Name: test.name, Type: test.type, Comparison: test.comparison, Value: test.value },
  };
}
