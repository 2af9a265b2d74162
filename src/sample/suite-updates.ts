import { Csidl, fileVersion } from '../metadata/authoring/base-rules.ts';
import {
  MSI_APPLICATION_INSTALLABLE,
  MSI_APPLICATION_INSTALLED,
} from '../metadata/authoring/package-rules.ts';
import { payload, type Payload } from './payload.ts';
import { commandLineUpdate, installable, type SampleUpdate } from './sample-update.ts';
import { CATEGORY, DETECTOID, SUITE_PRODUCT_CODE } from './taxonomy.ts';

const SUITE = { products: [CATEGORY.suite] } as const;

const SUITE_41 = '04e372a6-5a86-4cc8-8561-049ad5ca0fbe';

/** An application suite: MSI packages, and updates that apply only where the suite is. */
export function suiteUpdates(): readonly SampleUpdate[] {
  return [
    msiUpdate({
      updateId: '2d675ce0-69cb-4907-85e6-4e0056e8be3f',
      title: 'Oakum Sample Suite 4.0 (KB9000401)',
      article: '9000401',
      productCode: SUITE_PRODUCT_CODE,
      version: '4.0.0.0',
      package: payload('suite-4.0.msi', 2_302_976, { patchingType: 'SelfContained' }),
    }),
    msiUpdate({
      updateId: 'efa404f1-65bc-417a-8ddf-3b909b88bfe1',
      title: 'Oakum Sample Viewer 2.1 (KB9000402)',
      article: '9000402',
      productCode: '{542CD859-BF2B-43E0-A8BB-484ED24416C0}',
      version: '2.1.0.0',
      package: payload('viewer-2.1.msi', 458_752, { patchingType: 'SelfContained' }),
    }),
    suiteUpdate({ updateId: SUITE_41, version: '4.1', article: '9000403', superseded: [] }),
    suiteUpdate({
      updateId: 'b3875aca-4a58-4e24-8c64-a0793be3bf2c',
      version: '4.2',
      article: '9000404',
      superseded: [SUITE_41],
    }),
    commandLineUpdate({
      ...SUITE,
      updateId: 'ff27432d-2b1b-4370-9020-116f9f7da6ef',
      title: 'Oakum Sample Suite templates (KB9000405)',
      classification: 'applications',
      prerequisites: [DETECTOID.suite4],
      isInstalled: suiteFile('templates.dat', '2026.1.0.0'),
      payloads: [payload('suite-templates.exe', 61_440)],
      more: { kbArticleIds: ['9000405'] },
    }),
  ];
}

interface MsiOptions {
  readonly updateId: string;
  readonly title: string;
  readonly article: string;
  readonly productCode: string;
  readonly version: string;
  readonly package: Payload;
}

function msiUpdate(options: MsiOptions): SampleUpdate {
  return installable(
    {
      ...SUITE,
      updateId: options.updateId,
      title: options.title,
      classification: 'applications',
      isInstalled: MSI_APPLICATION_INSTALLED,
      isInstallable: MSI_APPLICATION_INSTALLABLE,
      payloads: [options.package],
      more: {
        kbArticleIds: [options.article],
        uninstallation: { rebootBehavior: 'NeverReboots' },
      },
    },
    {
      kind: 'WindowsInstaller',
      productCode: options.productCode,
      version: options.version,
      msiFile: options.package.file.name,
      commandLine: 'REBOOT=ReallySuppress',
    },
  );
}

function suiteUpdate(options: {
  readonly updateId: string;
  readonly version: string;
  readonly article: string;
  readonly superseded: readonly string[];
}): SampleUpdate {
  const { updateId, version, article, superseded } = options;
  return commandLineUpdate({
    ...SUITE,
    updateId,
    title: `Oakum Sample Suite ${version} (KB${article})`,
    classification: 'securityUpdates',
    prerequisites: [DETECTOID.suite4],
    superseded,
    isInstalled: suiteFile('suite.exe', `${version}.0.0`),
    payloads: [payload(`suite-${version}.exe`, 712_704)],
    more: { kbArticleIds: [article], msrcSeverity: 'Important' },
  });
}

function suiteFile(name: string, version: string) {
  return fileVersion(`Oakum Samples\\Suite\\${name}`, Csidl.ProgramFiles, 'GreaterThanOrEqualTo', version);
}
