import {
  Csidl,
  fileVersion,
  regDword,
  regSz,
  regSzToVersion,
  windowsVersion,
} from '../metadata/authoring/base-rules.ts';
import { CBS_PACKAGE_INSTALLABLE, CBS_PACKAGE_INSTALLED } from '../metadata/authoring/package-rules.ts';
import { FALSE } from '../metadata/authoring/rule.ts';
import { payload, textPayload } from './payload.ts';
import { commandLineUpdate, installable, type SampleUpdate } from './sample-update.ts';
import { CATEGORY, DETECTOID } from './taxonomy.ts';

const WORKSTATION = { products: [CATEGORY.workstation] } as const;
const REGISTRY = 'SOFTWARE\\Oakum Samples';

/** Updates that stand for themselves, one for each thing an update can be. */
export function workstationUpdates(): readonly SampleUpdate[] {
  return [
    commandLineUpdate({
      ...WORKSTATION,
      updateId: 'd866a842-c77d-45e7-ba98-0e14372cc394',
      title: 'Oakum Sample Clock, time zones of 2026 (KB9000101)',
      description: 'Brings the time zones of the sample clock up to date.',
      classification: 'criticalUpdates',
      isInstalled: regDword(
        { subkey: `${REGISTRY}\\Clock`, value: 'TimeZones' },
        'GreaterThanOrEqualTo',
        2026,
      ),
      payloads: [payload('clock-time-zones.exe', 48_211)],
      more: { kbArticleIds: ['9000101'] },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: '08c42208-d8ed-40ec-b481-401ee33ceee4',
      title: 'Oakum Sample Paint, colour profile (KB9000102)',
      classification: 'updates',
      isInstalled: regSz({ subkey: `${REGISTRY}\\Paint`, value: 'Profile' }, 'EqualTo', 'wide'),
      payloads: [payload('paint-profile.exe', 7_904)],
      more: { kbArticleIds: ['9000102'] },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: 'db2e7a30-482d-4a27-affc-acfda46eefe0',
      title: 'Oakum Sample Fonts 3.2 (KB9000103)',
      classification: 'featurePacks',
      prerequisites: [DETECTOID.windows11],
      isInstalled: fileVersion(
        'Oakum Samples\\Fonts\\fonts.dll',
        Csidl.ProgramFiles,
        'GreaterThanOrEqualTo',
        '3.2.0.0',
      ),
      // The large one: above 2 MiB, so that a client fetches it in several pieces.
      payloads: [payload('fonts-3.2.exe', 3_000_017)],
      more: { kbArticleIds: ['9000103'] },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: '38801444-2615-4df9-83b7-d328d9ea23f9',
      title: 'Security update for Oakum Sample Vault (KB9000104)',
      description: 'Closes a hole that never was. The computer has to restart afterwards.',
      classification: 'securityUpdates',
      prerequisites: [DETECTOID.x64],
      isInstalled: regSzToVersion(
        { subkey: `${REGISTRY}\\Vault`, value: 'Version' },
        'GreaterThanOrEqualTo',
        '2.4.1.0',
      ),
      payloads: [payload('vault-2.4.1.exe', 612_480)],
      more: {
        kbArticleIds: ['9000104'],
        securityBulletinIds: ['OS26-001'],
        msrcSeverity: 'Critical',
        installation: { rebootBehavior: 'AlwaysRequiresReboot', impact: 'RequiresExclusiveHandling' },
      },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: '410dc9cc-7efa-4f6a-a9f9-5b66ed2e5fd7',
      title: 'Oakum Sample Codecs 1.1 (KB9000105)',
      description: 'Has a licence that has to be accepted before it can be approved.',
      classification: 'featurePacks',
      isInstalled: regDword({ subkey: `${REGISTRY}\\Codecs`, value: 'Installed' }, 'EqualTo', 1),
      payloads: [payload('codecs-1.1.exe', 204_833)],
      licence: {
        eulaId: '8960fe78-61ce-4be4-83e6-75f8b23ee6c7',
        texts: {
          en: textPayload(
            'codecs-licence-en.txt',
            'Oakum Sample Codecs\r\n\r\nYou may look at them, and delete them.\r\n',
          ),
          de: textPayload(
            'codecs-licence-de.txt',
            'Oakum Sample Codecs\r\n\r\nSie dürfen sie ansehen und löschen.\r\n',
          ),
        },
      },
      more: { kbArticleIds: ['9000105'] },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: '67917dcc-b2ab-4023-9bf2-953f4bd3e297',
      title: 'Oakum Sample Spelling (KB9000106)',
      classification: 'updates',
      isInstalled: regDword(
        { subkey: `${REGISTRY}\\Spelling`, value: 'Words' },
        'GreaterThanOrEqualTo',
        120_000,
      ),
      payloads: [payload('spelling.exe', 96_110), payload('spelling.dic', 388_004)],
      more: {
        kbArticleIds: ['9000106'],
        languages: ['de', 'en', 'fr', 'ja'],
        texts: [
          { language: 'en', title: 'Oakum Sample Spelling (KB9000106)', description: 'More words.' },
          { language: 'de', title: 'Oakum Sample Rechtschreibung (KB9000106)', description: 'Mehr Wörter.' },
          { language: 'fr', title: 'Oakum Sample Orthographe (KB9000106)', description: 'Plus de mots.' },
          { language: 'ja', title: 'Oakum Sample スペル チェック (KB9000106)', description: '単語の追加。' },
        ],
      },
    }),
    installable(
      {
        ...WORKSTATION,
        updateId: '85bdcb4e-be9e-4c20-a6d5-3865d1662ccd',
        title: 'Oakum Sample Feature Update, release 2',
        description: 'Stands for a feature update, which replaces the operating system.',
        classification: 'upgrades',
        prerequisites: [DETECTOID.windows11, DETECTOID.x64],
        isInstalled: regDword({ subkey: `${REGISTRY}\\Release`, value: 'Number' }, 'GreaterThanOrEqualTo', 2),
        payloads: [
          payload('feature-update.cab', 31_744, { patchingTypePreferred: 'Metadata' }),
          payload('feature-update.msu', 1_450_112, { patchingTypePreferred: 'ServicingStack' }),
        ],
        more: {
          osUpgrade: 'swap',
          installation: { rebootBehavior: 'AlwaysRequiresReboot', impact: 'RequiresExclusiveHandling' },
        },
      },
      { kind: 'OSInstaller', productName: 'OakumSample.OS.amd64', releaseVersion: '2.0.0.0' },
    ),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: '0f8635de-9d1a-427f-b62c-cba6edbddeda',
      title: 'Oakum Sample Fax 0.9 (KB9000107, expired)',
      description: 'Was withdrawn by its publisher.',
      classification: 'updates',
      isInstalled: regDword({ subkey: `${REGISTRY}\\Fax`, value: 'Installed' }, 'EqualTo', 1),
      payloads: [payload('fax-0.9.exe', 15_360)],
      more: { kbArticleIds: ['9000107'], expired: true },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: 'cb6f3131-dbbc-4471-9f7b-5f6914dbc0ac',
      title: 'Oakum Sample Punch Card Reader (KB9000108)',
      description: 'Is offered to everybody and needed by nobody: it wants Windows 2000.',
      classification: 'updates',
      isInstalled: FALSE,
      isInstallable: windowsVersion({ comparison: 'LessThanOrEqualTo', major: 5, minor: 0 }),
      payloads: [payload('punch-cards.exe', 4_096)],
      more: { kbArticleIds: ['9000108'] },
    }),
    commandLineUpdate({
      ...WORKSTATION,
      updateId: 'f744ab49-cd8a-44f5-9140-3f0daac30d41',
      title: 'Oakum Sample Loader for Itanium (KB9000109)',
      description: 'Is never sent to other processors: its prerequisite is a detectoid.',
      classification: 'updates',
      prerequisites: [DETECTOID.itanium],
      isInstalled: regDword({ subkey: `${REGISTRY}\\Loader`, value: 'Installed' }, 'EqualTo', 1),
      payloads: [payload('loader-ia64.exe', 8_192)],
      more: { kbArticleIds: ['9000109'] },
    }),
    componentUpdate(),
  ];
}

function componentUpdate(): SampleUpdate {
  const identity =
    'name="Package_for_OakumSampleComponent" version="1.0.2.0" language="neutral" processorArchitecture="amd64" publicKeyToken="6f616b756d000001"';
  return installable(
    {
      ...WORKSTATION,
      updateId: '10867299-bd6c-48ed-a852-e4c5aea9bbe0',
      title: 'Oakum Sample Component 1.0.2 (KB9000110)',
      description: 'Described by the identity of a component package.',
      classification: 'updates',
      prerequisites: [DETECTOID.x64],
      isInstalled: CBS_PACKAGE_INSTALLED,
      isInstallable: CBS_PACKAGE_INSTALLABLE,
      payloads: [payload('component-1.0.2.cab', 131_072, { patchingType: 'SelfContained' })],
      more: {
        kbArticleIds: ['9000110'],
        uninstallation: { rebootBehavior: 'CanRequestReboot' },
      },
    },
    {
      kind: 'Cbs',
      assembly:
        `<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0" displayName="default" company="Oakum Samples">` +
        `<assemblyIdentity ${identity} /><package identifier="KB9000110" releaseType="Update" restart="possible"></package></assembly>`,
    },
  );
}
