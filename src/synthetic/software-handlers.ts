import {
  Csidl,
  fileVersion,
  fileVersionPrependRegSz,
  regDword,
  regKeyExists,
  regSzToVersion,
} from '../metadata/authoring/base-rules.ts';
import type { HandlerSpec } from '../metadata/authoring/handler-spec.ts';
import {
  CBS_PACKAGE_INSTALLABLE,
  CBS_PACKAGE_INSTALLED,
  deviceAttribute,
  MSI_APPLICATION_INSTALLABLE,
  MSI_APPLICATION_INSTALLED,
  productReleaseInstalled,
} from '../metadata/authoring/package-rules.ts';
import { and, not, or, TRUE, type Rule } from '../metadata/authoring/rule.ts';
import type { RulesSpec } from '../metadata/authoring/update-spec.ts';
import { cbsAssembly } from './cbs-assembly.ts';
import type { DocumentTail } from './document-tail.ts';
import { productCode, productKey } from './node-rules.ts';
import type { Random } from './random.ts';

/** What an update with files is installed with, and how it is known whether it is. */
export interface Installation {
  readonly handler: HandlerSpec;
  readonly rules: RulesSpec;
}

/** What the handlers need to know of the update. */
export interface InstallationSubject {
  /** Title of the product. */
  readonly product: string;
  /** Grows with every update of the product. */
  readonly version: string;
  readonly kbArticleId: string;
  /** Without extension. */
  readonly fileName: string;
}

/** Handlers of the measured catalogue, as often as there. */
const KINDS = ['OSInstaller', 'Cbs', 'CommandLineInstallation', 'WindowsInstaller'] as const;
const KIND_COUNTS = [297, 180, 84, 8];

export function drawHandler(random: Random): HandlerSpec['kind'] {
  return KINDS[random.weighted(KIND_COUNTS)];
}

export function installation(
  kind: HandlerSpec['kind'],
  random: Random,
  subject: InstallationSubject,
  tail: DocumentTail,
): Installation {
  switch (kind) {
    case 'OSInstaller':
      return osInstaller(subject);
    case 'Cbs':
      return cbs(random, subject, tail.next('cbs') ?? 0);
    case 'WindowsInstaller':
      return msi(random, subject);
    case 'CommandLineInstallation':
      return commandLine(random, subject, tail.next('commandLine'));
  }
}

function osInstaller({ product, version }: InstallationSubject): Installation {
  const productName = `Synthetic.${product.replace(' ', '.')}.amd64`;
  const attribute = (name: string, value: string): Rule =>
    deviceAttribute({ name, type: 'String', comparison: 'EqualTo', value });
  return {
    handler: { kind: 'OSInstaller', productName, releaseVersion: version },
    rules: {
      isInstalled: productReleaseInstalled(productName, version),
      isInstallable: and(
        deviceAttribute({ name: 'OSVersion', type: 'Version', comparison: 'LessThan', value: version }),
        attribute('ProductType', 'WinNT'),
        not(attribute('IsRemoteDesktopSessionHost', '1')),
        or(attribute('OSSkuId', '48'), attribute('OSSkuId', '4'), attribute('OSSkuId', '121')),
      ),
    },
  };
}

function cbs(
  random: Random,
  { product, version, kbArticleId }: InstallationSubject,
  bytes: number,
): Installation {
  const name = `Package_for_${product.replaceAll(' ', '')}`;
  return {
    handler: { kind: 'Cbs', assembly: cbsAssembly(random, { name, version, kbArticleId }, bytes) },
    rules: {
      isInstalled: and(
        CBS_PACKAGE_INSTALLED,
        not(regDword({ subkey: productKey(product), value: 'Reoffer' }, 'EqualTo', 1)),
      ),
      isInstallable: CBS_PACKAGE_INSTALLABLE,
    },
  };
}

function msi(random: Random, { version, fileName }: InstallationSubject): Installation {
  return {
    handler: {
      kind: 'WindowsInstaller',
      productCode: productCode(random),
      version,
      msiFile: `${fileName}.msi`,
      commandLine: 'REBOOT=ReallySuppress',
    },
    rules: { isInstalled: MSI_APPLICATION_INSTALLED, isInstallable: MSI_APPLICATION_INSTALLABLE },
  };
}

const RETURN_CODES = [
  { code: 0, result: 'Succeeded' },
  { code: 3010, result: 'Succeeded', reboot: true },
] as const;

/** Bytes of Core that one entry of the long lists takes. */
const LIST_ENTRY_BYTES = 190;

function commandLine(random: Random, subject: InstallationSubject, bytes: number | undefined): Installation {
  const { product, version, fileName } = subject;
  const subkey = productKey(product);
  const blocked = not(regKeyExists(`${subkey}\\Blocked`));
  return {
    handler: {
      kind: 'CommandLineInstallation',
      program: `${fileName}.exe`,
      arguments: '/q',
      returnCodes: RETURN_CODES,
    },
    rules: {
      isInstalled: simpleRule(random, subject),
      isInstallable:
        bytes === undefined
          ? random.pick([TRUE, blocked])
          : and(blocked, not(versionList(subkey, version, bytes / LIST_ENTRY_BYTES))),
    },
  };
}

/** A rule that a single fact makes true. */
function simpleRule(random: Random, { product, version, kbArticleId }: InstallationSubject): Rule {
  const subkey = productKey(product);
  switch (random.below(3)) {
    case 0:
      return regSzToVersion({ subkey, value: 'Version' }, 'GreaterThanOrEqualTo', version);
    case 1:
      return regDword({ subkey: `${subkey}\\Updates`, value: `KB${kbArticleId}` }, 'EqualTo', 1);
    default:
      return fileVersion(
        `Synthetic\\${product}\\program.dll`,
        Csidl.ProgramFiles,
        'GreaterThanOrEqualTo',
        version,
      );
  }
}

/** The versions that an update does not apply to, one by one. */
function versionList(subkey: string, version: string, entries: number): Rule {
  const folder = { subkey, value: 'InstallLocation' };
  return or(
    ...Array.from({ length: Math.max(1, Math.round(entries)) }, (_, index) =>
      fileVersionPrependRegSz(`delta${index}.dat`, folder, 'EqualTo', version),
    ),
  );
}
