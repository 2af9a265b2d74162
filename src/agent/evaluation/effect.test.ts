import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  COMPONENT,
  OLD_PATCH,
  OTHER_PRODUCT,
  PATCH,
  PRODUCT,
  smallMachine,
} from '../../../test/support/agent-machine.ts';
import { coreUpdate, updateIdOf } from '../../../test/support/core-fragment.ts';
import type { CoreUpdate } from '../rules/core-update.ts';
import { evaluateRule } from '../rules/evaluate-rule.ts';
import { applyPatch } from '../machine/machine-patch.ts';
import { effectOf, effectOfRemoval } from './effect.ts';
import { contextOf, stateByRules } from './update-state.ts';

const K = (subkey: string): string => `Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\${subkey}"`;

/** Makes an update installed and removes it again; says whether each was possible and came true. */
function roundTrip(update: CoreUpdate): { readonly installs: boolean; readonly removes: boolean } {
  const machine = smallMachine();
  const effect = effectOf(update, machine);
  if (effect === undefined) return { installs: false, removes: false };
  const after = applyPatch(machine, effect);
  assert.equal(evaluateRule(update.isInstalled!, contextOf(update, after)), 'true');
  assert.deepEqual(effectOf(update, after), []);
  const removal = effectOfRemoval(update, after);
  if (removal === undefined) return { installs: true, removes: false };
  assert.equal(evaluateRule(update.isInstalled!, contextOf(update, applyPatch(after, removal))), 'false');
  return { installs: true, removes: true };
}

test('facts bring about what a single operator asks for, and take it back', () => {
  for (const xml of [
    `<b.RegKeyExists ${K('New\\Key')}/>`,
    `<b.RegKeyExists ${K('New')} RegType32="true"/>`,
    ...['REG_DWORD', 'REG_SZ', 'REG_BINARY', 'REG_QWORD', 'REG_MULTI_SZ', 'REG_EXPAND_SZ'].map(
      (type) => `<b.RegValueExists ${K('New')} Value="a" Type="${type}"/>`,
    ),
    `<b.RegValueExists ${K('New')}/>`,
    ...['LessThan', 'LessThanOrEqualTo', 'EqualTo', 'GreaterThanOrEqualTo', 'GreaterThan'].flatMap(
      (comparison) => [
        `<b.RegDword ${K('New')} Value="a" Comparison="${comparison}" Data="5"/>`,
        `<b.RegSzToVersion ${K('New')} Value="a" Comparison="${comparison}" Data="5.0.0.0"/>`,
        `<b.FileVersion Path="\\new.dll" Csidl="37" Comparison="${comparison}" Version="1.2.3.4"/>`,
        `<b.FileVersionPrependRegSz Path="new.dll" ${K('New')} Value="Where" Comparison="${comparison}" Version="1.2.3.4"/>`,
        `<b.FileSize Path="C:\\new" Comparison="${comparison}" Size="10"/>`,
        `<b.FileCreated Path="C:\\new" Comparison="${comparison}" Created="2024-01-01T00:00:00Z"/>`,
        `<b.FileModified Path="C:\\new" Comparison="${comparison}" Modified="2024-01-01T00:00:00Z"/>`,
        `<b.LicenseDword Value="New" Comparison="${comparison}" Data="5"/>`,
        `<ProductReleaseVersion Name="New" Version="5.0" Comparison="${comparison}"/>`,
        `<DeviceAttribute Name="OSVersion" Type="Version" Comparison="${comparison}" Value="5.0"/>`,
      ],
    ),
    ...['EqualTo', 'BeginsWith', 'Contains', 'EndsWith'].flatMap((comparison) => [
      `<b.RegSz ${K('New')} Value="a" Comparison="${comparison}" Data="x"/>`,
      `<b.RegExpandSz ${K('New')} Value="a" Comparison="${comparison}" Data="x"/>`,
      `<DeviceAttribute Name="New" Comparison="${comparison}" Value="x"/>`,
    ]),
    '<b.FileExists Path="\\new.dll" Csidl="36" Version="1.0.0.0" Size="5" Language="1031"/>',
    `<b.FileExistsPrependRegSz Path="new.dll" ${K('Oakum')} Value="Folder"/>`,
    `<b.WUv4RegKeyValue ${K('New')} Value="a" Data="x"/>`,
    `<b.WUv4RegKeySubstring ${K('New')} Value="a" Data="x"/>`,
    '<b.LicenseValueExists Value="New"/>',
    '<b.WmiQuery WqlQuery="SELECT * FROM New"/>',
    '<b.InstalledOnce/>',
    '<b.SystemMetric Comparison="EqualTo" Index="87" Value="1"/>',
    `<m.MsiProductInstalled ProductCode="{${updateIdOf(9)}}" VersionMin="1.2" ExcludeVersionMin="true" VersionMax="2" Language="1031"/>`,
    `<m.MsiProductInstalled ProductCode="{${updateIdOf(9)}}" VersionMax="2" ExcludeVersionMax="true"/>`,
    `<m.MsiProductInstalled ProductCode="${OTHER_PRODUCT}"/>`,
    `<m.MsiFeatureInstalledForProduct AllFeaturesRequired="true" AllProductsRequired="true"><m.Feature>A</m.Feature><m.Feature>B</m.Feature><m.Product>${PRODUCT}</m.Product><m.Product>${OTHER_PRODUCT}</m.Product></m.MsiFeatureInstalledForProduct>`,
    `<m.MsiComponentInstalledForProduct><m.Component>${COMPONENT}</m.Component><m.Product>${OTHER_PRODUCT}</m.Product></m.MsiComponentInstalledForProduct>`,
    `<m.MsiPatchInstalledForProduct PatchCode="${OLD_PATCH}" ProductCode="${PRODUCT}"/>`,
    `<m.MsiPatchInstalledForProduct PatchCode="${PATCH}" ProductCode="{${updateIdOf(9)}}" VersionMin="2"/>`,
    '<CbsPackageInstalledByIdentity PackageIdentity="New~t~amd64~~1.0.0.0"/>',
    '<ProductReleaseInstalled Name="Client.OS.Oakum.amd64" Version="10.0.20000.600"/>',
    `<b.RegKeyLoop ${K('New')} TrueIf="Any"><b.RegDword Key="HKEY_LOOP_TARGET" Subkey="" Value="a" Comparison="EqualTo" Data="1"/></b.RegKeyLoop>`,
    `<b.RegKeyLoop ${K('New')} TrueIf="All"><b.RegDword Key="HKEY_LOOP_TARGET" Subkey="b" Value="a" Comparison="EqualTo" Data="1"/></b.RegKeyLoop>`,
    `<b.RegKeyLoop ${K('Oakum\\Loop')} TrueIf="None"><b.RegDword Key="HKEY_LOOP_TARGET" Subkey="Setup" Value="Cluster" Comparison="EqualTo" Data="1"/></b.RegKeyLoop>`,
    `<b.RegKeyLoop ${K('Oakum\\Loop')} TrueIf="All"><b.RegDword Key="HKEY_LOOP_TARGET" Subkey="Setup" Value="Cluster" Comparison="EqualTo" Data="1"/></b.RegKeyLoop>`,
  ]) {
    assert.deepEqual(
      roundTrip(coreUpdate({ id: 1, isInstalled: xml })),
      { installs: true, removes: true },
      xml,
    );
  }
});

test('no facts bring about another operating system', () => {
  for (const xml of [
    '<b.WindowsVersion MajorVersion="11"/>',
    '<b.Processor Architecture="0"/>',
    '<b.WindowsLanguage Language="ja"/>',
    '<False/>',
    '<b.Camera/>',
    '<b.Unheard/>',
    `<b.RegDword Key="HKEY_LOOP_TARGET" Subkey="" Value="a" Comparison="EqualTo" Data="1"/>`,
    `<b.RegDword ${K('New')} Value="a" Comparison="LessThan" Data="0"/>`,
    '<b.FileVersion Path="a" Csidl="99" Comparison="EqualTo" Version="1.0"/>',
    '<CbsPackageInstalled/>',
    '<m.MsiPatchInstalled/>',
    '<m.MsiApplicationInstalled/>',
    '<d.WindowsDriverInstalled/>',
  ]) {
    assert.equal(effectOf(coreUpdate({ id: 1, isInstalled: xml }), smallMachine()), undefined, xml);
  }
  assert.equal(effectOf(coreUpdate({ id: 1 }), smallMachine()), undefined);
});

test('an installation leaves what the handlers of an update leave', () => {
  const machine = smallMachine();
  const cbs =
    '<CbsPackageApplicabilityMetadata><assembly xmlns="urn:schemas-microsoft-com:asm.v3"><assemblyIdentity name="Oakum-Rollup" ' +
    'version="20000.900.1.0" processorArchitecture="amd64" language="neutral" publicKeyToken="0a4b0a4b0a4b0a4b" /></assembly></CbsPackageApplicabilityMetadata>';
  const application = `<m.MsiApplicationMetadata><m.ProductCode Version="4.0" UseRecacheReinstall="LowerVersion">${PRODUCT}</m.ProductCode></m.MsiApplicationMetadata>`;
  const patch =
    `<m.MsiPatchMetadata><MsiPatch PatchGUID="{${updateIdOf(50)}}" xmlns="http://www.microsoft.com/msi/patch_applicability.xsd">` +
    `<TargetProduct><TargetProductCode Validate="true">${PRODUCT}</TargetProductCode></TargetProduct><ObsoletedPatch>${PATCH}</ObsoletedPatch></MsiPatch></m.MsiPatchMetadata>`;
  const driver =
    '<d.WindowsDriverMetaData HardwareID="PCI\\VEN_0A4B&amp;DEV_0001" DriverVerDate="2025-01-01" DriverVerVersion="9.8.7.6" Class="Net" Provider="Oakum" Manufacturer="Oakum">' +
    '<d.FeatureScore OperatingSystem="amd64.10.0" FeatureScore="12" /></d.WindowsDriverMetaData>' +
    '<d.WindowsDriverMetaData HardwareID="PCI\\VEN_0A4B&amp;DEV_0002" DriverVerDate="2025-01-01" DriverVerVersion="9.8.7.6" Class="Net" Provider="Oakum" Manufacturer="Oakum" />';
  for (const [kind, metadata] of [
    ['CbsPackage', cbs],
    ['m.MsiApplication', application],
    ['m.MsiPatch', patch],
    ['d.WindowsDriver', driver],
  ] as const) {
    const update = coreUpdate({
      id: 1,
      isInstalled: `<${kind}Installed/>`,
      isSuperseded: kind === 'CbsPackage' ? '' : `<${kind}Superseded/>`,
      isInstallable: `<${kind}Installable/>`,
      metadata,
    });
    assert.equal(stateByRules(update, machine), 'Needed', kind);
    const effect = effectOf(update, machine);
    assert.ok(effect, kind);
    const after = applyPatch(machine, effect);
    assert.equal(stateByRules(update, after), 'Installed', kind);
    if (kind === 'CbsPackage')
      assert.equal(after.packages.size, machine.packages.size, 'the earlier version is gone');
    if (kind === 'm.MsiPatch') {
      const codes = [...after.products.values()][0].patches.map(({ patchCode }) => patchCode as string);
      assert.deepEqual(codes, [updateIdOf(50)], 'the obsolete patch is gone');
    }
    if (kind !== 'd.WindowsDriver') {
      const removal = effectOfRemoval(update, after);
      assert.equal(stateByRules(update, applyPatch(after, removal!)), 'Needed', `${kind} removed`);
    }
  }
});

test('goals that touch the same fact are brought together', () => {
  const number = (comparison: string, data: number): string =>
    `<b.RegDword ${K('New')} Value="a" Comparison="${comparison}" Data="${data}"/>`;
  const version = (comparison: string, text: string): string =>
    `<b.FileVersion Path="\\a.dll" Csidl="37" Comparison="${comparison}" Version="${text}"/>`;
  for (const xml of [
    `<And>${number('GreaterThanOrEqualTo', 5)}${number('LessThan', 10)}</And>`,
    `<And>${number('LessThan', 10)}${number('GreaterThanOrEqualTo', 9)}</And>`,
    `<And><Not>${number('EqualTo', 5)}</Not>${number('GreaterThanOrEqualTo', 5)}</And>`,
    `<And><Or>${number('EqualTo', 1)}${number('EqualTo', 2)}</Or>${number('EqualTo', 2)}</And>`,
    `<And>${version('GreaterThan', '1.0')}${version('LessThan', '2.0')}<Not><b.FileExists Path="\\b.dll" Csidl="37"/></Not></And>`,
    // Removing the key would take the value with it.
    `<And><Not><b.RegKeyExists ${K('Oakum\\Loop')}/></Not>${number('EqualTo', 5)}<b.RegKeyExists ${K('Oakum')}/></And>`,
    `<Or><b.WindowsVersion MajorVersion="11"/><And><False/></And>${number('EqualTo', 5)}</Or>`,
  ]) {
    assert.ok(roundTrip(coreUpdate({ id: 1, isInstalled: xml })).installs, xml);
  }
  for (const xml of [
    `<And>${number('EqualTo', 5)}${number('EqualTo', 6)}</And>`,
    `<And>${number('EqualTo', 5)}<Not>${number('EqualTo', 5)}</Not></And>`,
  ]) {
    assert.equal(effectOf(coreUpdate({ id: 1, isInstalled: xml }), smallMachine()), undefined, xml);
  }
});

test('a rule about thousands of products is solved without thousands of goals', () => {
  const product = (index: number): string => `<m.MsiProductInstalled ProductCode="{${updateIdOf(index)}}"/>`;
  const products = Array.from({ length: 5000 }, (_, index) => product(index)).join('');
  const isInstalled = `<And><Not><Or>${products}</Or></Not>${product(6000)}</And>`;
  assert.equal(effectOf(coreUpdate({ id: 1, isInstalled }), smallMachine())?.length, 1);
});

type Shape =
  | { readonly kind: 'And' | 'Or' | 'Not'; readonly rules: readonly Shape[] }
  | { readonly kind: 'leaf'; readonly at: number };

const LEAVES: readonly ((unique: number) => string)[] = [
  (unique) => `<b.RegDword ${K(`New${unique}`)} Value="a" Comparison="GreaterThan" Data="${unique}"/>`,
  (unique) => `<b.RegSz ${K(`New${unique}`)} Value="a" Comparison="Contains" Data="x${unique}"/>`,
  (unique) =>
    `<b.RegSzToVersion ${K(`New${unique}`)} Value="a" Comparison="LessThan" Data="1.${unique}.1.1"/>`,
  (unique) => `<b.RegValueExists ${K(`New${unique}`)} Value="a" Type="REG_BINARY"/>`,
  (unique) => `<b.RegKeyExists ${K(`New${unique}`)} RegType32="true"/>`,
  (unique) =>
    `<b.FileVersion Path="\\${unique}.dll" Csidl="37" Comparison="EqualTo" Version="1.2.3.${unique}"/>`,
  (unique) => `<b.FileExists Path="\\${unique}.exe" Csidl="36" Size="7"/>`,
  (unique) =>
    `<b.FileVersionPrependRegSz Path="${unique}.dll" ${K(`Where${unique}`)} Value="a" Comparison="GreaterThanOrEqualTo" Version="4.3.2.1"/>`,
  (unique) => `<m.MsiProductInstalled ProductCode="{${updateIdOf(unique)}}" VersionMin="1.${unique}"/>`,
  (unique) => `<CbsPackageInstalledByIdentity PackageIdentity="New${unique}~t~amd64~~1.0.0.0"/>`,
  (unique) => `<ProductReleaseInstalled Name="New${unique}" Version="1.0.0.${unique}"/>`,
  (unique) => `<DeviceAttribute Name="New${unique}" Comparison="EqualTo" Value="x"/>`,
  (unique) => `<b.LicenseDword Value="New${unique}" Comparison="EqualTo" Data="1"/>`,
];

function write(shape: Shape, unique: () => number): string {
  if (shape.kind === 'leaf') return LEAVES[shape.at](unique());
  return `<${shape.kind}>${shape.rules.map((one) => write(one, unique)).join('')}</${shape.kind}>`;
}

/** Rules of any shape in which every operator asks for another fact: each can be made true and false. */
const solvable: fc.Arbitrary<string> = fc
  .letrec<{ rule: Shape; leaf: Shape }>((tie) => ({
    rule: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      fc.record({
        kind: fc.constantFrom('And' as const, 'Or' as const),
        rules: fc.array(tie('rule'), { minLength: 1, maxLength: 4 }),
      }),
      fc.record({ kind: fc.constant('Not' as const), rules: fc.tuple(tie('rule')) }),
    ),
    leaf: fc.record({ kind: fc.constant('leaf' as const), at: fc.nat(LEAVES.length - 1) }),
  }))
  .rule.map((shape) => {
    let count = 0;
    return write(shape, () => count++);
  });

test('every rule over independent facts can be made true, and false again', () => {
  fc.assert(
    fc.property(solvable, (xml) => {
      assert.deepEqual(roundTrip(coreUpdate({ id: 1, isInstalled: xml })), { installs: true, removes: true });
    }),
    { numRuns: 300 },
  );
});
