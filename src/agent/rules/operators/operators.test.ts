import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  OTHER_PRODUCT,
  PATCH,
  PRODUCT,
  COMPONENT,
  smallMachine,
} from '../../../../test/support/agent-machine.ts';
import { ruleOf, updateIdOf } from '../../../../test/support/core-fragment.ts';
import type { MachineJson } from '../../machine/machine-schema.ts';
import { contextOf } from '../../evaluation/update-state.ts';
import { evaluateRule } from '../evaluate-rule.ts';
import { explainRule } from '../explain-rule.ts';
import type { Trilean } from '../trilean.ts';
import { OPERATORS } from './operators.ts';

/** Attributes (or a whole element), the verdict, and what is special about the machine. */
type Case = readonly [written: string, expected: Trilean, machine?: Partial<MachineJson>];

const HERE = 'Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum"';
const GONE = 'Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Missing"';
const LOOP = 'Key="HKEY_LOOP_TARGET" Subkey="Setup"';
const FOLDER = `${HERE} Value="Folder"`;
const RED = '{0a4b0000-0000-4000-8000-00000000ffff}';

/** Cases of an operator on files: below a known folder, and below a folder that the registry names. */
function fileCases(
  check: readonly (readonly [string, Trilean])[],
): Readonly<Record<'folder' | 'prepended', Case[]>> {
  return {
    folder: [
      ...check.map(([facts, expected]): Case => [`Path="\\oakum.dll" Csidl="37" ${facts}`, expected]),
      [`Path="\\System32\\OAKUM.dll" Csidl="36" ${check[0][0]}`, 'true'],
      [`Path="C:/Windows//System32/oakum.dll" ${check[0][0]}`, 'true'],
      [`Path="missing.dll" Csidl="37" ${check[0][0]}`, 'false'],
      [`Path="oakum.dll" Csidl="99" ${check[0][0]}`, 'false'],
      [`Csidl="37" ${check[0][0]}`, 'error'],
    ],
    prepended: [
      [`Path="\\tool.exe" ${FOLDER} ${check[0][0]}`, 'true', sameTool],
      [`Path="tool.exe" ${HERE} Value="Text" ${check[0][0]}`, 'false'],
      // The string must be a REG_SZ.
      [`Path="tool.exe" ${HERE} Value="Expandable" ${check[0][0]}`, 'false', sameTool],
      [`Path="tool.exe" ${GONE} Value="Folder" ${check[0][0]}`, 'false', sameTool],
      [`Path="tool.exe" ${LOOP} Value="Folder" ${check[0][0]}`, 'error'],
    ],
  };
}

/** The file of the prepended cases is the one of the others. */
const sameTool: Partial<MachineJson> = {
  files: {
    'C:\\Oakum\\tool.exe': {
      version: '5.1.2600.100',
      size: 1234,
      created: '2020-01-01T00:00:00Z',
      modified: '2021-06-01T12:00:00.5Z',
    },
  },
};

const exists = fileCases([
  ['', 'true'],
  ['Version="5.1.2600.100"', 'true'],
  ['Version="5.1.2600.101"', 'false'],
  ['Size="1234"', 'true'],
  ['Size="1235"', 'false'],
  ['Created="2020-01-01T00:00:00.0000000Z"', 'true'],
  ['Created="2020-01-01T00:00:01Z"', 'false'],
  ['Modified="2021-06-01T14:00:00.5+02:00"', 'true'],
  ['Modified="2021-06-01T12:00:00Z"', 'false'],
  ['Language="1031"', 'true'],
  ['Language="1033"', 'false'],
  ['Version="5.1.2600.100" Size="1234" Language="1031"', 'true'],
  ['Version="5.1.2600.100" Size="1" Language="1031"', 'false'],
  ['Size="much"', 'error'],
]);
const version = fileCases([
  ['Comparison="GreaterThanOrEqualTo" Version="5.1.2600.100"', 'true'],
  ['Comparison="GreaterThan" Version="5.1.2600.100"', 'false'],
  ['Comparison="GreaterThan" Version="5.1.2600.99"', 'true'],
  ['Comparison="LessThan" Version="5.1.2600.101"', 'true'],
  ['Comparison="LessThan" Version="5.1.2600.100"', 'false'],
  ['Comparison="LessThanOrEqualTo" Version="5.1.2600.100"', 'true'],
  ['Comparison="equalto" Version="5.1.2600.100"', 'true'],
  ['Comparison="EqualTo" Version="5.1.2600"', 'false'],
  ['Comparison="EqualTo" Version="new"', 'error'],
  ['Version="5.1.2600.100"', 'error'],
]);
const created = fileCases([
  ['Comparison="EqualTo" Created="2020-01-01T00:00:00.0000000Z"', 'true'],
  ['Comparison="LessThan" Created="2020-01-01T00:00:00Z"', 'false'],
  ['Comparison="LessThan" Created="2020-01-01T00:00:00.001Z"', 'true'],
  ['Comparison="EqualTo" Created="2020"', 'error'],
]);
const modified = fileCases([
  ['Comparison="GreaterThan" Modified="2021-06-01T12:00:00"', 'true'],
  ['Comparison="GreaterThan" Modified="2021-06-01T12:00:00.5Z"', 'false'],
  ['Comparison="GreaterThan"', 'error'],
]);
const size = fileCases([
  ['Comparison="LessThanOrEqualTo" Size="1234"', 'true'],
  ['Comparison="LessThanOrEqualTo" Size="1233"', 'false'],
  ['Comparison="Near" Size="1234"', 'error'],
]);

const mui: Partial<MachineJson> = { muiLanguages: ['de-DE', 'pt-BR'] };

const windowsVersion: readonly Case[] = [
  // Without a comparison it is EqualTo.
  ['MajorVersion="10"', 'true'],
  ['MajorVersion="10" MinorVersion="1"', 'false'],
  [
    'Comparison="EqualTo" MajorVersion="10" MinorVersion="0" ServicePackMajor="1" ServicePackMinor="2"',
    'true',
  ],
  // One tuple, the most significant part first.
  ['Comparison="GreaterThan" MajorVersion="6" MinorVersion="3"', 'true'],
  ['Comparison="LessThan" MajorVersion="11" MinorVersion="0"', 'true'],
  ['Comparison="GreaterThanOrEqualTo" MajorVersion="6" MinorVersion="3" ServicePackMajor="9"', 'true'],
  ['Comparison="GreaterThan" MajorVersion="10" MinorVersion="0"', 'false'],
  ['Comparison="GreaterThan" MajorVersion="10" MinorVersion="0" ServicePackMajor="0"', 'true'],
  [
    'Comparison="GreaterThan" MajorVersion="10" MinorVersion="0" ServicePackMajor="1" ServicePackMinor="2"',
    'false',
  ],
  ['Comparison="LessThanOrEqualTo" ServicePackMajor="1"', 'true'],
  ['Comparison="LessThan" ServicePackMajor="1"', 'false'],
  // The build number is a test of its own, not the fifth part.
  ['Comparison="GreaterThanOrEqualTo" BuildNumber="20000"', 'true'],
  ['Comparison="GreaterThan" BuildNumber="20000"', 'false'],
  ['Comparison="GreaterThanOrEqualTo" MajorVersion="6" MinorVersion="3" BuildNumber="20001"', 'false'],
  ['Comparison="LessThan" MajorVersion="10" MinorVersion="0" BuildNumber="30000"', 'false'],
  // The product type is equal or not, whatever the comparison.
  ['Comparison="GreaterThanOrEqualTo" MajorVersion="6" MinorVersion="1" ProductType="1"', 'true'],
  ['Comparison="GreaterThanOrEqualTo" MajorVersion="6" MinorVersion="1" ProductType="0"', 'false'],
  ['ProductType="3"', 'false'],
  ['ProductType="3"', 'true', { productType: 3 }],
  ['ProductType="95"', 'false'],
  // Any suite, or all of them.
  ['SuiteMask="16"', 'true'],
  ['SuiteMask="48"', 'true'],
  ['SuiteMask="32"', 'false'],
  ['AllSuitesMustBePresent="true" SuiteMask="272"', 'true'],
  ['AllSuitesMustBePresent="true" SuiteMask="48"', 'false'],
  ['AllSuitesMustBePresent="false" SuiteMask="48" MajorVersion="9"', 'false'],
  ['MajorVersion="ten"', 'error'],
  ['SuiteMask="65536"', 'error'],
  ['', 'error'],
];
const windowsLanguage: readonly Case[] = [
  ['Language="de"', 'true'],
  ['Language="DE-de"', 'true'],
  ['Language="en"', 'false'],
  ['Language="d"', 'false'],
  ['Language="de-AT"', 'false'],
  ['Language="de"', 'false', mui],
  ['', 'error'],
];

const dataOf = (comparison: string, value: string, data: string): string =>
  `${HERE} Value="${value}" Comparison="${comparison}" Data="${data}"`;
const bounds = (more: string): string => `ProductCode="${PRODUCT}" ${more}`;
const element = (
  name: string,
  attributes: string,
  children: readonly (readonly [string, string])[],
): string =>
  `<${name} ${attributes}>${children.map(([child, text]) => `<m.${child}>${text}</m.${child}>`).join('')}</${name}>`;
const parts = (part: 'Feature' | 'Component', known: string, other: string): readonly Case[] => {
  const name = `m.Msi${part}InstalledForProduct`;
  const both = [
    [part, known],
    [part, other],
  ] as const;
  return [
    [
      element(name, '', [
        [part, known],
        ['Product', PRODUCT],
      ]),
      'true',
    ],
    [
      element(name, '', [
        [part, other],
        ['Product', PRODUCT],
      ]),
      'false',
    ],
    [element(name, '', [...both, ['Product', PRODUCT]]), 'true'],
    [element(name, `All${part}sRequired="true"`, [...both, ['Product', PRODUCT]]), 'false'],
    [
      element(name, '', [
        [part, known],
        ['Product', RED],
        ['Product', PRODUCT.toUpperCase()],
      ]),
      'true',
    ],
    [
      element(name, 'AllProductsRequired="true"', [
        [part, known],
        ['Product', RED],
        ['Product', PRODUCT],
      ]),
      'false',
    ],
    [
      element(name, '', [
        [part, known],
        ['Product', OTHER_PRODUCT],
      ]),
      'false',
    ],
    [element(name, '', [[part, known]]), 'error'],
    [element(name, '', [['Product', PRODUCT]]), 'error'],
    [
      element(name, 'AllProductsRequired="maybe"', [
        [part, known],
        ['Product', PRODUCT],
      ]),
      'error',
    ],
    [
      element(name, '', [
        [part, known],
        ['Product', 'x'],
      ]),
      'error',
    ],
  ];
};

const CASES: Readonly<Record<string, readonly Case[]>> = {
  True: [['', 'true']],
  False: [['', 'false']],
  'b.Platform': [
    ['PlatformID="Windows"', 'true'],
    ['PlatformID="windows"', 'true'],
    ['PlatformID="2"', 'true'],
    ['PlatformID="1"', 'false'],
    ['', 'error'],
  ],
  'b.WindowsVersion': windowsVersion,
  'b.PlatformVersion': windowsVersion,
  'b.WindowsLanguage': windowsLanguage,
  'b.PlatformLanguage': windowsLanguage,
  'b.MuiInstalled': [
    ['', 'false'],
    ['', 'true', mui],
  ],
  'b.MuiLanguageInstalled': [
    ['Language="pt-br"', 'true', mui],
    ['Language="pt"', 'true', mui],
    ['Language="pt-pt"', 'false', mui],
    ['Language="de"', 'false'],
    ['', 'error'],
  ],
  'b.SystemMetric': [
    ['Comparison="EqualTo" Index="86" Value="1"', 'true'],
    ['Comparison="GreaterThan" Index="86" Value="1"', 'false'],
    ['Comparison="EqualTo" Index="87" Value="0"', 'true'],
    ['Comparison="GreaterThan" Index="87" Value="-1"', 'true'],
    ['Comparison="EqualTo" Index="x" Value="0"', 'error'],
    ['Comparison="EqualTo" Index="87"', 'error'],
  ],
  'b.Processor': [
    ['Architecture="9"', 'true'],
    ['Architecture="0"', 'false'],
    ['Architecture="12"', 'true', { architecture: 'arm64' }],
    ['Architecture="9" Level="6" Revision="300"', 'true'],
    ['Architecture="9" Level="5"', 'false'],
    ['Architecture="9" Revision="301"', 'false'],
    ['Level="6"', 'error'],
    ['Architecture="AMD64"', 'error'],
  ],
  'b.NumberOfProcessors': [
    ['Comparison="GreaterThanOrEqualTo" Number="4"', 'true'],
    ['Comparison="GreaterThan" Number="4"', 'false'],
    ['Comparison="LessThan" Number="5"', 'true'],
    ['Number="4"', 'error'],
  ],
  'b.Memory': [
    ['MinSizeInMB="4096" Type="Total"', 'true'],
    ['MinSizeInMB="4097"', 'false'],
    ['', 'error'],
  ],
  'b.ClusteredOS': [['', 'false']],
  'b.ClusterResourceOwner': [
    [`${HERE} Value="Text" Prefix="a" Suffix="b"`, 'false'],
    ['', 'error'],
  ],
  'b.GenericQuery': [
    ['Namespace="a" Type="b" Parameter="c"', 'false'],
    ['Namespace="a" Type="b" Parameter="c" Comparison="EqualTo" Value=""', 'false'],
    ['Namespace="a"', 'error'],
  ],
  'b.Direct3D': [['HardwareVersion="11" FeatureLevelMajor="11" FeatureLevelMinor="0"', 'false']],
  'b.VideoMemory': [['MinSizeInMB="1"', 'false']],
  'b.SensorById': [[`Id="${RED}"`, 'false']],
  'b.NFC': [['Capability="x"', 'false']],
  'b.Camera': [['Location="Front"', 'false']],
  CspQuery: [['LocUri="./x"', 'false']],
  'b.FileExists': exists.folder,
  'b.FileExistsPrependRegSz': exists.prepended,
  'b.FileVersion': version.folder,
  'b.FileVersionPrependRegSz': version.prepended,
  'b.FileCreated': created.folder,
  'b.FileCreatedPrependRegSz': created.prepended,
  'b.FileModified': modified.folder,
  'b.FileModifiedPrependRegSz': modified.prepended,
  'b.FileSize': size.folder,
  'b.FileSizePrependRegSz': size.prepended,
  'b.RegKeyExists': [
    [HERE, 'true'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="\\software\\OAKUM\\"', 'true'],
    // An ancestor of a key is there too.
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum\\Loop\\First"', 'true'],
    [GONE, 'false'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum\\Empty"', 'true'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\Oakum\\Empty" RegType32="true"', 'false'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SOFTWARE\\WOW6432Node\\Oakum"', 'true'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SYSTEM\\Oakum" RegType32="true"', 'true'],
    [LOOP, 'error'],
    ['Key="HKEY_CURRENT_USER" Subkey="SOFTWARE"', 'error'],
    ['Key="HKEY_LOCAL_MACHINE"', 'error'],
  ],
  'b.RegValueExists': [
    [`${HERE} Value="number"`, 'true'],
    [`${HERE} Value="Number" Type="REG_DWORD"`, 'true'],
    [`${HERE} Value="Number" Type="REG_SZ"`, 'false'],
    [`${HERE} Value="Bytes" Type="REG_BINARY"`, 'true'],
    [`${HERE} Value="Words" Type="REG_MULTI_SZ"`, 'true'],
    [`${HERE} Value="Missing"`, 'false'],
    [`${GONE} Value="Number"`, 'false'],
    // Without a name it is the default value.
    [HERE, 'true'],
    [`${HERE} Type="REG_SZ"`, 'true'],
    ['Key="HKEY_LOCAL_MACHINE" Subkey="SYSTEM\\Oakum"', 'false'],
    [`${HERE} Value="Text" RegType32="true"`, 'false'],
    [`${HERE} Type="REG_WORD"`, 'error'],
    [LOOP, 'error'],
  ],
  'b.RegDword': [
    [dataOf('EqualTo', 'Number', '7'), 'true'],
    [dataOf('EqualTo', 'Number', '8'), 'false'],
    [dataOf('LessThan', 'Number', '7'), 'false'],
    [dataOf('LessThanOrEqualTo', 'Number', '7'), 'true'],
    [dataOf('GreaterThan', 'Number', '6'), 'true'],
    [dataOf('GreaterThanOrEqualTo', 'Number', '8'), 'false'],
    [dataOf('GreaterThan', 'Largest', '4294967294'), 'true'],
    [`${dataOf('EqualTo', 'Number', '32')} RegType32="true"`, 'true'],
    [`${dataOf('EqualTo', 'Number', '7')} RegType32="true"`, 'false'],
    [dataOf('EqualTo', 'Missing', '0'), 'false'],
    [dataOf('EqualTo', 'Long', '7'), 'false'],
    [dataOf('EqualTo', 'Text', '0'), 'false'],
    [dataOf('EqualTo', 'Number', '4294967296'), 'error'],
    [dataOf('EqualTo', 'Number', '0x7'), 'error'],
    [`${LOOP} Value="Number" Comparison="EqualTo" Data="7"`, 'error'],
  ],
  'b.RegSz': [
    [dataOf('EqualTo', 'Text', 'tarred FIBRE'), 'true'],
    [dataOf('EqualTo', 'Text', 'Tarred'), 'false'],
    [dataOf('BeginsWith', 'Text', 'tarred'), 'true'],
    [dataOf('BeginsWith', 'Text', 'fibre'), 'false'],
    [dataOf('EndsWith', 'Text', 'Fibre'), 'true'],
    [dataOf('Contains', 'Text', 'red fi'), 'true'],
    [dataOf('Contains', 'Text', ''), 'true'],
    [dataOf('Contains', 'Text', 'x'), 'false'],
    [dataOf('EqualTo', '', '2.5'), 'true'],
    [dataOf('EqualTo', 'Missing', ''), 'false'],
    [dataOf('EqualTo', 'Number', '7'), 'false'],
    [dataOf('BeginsWith', 'Expandable', '%'), 'false'],
    [dataOf('GreaterThan', 'Text', 'a'), 'error'],
    [`${LOOP} Value="a" Comparison="EqualTo" Data="b"`, 'error'],
  ],
  'b.RegExpandSz': [
    [dataOf('BeginsWith', 'Expandable', '%systemroot%'), 'true'],
    [dataOf('EndsWith', 'Expandable', '\\Oakum'), 'true'],
    [dataOf('EqualTo', 'Text', 'Tarred Fibre'), 'false'],
    [dataOf('EqualTo', 'Missing', ''), 'false'],
  ],
  'b.RegSzToVersion': [
    [dataOf('EqualTo', 'Version', '6.3.0.0'), 'true'],
    [dataOf('GreaterThanOrEqualTo', 'Version', '6.3.0.1'), 'false'],
    [dataOf('LessThan', 'Version', '6.10'), 'true'],
    [dataOf('EqualTo', '', '2.5.0.0'), 'true'],
    // What is no version compares with nothing.
    [dataOf('LessThan', 'Text', '99.0.0.0'), 'false'],
    [dataOf('LessThan', 'Number', '99.0.0.0'), 'false'],
    [dataOf('LessThan', 'Missing', '99.0.0.0'), 'false'],
    [dataOf('LessThan', 'Version', 'new'), 'error'],
  ],
  'b.WUv4RegKeyValue': [
    [`${HERE} Value="Text" Data="TARRED fibre"`, 'true'],
    [`${HERE} Value="Number" Data="7"`, 'true'],
    [`${HERE} Data="2.5"`, 'true'],
    [`${HERE} Value="Text" Data="Tarred"`, 'false'],
    [`${HERE} Value="Missing" Data=""`, 'false'],
    [`${LOOP} Data=""`, 'error'],
  ],
  'b.WUv4RegKeySubstring': [
    [`${HERE} Value="Text" Data="FIBRE"`, 'true'],
    [`${HERE} Value="Words" Data="two"`, 'true'],
    [`${HERE} Value="Text" Data="rope"`, 'false'],
    [HERE, 'error'],
  ],
  'b.LicenseValueExists': [
    ['Value="oakum-edition"', 'true'],
    ['Value="Oakum-Year"', 'false'],
    ['', 'error'],
  ],
  'b.LicenseDword': [
    ['Value="Oakum-Edition" Comparison="EqualTo" Data="48"', 'true'],
    ['Value="Oakum-Edition" Comparison="GreaterThan" Data="48"', 'false'],
    ['Value="Oakum-Name" Comparison="GreaterThanOrEqualTo" Data="0"', 'false'],
    ['Value="Oakum-Year" Comparison="GreaterThanOrEqualTo" Data="0"', 'false'],
    ['Value="Oakum-Edition" Comparison="EqualTo" Data="x"', 'error'],
  ],
  'b.WmiQuery': [
    [
      'Namespace="ROOT/CIMv2" WqlQuery="select  * from Win32_ComputerSystem where Manufacturer = &quot;OAKUM&quot;"',
      'true',
    ],
    ['WqlQuery="SELECT * FROM Win32_ComputerSystem WHERE Manufacturer = &quot;Oakum&quot;"', 'true'],
    [
      'Namespace="root\\wmi" WqlQuery="SELECT * FROM Win32_ComputerSystem WHERE Manufacturer = &quot;Oakum&quot;"',
      'false',
    ],
    ['WqlQuery="SELECT * FROM Win32_Battery"', 'false'],
    ['WqlQuery="SELECT * FROM Win32_Fan"', 'false'],
    ['Namespace="root\\wmi"', 'error'],
  ],
  'b.InstalledOnce': [
    ['', 'false'],
    ['', 'true', { installHistory: [updateIdOf(1)] }],
  ],
  'm.MsiProductInstalled': [
    [bounds(''), 'true'],
    [`ProductCode="${PRODUCT.toUpperCase()}"`, 'true'],
    [bounds('VersionMin="3.2.1"'), 'true'],
    [bounds('VersionMin="3.2.1" ExcludeVersionMin="true"'), 'false'],
    [bounds('VersionMin="3.2.1" ExcludeVersionMin="false"'), 'true'],
    [bounds('VersionMin="3.2.2"'), 'false'],
    [bounds('VersionMax="3.2.1.0"'), 'true'],
    [bounds('VersionMax="3.2.1" ExcludeVersionMax="true"'), 'false'],
    [bounds('VersionMax="3.2.0"'), 'false'],
    [bounds('VersionMin="3" VersionMax="4"'), 'true'],
    [bounds('Language="1033"'), 'true'],
    [bounds('Language="1031"'), 'false'],
    [`ProductCode="${RED}"`, 'false'],
    // Advertised is not installed.
    [`ProductCode="${OTHER_PRODUCT}"`, 'false'],
    [
      `ProductCode="${OTHER_PRODUCT}"`,
      'true',
      { products: { [OTHER_PRODUCT]: { version: '1', state: 'source' } } },
    ],
    [
      `ProductCode="${OTHER_PRODUCT}"`,
      'true',
      { products: { [OTHER_PRODUCT]: { version: '1', state: 'default' } } },
    ],
    ['ProductCode="x"', 'error'],
    [bounds('VersionMin="x"'), 'error'],
  ],
  'm.MsiFeatureInstalledForProduct': [
    ...parts('Feature', 'Core', 'Missing'),
    [
      element('m.MsiFeatureInstalledForProduct', '', [
        ['Feature', 'CORE'],
        ['Product', PRODUCT],
      ]),
      'false',
    ],
  ],
  'm.MsiComponentInstalledForProduct': parts('Component', COMPONENT.toUpperCase(), RED),
  'm.MsiPatchInstalledForProduct': [
    [`PatchCode="${PATCH}" ProductCode="${PRODUCT}"`, 'true'],
    [`PatchCode="${RED}" ProductCode="${PRODUCT}"`, 'false'],
    [`PatchCode="${PATCH}" ProductCode="${RED}"`, 'false'],
    [`PatchCode="${PATCH}" ProductCode="${PRODUCT}" VersionMin="4"`, 'false'],
    [`PatchCode="${PATCH}" ProductCode="${PRODUCT}" Language="1033" VersionMax="4"`, 'true'],
    [`ProductCode="${PRODUCT}"`, 'error'],
  ],
  CbsPackageInstalledByIdentity: [
    ['PackageIdentity="Oakum-Foundation~0a4b0a4b0a4b0a4b~amd64~~10.0.20000.1"', 'true'],
    ['PackageIdentity="oakum-foundation~0A4B0a4b0a4b0a4b~AMD64~neutral~10.0.20000.1"', 'true'],
    ['PackageIdentity="Oakum-Foundation~0a4b0a4b0a4b0a4b~amd64~~10.0.20000.2"', 'false'],
    ['PackageIdentity="Oakum-Foundation~0a4b0a4b0a4b0a4b~amd64~de-DE~10.0.20000.1"', 'false'],
    ['PackageIdentity="Oakum-Foundation"', 'error'],
  ],
  ProductReleaseInstalled: [
    ['Name="client.os.oakum.AMD64" Version="10.0.20000.500"', 'true'],
    ['Name="Client.OS.Oakum.amd64" Version="10.0.20000.499"', 'true'],
    ['Name="Client.OS.Oakum.amd64" Version="10.0.20000.501"', 'false'],
    ['Name="Server.OS.Oakum.amd64" Version="0.0.0.0"', 'false'],
    ['Name="Client.OS.Oakum.amd64"', 'error'],
  ],
  ProductReleaseVersion: [
    ['Name="Client.OS.Oakum.amd64" Version="0.0.0.0" Comparison="greaterthan"', 'true'],
    ['Name="Client.OS.Oakum.amd64" Version="10.0.20000.500" Comparison="GreaterThan"', 'false'],
    ['Name="Server.OS.Oakum.amd64" Version="99.0.0.0" Comparison="LessThan"', 'false'],
    ['Name="Client.OS.Oakum.amd64" Version="0.0.0.0" Comparison="above"', 'error'],
  ],
  DeviceAttribute: [
    ['Name="osskuid" Type="String" Comparison="EqualTo" Value="48"', 'true'],
    ['Name="OSSkuId" Value="48"', 'true'],
    ['Name="OSSkuId" Value="4"', 'false'],
    ['Name="Branch" Comparison="BeginsWith" Value="OAK"', 'true'],
    ['Name="Empty" Value=""', 'true'],
    ['Name="Missing" Value=""', 'false'],
    ['Name="OSVersion" Type="Version" Comparison="GreaterThanOrEqualTo" Value="10.0.20000.500"', 'true'],
    ['Name="OSVersion" Type="Version" Comparison="LessThan" Value="10.0.20000.500"', 'false'],
    ['Name="Branch" Type="Version" Comparison="LessThan" Value="99.0"', 'false'],
    ['Name="Missing" Type="Version" Comparison="LessThan" Value="99.0"', 'false'],
    ['Name="OSVersion" Type="Version" Comparison="LessThan" Value="new"', 'error'],
    ['Name="OSVersion" Type="Version" Comparison="Contains" Value="1"', 'error'],
    ['Name="Branch" Comparison="LessThan" Value="x"', 'error'],
    ['Value="48"', 'error'],
  ],
};

// These ask the metadata beside the rules; their cases are in the test of the metadata.
const WITH_METADATA = [...OPERATORS.keys()].filter((name) =>
  /^(m\.Msi(Application|Patch)|CbsPackage|d\.WindowsDriver)(Installed|Superseded|Installable)$/.test(name),
);

test('every operator has its cases', () => {
  assert.deepEqual([...Object.keys(CASES), ...WITH_METADATA].sort(), [...OPERATORS.keys()].sort());
});

for (const [name, cases] of Object.entries(CASES)) {
  test(`${name} is true, false or an error as it should be`, () => {
    for (const [written, expected, machine] of cases) {
      const { rule, update } = ruleOf(written.startsWith('<') ? written : `<${name} ${written}/>`);
      const context = contextOf(update, smallMachine(machine));
      assert.equal(evaluateRule(rule, context), expected, `${written} ${JSON.stringify(machine ?? {})}`);
      // What was found can always be told.
      assert.notEqual(explainRule(rule, context).found ?? '', '', written);
    }
  });
}
