import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { child, documentTree } from '../../../test/support/document-tree.ts';
import { assertWellFormedFragment } from '../../../test/support/well-formed.ts';
import { deriveFragments } from '../fragments.ts';
import { parseUpdateDocument } from '../update-document.ts';
import { Architecture, processor, regSz, windowsVersion } from './base-rules.ts';
import { CLASSIFICATIONS, classificationSpec, type Classification } from './classification.ts';
import { fileSpecOf } from './file-spec.ts';
import type { HandlerSpec } from './handler-spec.ts';
import { memberOf } from './relations-spec.ts';
import { and, not, TRUE } from './rule.ts';
import { updateDocument } from './update-document.ts';
import type { SoftwareSpec, UpdateSpec } from './update-spec.ts';

const COMMON = {
  updateId: '0d000000-0000-4000-8000-000000000001',
  revisionNumber: 7,
  created: '2026-02-03T04:05:06Z',
  publisherId: '0d000000-0000-4000-8000-0000000000ff',
  texts: [{ language: 'en', title: 'An update' }],
} as const;

const PREREQUISITE = '0d000000-0000-4000-8000-000000000002';

const software = (more: Partial<SoftwareSpec> = {}): SoftwareSpec => ({
  ...COMMON,
  type: 'Software',
  ...more,
});

describe('a written document', () => {
  test('of a detectoid looks as Microsoft writes one', () => {
    const bytes = updateDocument({
      ...COMMON,
      type: 'Detectoid',
      detectoidType: 'Architecture',
      relations: { prerequisites: [PREREQUISITE] },
      isInstalled: and(
        processor(Architecture.X64),
        not(windowsVersion({ comparison: 'LessThan', major: 10 })),
      ),
    });
    assert.equal(
      bytes.toString(),
      '<upd:Update xmlns:bar="http://schemas.microsoft.com/msus/2002/12/BaseApplicabilityRules" ' +
        'xmlns:lar="http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules" ' +
        'xmlns:upd="http://schemas.microsoft.com/msus/2002/12/Update">' +
        '<upd:UpdateIdentity UpdateID="0d000000-0000-4000-8000-000000000001" RevisionNumber="7" />' +
        '<upd:Properties UpdateType="Detectoid" DefaultPropertiesLanguage="en" DetectoidType="Architecture" ' +
        'PublicationState="Published" CreationDate="2026-02-03T04:05:06Z" ' +
        'PublisherID="0d000000-0000-4000-8000-0000000000ff" />' +
        '<upd:LocalizedPropertiesCollection><upd:LocalizedProperties><upd:Language>en</upd:Language>' +
        '<upd:Title>An update</upd:Title></upd:LocalizedProperties></upd:LocalizedPropertiesCollection>' +
        `<upd:Relationships><upd:Prerequisites><upd:UpdateIdentity UpdateID="${PREREQUISITE}" />` +
        '</upd:Prerequisites></upd:Relationships>' +
        '<upd:ApplicabilityRules><upd:IsInstalled><lar:And><bar:Processor Architecture="9" /><lar:Not>' +
        '<bar:WindowsVersion Comparison="LessThan" MajorVersion="10" /></lar:Not></lar:And></upd:IsInstalled>' +
        '</upd:ApplicabilityRules></upd:Update>',
    );
  });

  test('says what the specification says', () => {
    const file = fileSpecOf('a.exe', Buffer.from('payload'), '2026-01-01T00:00:00Z');
    const parsed = parseUpdateDocument(
      updateDocument(
        software({
          deployable: true,
          expired: true,
          files: [file],
          languages: ['en', 'de'],
          kbArticleIds: ['1', '2'],
          cveIds: ['CVE-2026-1'],
          securityBulletinIds: ['B1'],
          msrcSeverity: 'Low',
          uninstallation: { rebootBehavior: 'NeverReboots' },
          eula: { eulaId: PREREQUISITE, files: [{ ...file, language: 'en' }] },
          texts: [
            { language: 'en', title: 'One', description: 'Two' },
            { language: 'de', title: 'Eins' },
          ],
          relations: {
            superseded: [PREREQUISITE],
            prerequisites: [PREREQUISITE, { anyOf: [PREREQUISITE] }, memberOf(PREREQUISITE, COMMON.updateId)],
            bundled: [[{ updateId: PREREQUISITE, revisionNumber: 3 }], []],
          },
        }),
      ),
    );
    assert.deepEqual(
      { ...parsed, creationMs: 0 },
      {
        updateId: COMMON.updateId,
        revisionNumber: 7,
        updateType: 'Software',
        explicitlyDeployable: true,
        expired: true,
        locallyPublished: false,
        uninstallable: true,
        eulaId: PREREQUISITE,
        requiresEulaAcceptance: true,
        handler: undefined,
        creationMs: 0,
        defaultLanguage: 'en',
        kbArticleIds: ['1', '2'],
        securityBulletinIds: ['B1'],
        cveIds: ['CVE-2026-1'],
        msrcSeverity: 'Low',
        languages: ['en', 'de'],
        texts: [
          { language: 'en', title: 'One', description: 'Two' },
          { language: 'de', title: 'Eins', description: '' },
        ],
        relations: {
          superseded: [PREREQUISITE],
          prerequisites: [
            { isCategory: false, updateIds: [PREREQUISITE] },
            { isCategory: false, updateIds: [PREREQUISITE] },
            { isCategory: true, updateIds: [PREREQUISITE, COMMON.updateId] },
          ],
          bundled: [[{ updateId: PREREQUISITE, revisionNumber: 3 }], []],
        },
        files: [file, file].map(({ name, size, sha1, sha256 }) => ({ name, size, sha1, sha256 })),
        drivers: [],
      },
    );
  });

  test('carries any text through, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((one) => one.replace(/[\r\t\n]/g, ' '));
    fc.assert(
      fc.property(text, text, (title, data) => {
        const rule = regSz({ subkey: 'SOFTWARE\\A', value: 'B' }, 'EqualTo', data);
        const bytes = updateDocument(
          software({ texts: [{ language: 'en', title }], rules: { isInstalled: rule, isInstallable: TRUE } }),
        );
        assert.equal(parseUpdateDocument(bytes).texts[0]?.title, title);
        const rules = child(documentTree(bytes), 'ApplicabilityRules');
        assert.equal(child(rules, 'IsInstalled')?.children[0]?.attributes.Data, data);
      }),
    );
  });

  const handlers: Readonly<Record<HandlerSpec['kind'], HandlerSpec>> = {
    CommandLineInstallation: {
      kind: 'CommandLineInstallation',
      program: 'a.exe',
      arguments: '/q "x"',
      returnCodes: [{ code: 0, result: 'Succeeded' }],
    },
    WindowsInstaller: {
      kind: 'WindowsInstaller',
      productCode: '{0D000000-0000-4000-8000-000000000003}',
      version: '1.2.3.4',
      msiFile: 'a.msi',
      commandLine: '',
    },
    Cbs: { kind: 'Cbs', assembly: '<assembly xmlns="urn:schemas-microsoft-com:asm.v3"></assembly>' },
    OSInstaller: { kind: 'OSInstaller', productName: 'A.OS', releaseVersion: '1.0.0.0' },
  };
  for (const handler of Object.values(handlers)) {
    test(`for ${handler.kind} parses and gives fragments that clients can read`, () => {
      const bytes = updateDocument(software({ handler, rules: { isInstalled: TRUE } }));
      documentTree(bytes);
      assert.equal(parseUpdateDocument(bytes).handler, handler.kind);
      const { core, extended } = deriveFragments(bytes);
      for (const fragment of [core, extended]) assertWellFormedFragment(fragment);
      assert.match(extended.toString(), /<HandlerSpecificData type="[^"]+">/);
    });
  }

  test('for a driver keeps what the server matches', () => {
    const spec: UpdateSpec = {
      ...COMMON,
      type: 'Driver',
      deployable: true,
      drivers: [
        {
          hardwareId: 'PCI\\VEN_0001&DEV_0002',
          whqlDriverId: 12,
          driverClass: 'Printers',
          company: 'C',
          provider: 'P',
          manufacturer: 'M',
          model: 'O',
          verDate: '2026-01-31',
          verVersion: '1.2.3.4',
          featureScores: { 'AMD64.10.0': 5 },
        },
      ],
    };
    const [driver] = parseUpdateDocument(updateDocument(spec)).drivers;
    assert.equal(driver?.hardwareId, 'PCI\\VEN_0001&DEV_0002');
    assert.equal(driver.verVersion, 0x0001_0002_0003_0004n);
    assert.equal(driver.verDateMs, Date.UTC(2026, 0, 31));
    assert.deepEqual(driver.featureScores, { 'amd64.10.0': 5 });
    assert.match(deriveFragments(updateDocument(spec)).core.toString(), /<d\.WindowsDriverInstalled \/>/);
  });
});

test('the classifications have documents of their own that collide with no real revision', () => {
  const names = Object.keys(CLASSIFICATIONS) as Classification[];
  for (const name of names) {
    const document = parseUpdateDocument(updateDocument(classificationSpec(name)));
    assert.equal(document.categoryType, 'UpdateClassification');
    assert.ok(![1, 2, 100, 200].includes(document.revisionNumber));
  }
});
