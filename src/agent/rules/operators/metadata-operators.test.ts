import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COMPUTER_IDS,
  OLD_PATCH,
  PATCH,
  PRODUCT,
  smallMachine,
} from '../../../../test/support/agent-machine.ts';
import { ruleOf } from '../../../../test/support/core-fragment.ts';
import { contextOf } from '../../evaluation/update-state.ts';
import type { MachineJson } from '../../machine/machine-schema.ts';
import { evaluateRule } from '../evaluate-rule.ts';
import { explainRule } from '../explain-rule.ts';
import type { Trilean } from '../trilean.ts';

type Verdicts = readonly [installed: Trilean, superseded: Trilean, installable: Trilean];
type Case = readonly [what: string, metadata: string, expected: Verdicts, machine?: Partial<MachineJson>];

const ABSENT = '{0a4b0000-0000-4000-8000-00000000ffff}';
const NEW_PATCH = '{0a4b0000-0000-4000-8000-0000000000c2}';

/** Asks the three operators of a kind, by the beginning of their names. */
function check(kind: string, cases: readonly Case[]): void {
  for (const [what, metadata, expected, parts] of cases) {
    const machine = smallMachine(parts);
    const verdicts = ['Installed', 'Superseded', 'Installable'].map((ending) => {
      if (kind === 'CbsPackage' && ending === 'Superseded') return 'false';
      const { rule, update } = ruleOf(`<${kind}${ending} />`, metadata);
      assert.notEqual(explainRule(rule, contextOf(update, machine)).found ?? '', '');
      return evaluateRule(rule, contextOf(update, machine));
    });
    assert.deepEqual(verdicts, expected, what);
  }
}

const application = (code: string, more = ''): string =>
  `<m.MsiApplicationMetadata><m.ProductCode ${more}>${code}</m.ProductCode></m.MsiApplicationMetadata>`;

test('an MSI application is installed when its product is, unless it may be replaced in place', () => {
  check('m.MsiApplication', [
    ['the product is there', application(PRODUCT), ['true', 'false', 'false']],
    ['it is not', application(ABSENT), ['false', 'false', 'true']],
    [
      'the same version',
      application(PRODUCT, 'Version="3.2.1" UseRecacheReinstall="LowerVersion"'),
      ['true', 'false', 'false'],
    ],
    [
      'a lower one',
      application(PRODUCT, 'Version="3.3" UseRecacheReinstall="LowerVersion"'),
      ['false', 'false', 'true'],
    ],
    [
      'a lower one, never',
      application(PRODUCT, 'Version="3.3" UseRecacheReinstall="Never"'),
      ['true', 'false', 'false'],
    ],
    [
      'a higher one',
      application(PRODUCT, 'Version="3.1" UseRecacheReinstall="LowerVersion"'),
      ['true', 'true', 'false'],
    ],
    [
      'a higher one, any',
      application(PRODUCT, 'Version="3.1" UseRecacheReinstall="AnyVersion"'),
      ['false', 'true', 'true'],
    ],
    ['advertised', application('{0a4b0000-0000-4000-8000-00000000000b}'), ['false', 'false', 'true']],
    ['no metadata', '', ['error', 'error', 'error']],
    ['no code', application('x'), ['error', 'error', 'error']],
  ]);
});

const target = (version: string, comparison = 'Equal', filter = 'MajorMinorUpdate', code = PRODUCT): string =>
  `<TargetProduct MinMsiVersion="1"><TargetProductCode Validate="true">${code}</TargetProductCode>` +
  `<TargetVersion Validate="true" ComparisonType="${comparison}" ComparisonFilter="${filter}">${version}</TargetVersion>` +
  `<TargetLanguage Validate="false">1041</TargetLanguage></TargetProduct>`;
const patch = (code: string, content: string, fallback = ''): string =>
  `<m.MsiPatchMetadata><MsiPatch SchemaVersion="1.0.0.0" PatchGUID="${code}" MinMsiVersion="3" ` +
  `xmlns="http://www.microsoft.com/msi/patch_applicability.xsd">${content}</MsiPatch>${fallback}</m.MsiPatchMetadata>`;

test('an MSI patch is judged by the products it targets', () => {
  check('m.MsiPatch', [
    ['applied', patch(PATCH, target('3.2.1')), ['true', 'false', 'false']],
    ['not applied', patch(NEW_PATCH, target('3.2.1')), ['false', 'false', 'true']],
    ['obsolete by one that is applied', patch(OLD_PATCH, target('3.2.1')), ['false', 'true', 'false']],
    ['another version', patch(NEW_PATCH, target('3.2.2')), ['false', 'false', 'false']],
    [
      'only the major version counts',
      patch(NEW_PATCH, target('3.9.9', 'Equal', 'Major')),
      ['false', 'false', 'true'],
    ],
    ['no version counts', patch(NEW_PATCH, target('9.9.9', 'Equal', 'None')), ['false', 'false', 'true']],
    ['a range', patch(NEW_PATCH, target('3.3', 'LessThan', 'MajorMinor')), ['false', 'false', 'true']],
    ['out of range', patch(NEW_PATCH, target('3.2', 'LessThan', 'MajorMinor')), ['false', 'false', 'false']],
    [
      'another product',
      patch(NEW_PATCH, target('3.2.1', 'Equal', 'Major', ABSENT)),
      ['false', 'false', 'false'],
    ],
    ['two targets', patch(NEW_PATCH, target('9') + target('3.2.1')), ['false', 'false', 'true']],
    [
      'codes only',
      patch(NEW_PATCH, `<TargetProductCode>${PRODUCT}</TargetProductCode>`),
      ['false', 'false', 'true'],
    ],
    [
      'a language of its own',
      patch(NEW_PATCH, target('3.2.1').replace('Validate="false"', 'Validate="true"')),
      ['false', 'false', 'false'],
    ],
    [
      'the full-file patch is applied',
      patch(NEW_PATCH, target('3.2.1'), `<m.FallbackPatchCode>${PATCH}</m.FallbackPatchCode>`),
      ['true', 'false', 'false'],
    ],
    [
      'one of two products has it',
      patch(PATCH, target('3.2.1') + target('1.0', 'Equal', 'Major', ABSENT)),
      ['false', 'false', 'true'],
      {
        products: {
          [PRODUCT]: { version: '3.2.1', patches: [{ patchCode: PATCH }] },
          [ABSENT]: { version: '1.0' },
        },
      },
    ],
    ['no metadata', '', ['error', 'error', 'error']],
    ['no code', patch('x', target('3.2.1')), ['error', 'error', 'error']],
  ]);
});

const assembly = (
  version: string,
  content = '',
  identity = 'name="Oakum-Rollup" processorArchitecture="amd64"',
): string =>
  `<CbsPackageApplicabilityMetadata><assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">` +
  `<assemblyIdentity ${identity} version="${version}" language="neutral" publicKeyToken="0a4b0a4b0a4b0a4b" />` +
  `<package identifier="KB1">${content}<update name="x"><component><assemblyIdentity name="no" version="1.0"/></component></update></package>` +
  `</assembly></CbsPackageApplicabilityMetadata>`;
const parent = (version: string, more = '', language = '*'): string =>
  `<parent integrate="separate" disposition="detect" ${more}><assemblyIdentity name="Oakum-Foundation" ` +
  `version="${version}" processorArchitecture="amd64" language="${language}" publicKeyToken="0a4b0a4b0a4b0a4b" /></parent>`;

test('a CBS package is judged by its own versions and by its parents', () => {
  check('CbsPackage', [
    ['the same version', assembly('20000.500.1.0'), ['true', 'false', 'false']],
    ['a later version', assembly('20000.501.1.0'), ['false', 'false', 'true']],
    ['an earlier version', assembly('20000.499.1.0'), ['false', 'false', 'false']],
    ['the parent is there', assembly('20000.501.1.0', parent('10.0.20000.1')), ['false', 'false', 'true']],
    ['a later parent', assembly('20000.501.1.0', parent('10.0.20000.0')), ['false', 'false', 'true']],
    ['an earlier parent', assembly('20000.501.1.0', parent('10.0.20000.2')), ['false', 'false', 'false']],
    ['another build', assembly('20000.501.1.0', parent('10.0.19000.1')), ['false', 'false', 'false']],
    [
      'at least a build',
      assembly('20000.501.1.0', parent('10.0.19000.1', 'buildCompare="GE"')),
      ['false', 'false', 'true'],
    ],
    [
      'exactly a revision',
      assembly('20000.501.1.0', parent('10.0.20000.0', 'revisionCompare="EQ"')),
      ['false', 'false', 'false'],
    ],
    [
      'one of two parents',
      assembly('20000.501.1.0', parent('9.0.0.1') + parent('10.0.20000.1')),
      ['false', 'false', 'true'],
    ],
    [
      'a parent in another language',
      assembly('20000.501.1.0', parent('10.0.20000.1', '', 'ja-JP')),
      ['false', 'false', 'false'],
    ],
    [
      'another architecture',
      assembly('20000.501.1.0', '', 'name="Oakum-Rollup" processorArchitecture="arm64"'),
      ['false', 'false', 'false'],
    ],
    ['no metadata', '', ['error', 'false', 'error']],
    ['no identity', assembly('new'), ['error', 'false', 'error']],
  ]);
});

interface DriverParts {
  readonly id?: string;
  readonly date?: string;
  readonly version?: string;
  readonly more?: string;
  readonly children?: string;
}

const driver = ({
  id = 'PCI\\VEN_0A4B&amp;DEV_0001',
  date = '2024-01-01',
  version = '1.2.3.4',
  more = 'Class="Net" Provider="Oakum" Manufacturer="Oakum"',
  children = '',
}: DriverParts): string =>
  `<d.WindowsDriverMetaData HardwareID="${id}" DriverVerDate="${date}" DriverVerVersion="${version}" WhqlDriverID="1" ${more} Company="Oakum" Model="x">${children}</d.WindowsDriverMetaData>`;
const score = (value: number): string =>
  `<d.FeatureScore OperatingSystem="AMD64.10.0" FeatureScore="${value}" />`;
const printer = (provider: string, children = ''): string =>
  driver({
    id: 'OAKPRINT\\Plank',
    version: '2.0.0.0',
    more: `Class="Printers" Provider="${provider}" Manufacturer="${provider}"`,
    children,
  });

test('a driver is judged against the one that a device has', () => {
  check('d.WindowsDriver', [
    ['an equal driver', driver({}), ['true', 'false', 'false']],
    ['a higher version', driver({ version: '1.2.3.5' }), ['false', 'false', 'true']],
    ['a lower version', driver({ version: '1.2.3.3' }), ['false', 'true', 'false']],
    [
      'a later date counts before the version',
      driver({ date: '2024-01-02', version: '0.1' }),
      ['false', 'false', 'true'],
    ],
    ['an earlier date', driver({ date: '2023-12-31', version: '9.0' }), ['false', 'true', 'false']],
    [
      'a more specific id counts before the date',
      driver({ id: 'pci\\ven_0a4b&amp;dev_0001&amp;rev_02', date: '2001-01-01' }),
      ['false', 'false', 'true'],
    ],
    ['a less specific id', driver({ id: 'PCI\\VEN_0A4B', date: '2030-01-01' }), ['false', 'true', 'false']],
    [
      'a lower feature score counts before the id',
      driver({ id: 'PCI\\VEN_0A4B', children: score(10) }),
      ['false', 'false', 'true'],
    ],
    ['no device for it', driver({ id: 'PCI\\VEN_FFFF' }), ['false', 'false', 'false']],
    [
      'a device without a driver takes any',
      driver({ id: 'PCI\\VEN_0A4B&amp;DEV_0002', date: '1999-01-01' }),
      ['false', 'false', 'true'],
    ],
    [
      'one device has it, another needs it',
      driver({}) + driver({ id: 'PCI\\VEN_0A4B&amp;DEV_0002' }),
      ['false', 'false', 'true'],
    ],
    [
      'for this computer',
      driver({
        version: '0.1',
        children: `<d.TargetComputerHardwareId>${COMPUTER_IDS[1]}</d.TargetComputerHardwareId>`,
      }),
      ['false', 'false', 'true'],
    ],
    [
      'for another computer',
      driver({
        version: '9.0',
        children: `<d.DistributionComputerHardwareId>${ABSENT}</d.DistributionComputerHardwareId>`,
      }),
      ['false', 'false', 'false'],
    ],
    [
      'a range of versions',
      driver({ version: '9.0', children: '<d.InstalledVersionRange Min="1.0" Max="1.9.9.9" />' }),
      ['false', 'false', 'true'],
    ],
    [
      'out of range',
      driver({ version: '9.0', children: '<d.InstalledVersionRange Min="2.0" />' }),
      ['false', 'false', 'false'],
    ],
    [
      'a range for all of them',
      `${driver({ version: '9.0' })}<d.WindowsDriver OemOnly="false"><d.InstalledVersionRange Max="1.0" /></d.WindowsDriver>`,
      ['false', 'false', 'false'],
    ],
    ['a printer keeps to its provider', printer('Oakum'), ['false', 'false', 'true']],
    ['another provider', printer('Hemp'), ['false', 'false', 'false']],
    [
      'a compatible provider',
      printer('Hemp', '<d.CompatibleProvider>OAKUM</d.CompatibleProvider>'),
      ['false', 'false', 'true'],
    ],
    ['no metadata', '', ['error', 'error', 'error']],
    ['no hardware id', driver({ id: '' }), ['error', 'error', 'error']],
  ]);
});
